//! A writer of events in Rust, for tests: the protocol of `src/events/ring.ts` with the orderings
//! that it needs and no more. JavaScript has none so weak.

use super::ring::Ring;
use super::slot::SlotCells;
use crate::atomic::Ordering::{self, Relaxed, Release};
use crate::atomic::{AtomicU64, fence};
use crate::layout::{EVENT_AT, EVENT_LENGTH, EVENT_OPEN, EVENT_OPENED_AT, EVENT_TEXT, EVENT_WORD};

/// The most cells of a text here.
const TEXT_CELLS: u32 = 10;

/// A slot in memory that loom can watch.
#[derive(Debug)]
pub(crate) struct TestSlot {
    cells: Vec<AtomicU64>,
}

impl TestSlot {
    pub(crate) fn new() -> TestSlot {
        TestSlot { cells: (0..EVENT_TEXT + TEXT_CELLS).map(|_| AtomicU64::new(0)).collect() }
    }

    fn store(&self, cell: u32, bits: u64, order: Ordering) {
        self.cells[cell as usize].store(bits, order);
    }

    /// Takes the slot for an event.
    pub(crate) fn open(&self, at_ms: f64, text: &str) {
        self.store(EVENT_OPENED_AT, at_ms.to_bits(), Relaxed);
        // Pairs with the Acquire load in `slot::word`: when the slot was opened is seen.
        self.store(EVENT_WORD, EVENT_OPEN as u64, Release);
        // Pairs with the Acquire fence in `slot::copy`.
        fence(Release);
        self.store(EVENT_AT, at_ms.to_bits(), Relaxed);
        self.store(EVENT_LENGTH, (text.len() as f64).to_bits(), Relaxed);
        for (cell, bytes) in (EVENT_TEXT..).zip(text.as_bytes().chunks(8)) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.store(cell, u64::from_le_bytes(word), Relaxed);
        }
    }

    /// Takes the next number.
    pub(crate) fn claim(sequence: &AtomicU64) -> u64 {
        // The fence in `open` is before it; it pairs with the Acquire load in `slot::claimed`.
        sequence.fetch_add(1, Relaxed) + 1
    }

    /// Ends it.
    pub(crate) fn publish(&self, number: u64) {
        // Pairs with the Acquire load in `slot::word`.
        self.store(EVENT_WORD, number, Release);
    }
}

impl SlotCells for &TestSlot {
    fn load(&self, cell: u32, order: Ordering) -> u64 {
        self.cells[cell as usize].load(order)
    }
}

/// A ring so short that it overwrites.
#[derive(Debug)]
pub(crate) struct TestRing<const SLOTS: u32> {
    pub slots: Vec<TestSlot>,
    pub is_live: bool,
}

impl<const SLOTS: u32> TestRing<SLOTS> {
    pub(crate) fn new() -> TestRing<SLOTS> {
        TestRing { slots: (0..SLOTS).map(|_| TestSlot::new()).collect(), is_live: true }
    }

    /// The slot of the event that so many were written before.
    #[cfg(not(loom))]
    pub(crate) fn slot_after(&self, written: u64) -> &TestSlot {
        &self.slots[(written % u64::from(SLOTS)) as usize]
    }
}

impl<const SLOTS: u32> Ring for &TestRing<SLOTS> {
    const SLOTS: u32 = SLOTS;

    type Slot<'a>
        = &'a TestSlot
    where
        Self: 'a;

    fn is_live(&self) -> bool {
        self.is_live
    }

    fn slot(&self, index: u32) -> &TestSlot {
        &self.slots[index as usize]
    }
}

/// The text of an event of that name.
pub(crate) fn text(name: &str) -> String {
    format!(r#"{{"name":"{name}","kind":"error","level":"production","attributes":{{}}}}"#)
}
