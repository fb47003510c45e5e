//! The desk, as the scribe sees it; [`crate::layout::desk`] draws it.

use std::mem::offset_of;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use crate::atomic::fixed::AtomicU64;
use crate::layout::desk::{
    DESK_AMOUNT, DESK_BYTES, DESK_COMPONENT, DESK_DECISION, DESK_DURATION, DESK_ENTRY, DESK_FLAGS,
    DESK_FLOW, DESK_FORM, DESK_ID, DESK_IDS, DESK_MARKS, DESK_NAME, DESK_OUTCOME, DESK_PARENT,
    DESK_SEQUENCE, DESK_START, DESK_WORD,
};

/// A word of a desk. Atomic so that the compiler loads it as it was stored, by itself.
#[repr(transparent)]
#[derive(Debug, Default)]
pub(super) struct DeskWord(AtomicU32);

impl DeskWord {
    #[inline]
    pub(super) fn get(&self) -> u32 {
        self.0.load(Relaxed)
    }

    #[inline]
    pub(super) fn set(&self, word: u32) {
        self.0.store(word, Relaxed);
    }
}

/// A number of a desk.
#[repr(transparent)]
#[derive(Debug, Default)]
pub(super) struct DeskNumber(AtomicU64);

impl DeskNumber {
    #[inline]
    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }

    #[inline]
    pub(super) fn set(&self, number: f64) {
        self.0.store(number.to_bits(), Relaxed);
    }
}

/// What a thread of JavaScript says of a span. It lives in JavaScript, and is used by its thread
/// alone.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Desk {
    pub(super) entry: DeskWord,
    pub(super) word: DeskWord,
    pub(super) id: DeskWord,
    pub(super) form: DeskWord,
    pub(super) parent: DeskWord,
    pub(super) component: DeskWord,
    pub(super) name: DeskWord,
    pub(super) marks: DeskWord,
    pub(super) flow: DeskWord,
    pub(super) flags: DeskWord,
    pub(super) decision: DeskWord,
    pub(super) outcome: DeskWord,
    pub(super) ids: [DeskWord; 8],
    pub(super) start: DeskNumber,
    pub(super) duration: DeskNumber,
    pub(super) sequence: DeskNumber,
    pub(super) amount: DeskNumber,
}

macro_rules! assert_places {
    ($($field:ident at $place:ident of $bytes:literal bytes;)+) => {
        const _: () = { $(assert!(offset_of!(Desk, $field) == $place as usize * $bytes);)+ };
    };
}

assert_places! {
    entry at DESK_ENTRY of 4 bytes;
    word at DESK_WORD of 4 bytes;
    id at DESK_ID of 4 bytes;
    form at DESK_FORM of 4 bytes;
    parent at DESK_PARENT of 4 bytes;
    component at DESK_COMPONENT of 4 bytes;
    name at DESK_NAME of 4 bytes;
    marks at DESK_MARKS of 4 bytes;
    flow at DESK_FLOW of 4 bytes;
    flags at DESK_FLAGS of 4 bytes;
    decision at DESK_DECISION of 4 bytes;
    outcome at DESK_OUTCOME of 4 bytes;
    ids at DESK_IDS of 4 bytes;
    start at DESK_START of 8 bytes;
    duration at DESK_DURATION of 8 bytes;
    sequence at DESK_SEQUENCE of 8 bytes;
    amount at DESK_AMOUNT of 8 bytes;
}

const _: () = assert!(size_of::<Desk>() == DESK_BYTES as usize);
