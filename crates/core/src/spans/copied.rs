//! What was open in a segment that was copied: of another process, alive or dead.

use std::collections::BTreeMap;

use super::open::{Entry, entry};
use super::ring::first_cell;
use super::slot::{Word, word};
use crate::atomic::Ordering;
use crate::events::slot::SlotCells;
use crate::layout::CELL_BYTES;
use crate::layout::spans::{SPAN_DURATION, SPAN_START, SPANS_PER_BLOCK};
use crate::reader::Bytes;

/// A slot, or an entry of an open table, in a copied block.
struct CopiedSlot<'a> {
    block: &'a Bytes,
    first: u32,
}

impl SlotCells for CopiedSlot<'_> {
    fn load(&self, cell: u32, _order: Ordering) -> u64 {
        self.block.u64((self.first + cell) as usize * CELL_BYTES)
    }
}

fn slots(block: &Bytes) -> impl Iterator<Item = CopiedSlot<'_>> {
    (0..SPANS_PER_BLOCK).map(|index| CopiedSlot { block, first: first_cell(index) })
}

/// What some copied tables hold, by their lanes.
pub(crate) fn open_entries(tables: &BTreeMap<u32, &Bytes>) -> Vec<Entry> {
    let entries = |(lane, block): (&u32, &_)| {
        let lane = *lane;
        slots(block).filter_map(move |slot| entry(&slot, lane)).collect::<Vec<_>>()
    };
    tables.iter().flat_map(|(lane, block)| entries((lane, block))).collect()
}

/// The end of the last span of a copied block of a flight ring; 0 where there is none.
pub(crate) fn last_end_ns(block: &Bytes) -> f64 {
    let number = |slot: &CopiedSlot<'_>, cell| f64::from_bits(slot.load(cell, Ordering::Relaxed));
    slots(block)
        .filter(|slot| matches!(word(slot), Word::Published(_)))
        .map(|slot| number(&slot, SPAN_START) + number(&slot, SPAN_DURATION))
        .filter(|ns| ns.is_finite())
        .fold(0.0, f64::max)
}

/// Frees the entries of a copied table that were written while it was copied: those whose words are
/// others in a copy that was made after it.
pub(crate) fn settle_open(block: &mut Bytes, later: &Bytes) {
    for index in 0..SPANS_PER_BLOCK {
        let word = first_cell(index) as usize * CELL_BYTES;
        if block.u64(word) as u32 != later.u64(word) as u32 {
            block.set_u64(word, 0);
        }
    }
}
