//! The schema: what is in a segment, written into it, append-only, so that it explains itself.
//!
//! A stream of JSON lines through the segment's schema blocks, in order. A line is complete once
//! the header's count of bytes includes it; what a killed process left half-written is not.
//!
//! ```text
//! {"family":{"definition":{…},…}}   a record
//! "A-1"                             a label value; they are numbered in the order of these lines
//! [5,8213,0,17]                     a series: its family, its position, its label values' numbers
//! ```
//!
//! Label values have lines of their own because series share them: 10,000 series of three labels
//! take 0.2 MB so, and 0.8 MB with their values spelled out.
//!
//! Series that come and go would fill it in time. A stream of which much is out of date is written
//! anew, as the next *generation*, into other blocks, and one store of the header's word makes the
//! new one count; the blocks of the old one serve the generation after.

use std::collections::HashMap;
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
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Line {
    /// The next label value.
    Value(Arc<str>),
    /// A series: family, position, and for each label the number of its value.
    Series(Vec<u32>),
    /// Anything else.
    Record(Record),
}

/// What is said once.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// A series that is no more; its cells may serve another.
    Removed { family: u32, position: u32 },
    /// A text that spans name by its number. They are numbered from 1, in the order of these lines.
    Text(Arc<str>),
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
    /// The numbers of the label values that this generation has.
    values: HashMap<Arc<str>, u32>,
    /// The file could not grow: it explains what it has, and nothing that is new.
    is_cut_off: bool,
}

/// Bytes of the stream in one block.
const PAYLOAD_BYTES: usize = BLOCK_BYTES - BLOCK_PAYLOAD;

impl SchemaLog {
    pub(crate) fn new() -> SchemaLog {
        SchemaLog {
            generation: 0,
            blocks: Vec::new(),
            spare: Vec::new(),
            bytes: 0,
            bytes_when_new: 0,
            values: HashMap::new(),
            is_cut_off: false,
        }
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

    /// Begins the next generation; `describe` adds all that is true now.
    pub(crate) fn renew(
        &mut self,
        segment: &Segment,
        describe: impl FnOnce(&mut SchemaLog) -> Option<FileError>,
    ) -> Option<FileError> {
        let old = std::mem::take(&mut self.blocks);
        self.generation = self.generation.wrapping_add(1);
        self.bytes = 0;
        self.values.clear();
        let refused = describe(self);
        self.bytes_when_new = self.bytes;
        self.publish(segment);
        self.spare.extend(old);
        refused
    }

    /// Lets readers see what has been added.
    pub(crate) fn publish(&self, segment: &Segment) {
        if !self.is_cut_off {
            segment.set_schema(self.generation, self.bytes as u64);
        }
    }

    /// Adds a series, and those of its label values that are new. The error, here and below, is
    /// that of the file, the first time that it cannot grow.
    pub(crate) fn add_series(
        &mut self,
        segment: &Segment,
        family: u32,
        position: u32,
        values: &[Arc<str>],
    ) -> Option<FileError> {
        let mut refused = None;
        let mut line = vec![family, position];
        for value in values {
            let next = self.values.len() as u32;
            let number = *self.values.entry(Arc::clone(value)).or_insert(next);
            if number == next {
                refused = refused.or(self.write(segment, &Line::Value(Arc::clone(value))));
            }
            line.push(number);
        }
        refused.or(self.write(segment, &Line::Series(line)))
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, segment: &Segment, record: &Record) -> Option<FileError> {
        self.write(segment, &Line::Record(record.clone()))
    }

    fn write(&mut self, segment: &Segment, line: &Line) -> Option<FileError> {
        let mut line = serde_json::to_vec(line).unwrap_or_default();
        line.push(b'\n');
        let start = self.bytes;
        // Where nobody can read it, what it says takes as much of this process's memory.
        self.bytes += line.len();
        if segment.path().is_none() || self.is_cut_off {
            return None;
        }
        let mut rest = &line[..];
        let mut at = start;
        while !rest.is_empty() {
            if at == self.blocks.len() * PAYLOAD_BYTES {
                match self.next_block(segment) {
                    Ok(block) => self.blocks.push(block),
                    Err(refused) => {
                        self.is_cut_off = true;
                        return refused;
                    }
                }
            }
            let offset = at % PAYLOAD_BYTES;
            let (now, later) = rest.split_at(rest.len().min(PAYLOAD_BYTES - offset));
            self.blocks[at / PAYLOAD_BYTES].write(BLOCK_PAYLOAD + offset, now);
            at += now.len();
            rest = later;
        }
        None
    }

    fn next_block(&mut self, segment: &Segment) -> Result<Block, Option<FileError>> {
        let number = self.blocks.len() as u32;
        let purpose = Purpose { kind: KIND_SCHEMA, lane: u32::from(self.generation), number };
        match self.spare.pop() {
            Some(block) => {
                segment.dedicate(&block, purpose);
                Ok(block)
            }
            None => segment.add_file_block(purpose),
        }
    }
}
