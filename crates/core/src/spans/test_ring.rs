//! Rings in memory that loom can watch, so short that they overwrite; and mapped ones, written.

use super::export::ExportRing;
use super::ring::{MappedRing, first_cell};
use super::slot::Ring;
use super::writer::{WriteExports, WriteRing};
use crate::atomic::AtomicU64;
use crate::atomic::Ordering;
use crate::atomic::fixed::AtomicU64 as AtomicBits;
use crate::events::slot::SlotCells;
use crate::layout::spans::{EXPORT_HEAD, SPAN_CELLS, SPANS_PER_BLOCK};

/// A slot. Loom looks at every order in which every cell may be seen: of the cells that a test does
/// not ask for, it has none.
#[derive(Debug)]
pub(crate) struct TestSlot {
    cells: Vec<Option<AtomicU64>>,
}

impl TestSlot {
    pub(crate) fn with(cells: &[u32]) -> TestSlot {
        let cell = |cell| cells.contains(&cell).then(|| AtomicU64::new(0));
        TestSlot { cells: (0..SPAN_CELLS).map(cell).collect() }
    }

    pub(crate) fn store(&self, cell: u32, bits: u64, order: Ordering) {
        if let Some(cell) = &self.cells[cell as usize] {
            cell.store(bits, order);
        }
    }
}

impl SlotCells for &TestSlot {
    fn load(&self, cell: u32, order: Ordering) -> u64 {
        self.cells[cell as usize].as_ref().map_or(0, |cell| cell.load(order))
    }
}

/// A ring of them, with a head and a tail.
#[derive(Debug)]
pub(crate) struct TestRing {
    pub slots: Vec<TestSlot>,
    head: AtomicU64,
    tail: AtomicU64,
    /// The same, for the reader, which does not read back what loom watches.
    taken: AtomicBits,
}

impl TestRing {
    /// A ring whose slots have these cells.
    pub(crate) fn with(slots: u32, cells: &[u32]) -> TestRing {
        let slots = (0..slots).map(|_| TestSlot::with(cells)).collect();
        let taken = AtomicBits::new(0);
        TestRing { slots, head: AtomicU64::new(0), tail: AtomicU64::new(0), taken }
    }

    #[cfg(not(loom))]
    pub(crate) fn new(slots: u32) -> TestRing {
        TestRing::with(slots, &std::array::from_fn::<u32, { SPAN_CELLS as usize }, _>(|i| i as u32))
    }
}

impl Ring for &TestRing {
    type Slot<'a>
        = &'a TestSlot
    where
        Self: 'a;

    fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    fn slot(&self, index: u32) -> &TestSlot {
        &self.slots[index as usize]
    }
}

impl WriteRing for &TestRing {
    fn store(&self, slot: u32, cell: u32, bits: u64, order: Ordering) {
        self.slots[slot as usize].store(cell, bits, order);
    }
}

impl ExportRing for &TestRing {
    fn head(&self, order: Ordering) -> f64 {
        f64::from_bits(self.head.load(order))
    }

    fn tail(&self, order: Ordering) -> f64 {
        f64::from_bits(self.taken.load(order))
    }

    fn set_tail(&self, slots: f64, order: Ordering) {
        self.taken.store(slots.to_bits(), order);
        self.tail.store(slots.to_bits(), order);
    }
}

impl WriteExports for &TestRing {
    fn read(&self, order: Ordering) -> f64 {
        f64::from_bits(self.tail.load(order))
    }

    fn set_head(&self, slots: f64, order: Ordering) {
        self.head.store(slots.to_bits(), order);
    }
}

impl WriteRing for MappedRing<'_> {
    fn store(&self, slot: u32, cell: u32, bits: u64, order: Ordering) {
        let block = &self.0[(slot / SPANS_PER_BLOCK) as usize];
        block.cell(first_cell(slot) + cell).store(bits, order);
    }
}

impl WriteExports for MappedRing<'_> {
    fn read(&self, order: Ordering) -> f64 {
        self.tail(order)
    }

    fn set_head(&self, slots: f64, order: Ordering) {
        self.0[0].cell(EXPORT_HEAD).store(slots.to_bits(), order);
    }
}
