//! The schema: what is in a segment, written into it, append-only, so that it explains itself.
//!
//! A stream of JSON lines through the segment's schema blocks, in order. A line is complete once
//! the header's count of bytes includes it; what a killed process left half-written is not.
//!
//! Series that come and go would fill it in time. A stream of which much is out of date is written
//! anew, as the next *generation*, into other blocks, and one store of the header's word makes the
//! new one count; the blocks of the old one serve the generation after.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::definition::Definition;
use crate::error::FileError;
use crate::layout::{BLOCK_BYTES, BLOCK_PAYLOAD, KIND_SCHEMA};
use crate::segment::{Purpose, Segment};

/// The most bytes of a schema: it is what bounds the memory that label values take.
pub(crate) const MAX_SCHEMA_BYTES: usize = 16 << 20;

/// A shorter stream is not worth writing anew.
const STALE_BYTES: usize = 1 << 20;

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
    generation: u16,
    blocks: Vec<Block>,
    /// Blocks of the generation before.
    spare: Vec<Block>,
    bytes: usize,
    /// How long the stream was when its generation began.
    bytes_when_new: usize,
}

/// Bytes of the stream in one block.
const PAYLOAD_BYTES: usize = BLOCK_BYTES - BLOCK_PAYLOAD;

impl SchemaLog {
    pub(crate) fn new() -> SchemaLog {
        let (blocks, spare) = (Vec::new(), Vec::new());
        SchemaLog { generation: 0, blocks, spare, bytes: 0, bytes_when_new: 0 }
    }

    /// Whether a line of that many bytes still fits, its JSON included.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        // A byte of a string is at most six in JSON (`\u0000`); 256 for the rest of a line.
        self.bytes + bytes * 6 + 256 <= MAX_SCHEMA_BYTES
    }

    /// Whether writing it anew would pay: it has doubled since that was done last.
    pub(crate) fn is_stale(&self) -> bool {
        self.bytes >= STALE_BYTES.max(2 * self.bytes_when_new)
    }

    /// Begins the next generation with these lines, all that is true now.
    pub(crate) fn renew(&mut self, segment: &Segment, lines: &[Record]) -> Option<FileError> {
        let old = std::mem::take(&mut self.blocks);
        let generation = self.generation.wrapping_add(1);
        (self.generation, self.bytes) = (generation, 0);
        let refused =
            lines.iter().fold(None, |refused, record| refused.or(self.write(segment, record)));
        segment.set_schema(generation, self.bytes as u64);
        self.bytes_when_new = self.bytes;
        self.spare.extend(old);
        refused
    }

    /// Adds a line. The error is that of the file, the first time that it cannot grow.
    pub(crate) fn append(&mut self, segment: &Segment, record: &Record) -> Option<FileError> {
        let refused = self.write(segment, record);
        segment.set_schema(self.generation, self.bytes as u64);
        refused
    }

    fn write(&mut self, segment: &Segment, record: &Record) -> Option<FileError> {
        let mut line = serde_json::to_vec(record).unwrap_or_default();
        line.push(b'\n');
        if segment.path().is_none() {
            // Nobody could read it; but what it says takes as much of this process's memory.
            self.bytes += line.len();
            return None;
        }
        let mut refused = None;
        let mut rest = &line[..];
        let mut at = self.bytes;
        while !rest.is_empty() {
            if at == self.blocks.len() * PAYLOAD_BYTES {
                let (block, error) = self.next_block(segment);
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
        refused
    }

    fn next_block(&mut self, segment: &Segment) -> (Option<Block>, Option<FileError>) {
        let number = self.blocks.len() as u32;
        let purpose = Purpose { kind: KIND_SCHEMA, lane: u32::from(self.generation), number };
        match self.spare.pop() {
            Some(block) => {
                segment.dedicate(&block, purpose);
                (Some(block), None)
            }
            None => segment.add_block(purpose),
        }
    }
}
