//! A ring in blocks that were copied out of the segment of another process.

use super::ring::{Ring, place};
use super::slot::SlotCells;
use crate::atomic::Ordering;
use crate::layout::{CELL_BYTES, EVENT_OPEN, EVENT_SLOTS_PER_BLOCK, EVENT_WORD};
use crate::reader::Bytes;

/// The ring of one lane of a copied segment.
pub(crate) struct CopiedRing<'a> {
    /// Those of its blocks that are in the file; the others' slots read as unused.
    pub blocks: Vec<Option<&'a Bytes>>,
    pub is_live: bool,
}

impl Ring for CopiedRing<'_> {
    type Slot<'a>
        = CopiedSlot<'a>
    where
        Self: 'a;

    fn is_live(&self) -> bool {
        self.is_live
    }

    fn slot(&self, index: u32) -> CopiedSlot<'_> {
        let (block, first) = place(index);
        CopiedSlot { block: self.blocks.get(block).copied().flatten(), first }
    }
}

/// A slot of a copied ring.
pub(crate) struct CopiedSlot<'a> {
    block: Option<&'a Bytes>,
    first: u32,
}

impl SlotCells for CopiedSlot<'_> {
    fn load(&self, cell: u32, _order: Ordering) -> u64 {
        self.block.map_or(0, |block| block.u64((self.first + cell) as usize * CELL_BYTES))
    }
}

/// Empties the slots of a copied block that were written while it was copied: those whose words are
/// others in a copy that was made after it.
pub(crate) fn settle(block: &mut Bytes, later: &Bytes) {
    for slot in 0..EVENT_SLOTS_PER_BLOCK {
        let (_, first) = place(slot);
        let word = (first + EVENT_WORD) as usize * CELL_BYTES;
        if block.u64(word) != later.u64(word) {
            block.set_u64(word, EVENT_OPEN as u64);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::events::slot::{Word, word};
    use crate::layout::BLOCK_BYTES;

    #[test]
    fn a_slot_that_was_written_meanwhile_is_not_read() {
        let copied = |words: [i64; 4]| {
            let mut block = Bytes::new(vec![0; BLOCK_BYTES]);
            for (slot, word) in (0..).zip(words) {
                let (_, first) = place(slot);
                block.set_u64((first + EVENT_WORD) as usize * CELL_BYTES, word as u64);
            }
            block
        };
        let mut block = copied([7, 8, 9, 0]);
        settle(&mut block, &copied([7, EVENT_OPEN, 10, 11]));
        let ring = CopiedRing { blocks: vec![Some(&block), None, None, None], is_live: true };
        let words = [0, 1, 2, 3, 4, 127].map(|slot| word(&ring.slot(slot)));
        let (open, unused) = (Word::Open, Word::Unused);
        assert_eq!(words, [Word::Published(7), open, open, open, unused, unused]);
    }
}
