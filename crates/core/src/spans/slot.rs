//! One slot: a sequence lock that its lane's thread writes under and any other reads by.
//!
//! ```text
//! word = -1 │ fence │ fields, then the slots of its text │ word = n (Release)
//! ```
//!
//! A lane uses a word again after 2^31 spans only, so one that is the same before and after a copy
//! says that the copy is whole. The writers are `src/trace/flight.ts` and [`super::scribe`]; the tests
//! have one more, with the orderings that the protocol needs and no more.

use super::record::Record;
use crate::atomic::Ordering::{self, Acquire, Relaxed, Release};
use crate::atomic::fence;
use crate::events::slot::SlotCells;
use crate::layout::spans::{
    FATE_KEPT, MOST_TEXT_SLOTS, SPAN_CELLS, SPAN_TEXT_BYTES, SPAN_TEXT_SLOTS, SPAN_WRITING,
    TEXT_SLOT_BYTES,
};

/// Slots used in turn.
pub(crate) trait Ring {
    type Slot<'a>: SlotCells
    where
        Self: 'a;

    /// How many there are.
    fn slots(&self) -> u32;

    /// One of them.
    fn slot(&self, index: u32) -> Self::Slot<'_>;
}

/// What a slot's word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// It was never used, and so was none behind it in its ring.
    Unused,
    /// It is being written, or it is text.
    NoSpan,
    /// It holds the span of that word.
    Published(u32),
}

/// Takes a slot: stores its cell 0, after which the others may be stored.
#[inline]
pub(crate) fn begin(store: impl FnOnce(u64, Ordering)) {
    store(u64::from(SPAN_WRITING as u32) | u64::from(FATE_KEPT) << 32, Relaxed);
    // Pairs with the Acquire fence in `copy`.
    fence(Release);
}

/// Shows the span of that word: stores the slot's cell 0, when all others have been stored.
#[inline]
pub(crate) fn publish(word: u32, store: impl FnOnce(u64, Ordering)) {
    // Pairs with the Acquire load in `word`.
    store(u64::from(word) | u64::from(FATE_KEPT) << 32, Release);
}

/// What the slot's word says now.
pub(crate) fn word(slot: &impl SlotCells) -> Word {
    // Pairs with the store that publishes, for `copy`: what that reads is as new as the word, or
    // newer.
    match slot.load(0, Acquire) as u32 {
        0 => Word::Unused,
        word if word <= i32::MAX as u32 => Word::Published(word),
        _ => Word::NoSpan,
    }
}

/// The span of that word, which [`word`] has told of; `None` when it is not there any more.
pub(crate) fn copy<R: Ring>(ring: &R, index: u32, word: u32) -> Option<Record> {
    let slot = ring.slot(index);
    let mut cells = [0; SPAN_CELLS as usize];
    for (cell, bits) in (0..).zip(&mut cells) {
        *bits = slot.load(cell, Relaxed);
    }
    let mut record = Record { cells, text: Box::default() };
    let text_slots = record.word(SPAN_TEXT_SLOTS).min(MOST_TEXT_SLOTS).min(ring.slots() - 1);
    let bytes = record.word(SPAN_TEXT_BYTES).min(text_slots * TEXT_SLOT_BYTES) as usize;
    if bytes > 0 {
        let mut text = Vec::with_capacity((text_slots * TEXT_SLOT_BYTES) as usize);
        for after in 1..=text_slots {
            append_text(&ring.slot((index + after) % ring.slots()), &mut text);
        }
        text.truncate(bytes);
        record.text = text.into_boxed_slice();
    }
    // Pairs with the fence after the store of -1, which comes before the text of the span before is
    // overwritten, too: if a cell was newer, so is the word.
    fence(Acquire);
    (slot.load(0, Relaxed) as u32 == word).then_some(record)
}

/// The text of one slot: all but its word.
fn append_text(slot: &impl SlotCells, text: &mut Vec<u8>) {
    text.extend_from_slice(&slot.load(0, Relaxed).to_le_bytes()[4..]);
    for cell in 1..SPAN_CELLS {
        text.extend_from_slice(&slot.load(cell, Relaxed).to_le_bytes());
    }
}

/// The spans that are in a ring now, in no order, their slots before them.
pub(crate) fn spans<R: Ring>(ring: &R) -> impl Iterator<Item = Record> {
    let words = (0..ring.slots()).map(|index| (index, word(&ring.slot(index))));
    words.take_while(|(_, word)| *word != Word::Unused).filter_map(|(index, word)| match word {
        Word::Published(word) => copy(ring, index, word),
        _ => None,
    })
}
