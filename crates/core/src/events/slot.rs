//! One slot: a sequence lock that its lane's thread writes under and any other reads by.
//!
//! The writer opens the slot, writes it, takes a number, and publishes the slot with it:
//!
//! ```text
//! word = -1 │ fence │ time, length, text │ number = ++header │ word = number (Release)
//! ```
//!
//! The numbers are never used twice, so a word that is the same before and after a copy says that
//! the copy is whole. The writer in JavaScript is `src/events/ring.ts`; the tests have one in Rust
//! with the orderings that the protocol needs and no more.

use crate::atomic::Ordering::{self, Acquire, Relaxed};
use crate::atomic::fence;
use crate::layout::{
    CELL_BYTES, EVENT_AT, EVENT_LENGTH, EVENT_OPENED_AT, EVENT_TEXT, EVENT_TEXT_BYTES, EVENT_WORD,
};

/// The cells of one slot.
pub(crate) trait SlotCells {
    /// Loads a cell of the slot.
    fn load(&self, cell: u32, order: Ordering) -> u64;
}

/// What a slot's word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// It was never used, and so was none behind it in its ring.
    Unused,
    /// It is being written; the event that was in it is gone.
    Open,
    /// It holds the event of that number.
    Published(u64),
}

/// What was in a slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copied {
    pub at_ms: f64,
    pub text: Vec<u8>,
}

/// How many events have been given a number, by the header's word.
pub(crate) fn claimed(header: impl Fn(Ordering) -> u64) -> u64 {
    // Pairs with the additions of the writers: that their slots are open is seen.
    header(Acquire)
}

/// What the slot's word says now.
pub(crate) fn word(slot: &impl SlotCells) -> Word {
    // Pairs with the stores that publish, for `copy`, and open, for `opened_at_ms`: what these read
    // is as new as the word, or newer.
    match slot.load(EVENT_WORD, Acquire) as i64 {
        0 => Word::Unused,
        // Anything below 0 is what a damaged file may hold.
        number if number > 0 => Word::Published(number as u64),
        _ => Word::Open,
    }
}

/// When an open slot was opened, Unix milliseconds.
pub(crate) fn opened_at_ms(slot: &impl SlotCells) -> f64 {
    f64::from_bits(slot.load(EVENT_OPENED_AT, Relaxed))
}

/// The event of that number, which [`word`] has told of; `None` when it is not there any more.
pub(crate) fn copy(slot: &impl SlotCells, number: u64) -> Option<Copied> {
    let at_ms = f64::from_bits(slot.load(EVENT_AT, Relaxed));
    let length = f64::from_bits(slot.load(EVENT_LENGTH, Relaxed)) as usize;
    let length = length.min(EVENT_TEXT_BYTES);
    let cells = (0..length.div_ceil(CELL_BYTES) as u32)
        .flat_map(|cell| slot.load(EVENT_TEXT + cell, Relaxed).to_le_bytes());
    let mut text: Vec<u8> = cells.collect();
    text.truncate(length);
    // Pairs with the fence after the store that opens: if a cell was newer, so is the word.
    fence(Acquire);
    (slot.load(EVENT_WORD, Relaxed) == number).then_some(Copied { at_ms, text })
}
