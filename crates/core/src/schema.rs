//! The schema: what is in a segment, written into it, append-only, so that it explains itself.
//!
//! A stream of JSON lines through the segment's schema blocks, in order. A line is complete once
//! the header's count of bytes includes it; what a killed process left half-written is not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::definition::Definition;
use crate::error::FileError;
use crate::layout::{BLOCK_BYTES, BLOCK_PAYLOAD, KIND_SCHEMA};
use crate::segment::{Purpose, Segment};

/// The most bytes of a schema: it is what bounds the memory that label values take.
pub(crate) const MAX_SCHEMA_BYTES: usize = 16 << 20;

/// One line of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Record {
    /// Who records; the first line.
    Service { name: String, resource: Vec<(String, String)> },
    /// A metric. Families are numbered in the order of these lines.
    Family {
        definition: Arc<Definition>,
        /// Whether its cells are in the native lane.
        native: bool,
        /// Of the overflow series; `None` where there are no labels.
        overflow: Option<u32>,
    },
    /// A series of a family and where it is; without labels, one of no values.
    Series { family: u32, values: Arc<[Arc<str>]>, position: u32 },
    /// A series that is no more; its cells may serve another.
    Removed { family: u32, position: u32 },
    /// A reserved metric that has been switched on.
    Enabled { family: u32 },
}

/// The end of the stream, where lines are added.
#[derive(Debug)]
pub(crate) struct SchemaLog {
    blocks: Vec<Block>,
    bytes: usize,
}

/// Bytes of the stream in one block.
const PAYLOAD_BYTES: usize = BLOCK_BYTES - BLOCK_PAYLOAD;

impl SchemaLog {
    pub(crate) fn new() -> SchemaLog {
        SchemaLog { blocks: Vec::new(), bytes: 0 }
    }

    /// Whether a line of that many bytes still fits, its JSON included.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        // A byte of a string is at most six in JSON (`\u0000`); 256 for the rest of a line.
        self.bytes + bytes * 6 + 256 <= MAX_SCHEMA_BYTES
    }

    /// Adds a line. The error is that of the file, the first time that it cannot grow.
    pub(crate) fn append(&mut self, segment: &Segment, record: &Record) -> Option<FileError> {
        let mut line = serde_json::to_vec(record).unwrap_or_default();
        line.push(b'\n');
        let mut refused = None;
        let mut rest = &line[..];
        let mut at = self.bytes;
        while !rest.is_empty() {
            if at == self.blocks.len() * PAYLOAD_BYTES {
                let number = self.blocks.len() as u32;
                let purpose = Purpose { kind: KIND_SCHEMA, lane: 0, number };
                let (block, error) = segment.add_block(purpose);
                refused = refused.or(error);
                let Some(block) = block else { return refused };
                self.blocks.push(block);
            }
            let offset = at % PAYLOAD_BYTES;
            let (now, later) = rest.split_at(rest.len().min(PAYLOAD_BYTES - offset));
            self.blocks[at / PAYLOAD_BYTES].write(BLOCK_PAYLOAD + offset, now);
            at += now.len();
            rest = later;
        }
        self.bytes = at;
        segment.set_schema_bytes(at as u64);
        refused
    }
}
