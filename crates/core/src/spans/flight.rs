//! The flight ring, as the scribe writes it: the twin of `src/trace/flight.ts`, which takes turns
//! with it in one thread. So where the next span goes, and which word it has, is said by the cells of
//! the ring's header alone; each keeps a copy, and looks whether it still holds.

use super::cells::{add, cell, word_of};
use super::desk::Desk;
use super::entry::Entry;
use super::slot::{begin, publish};
use super::slot_block::SlotBlock;
use crate::atomic::Ordering::Relaxed;
use crate::layout::spans::{
    FATE_KEPT, FLIGHT_CURSOR, FLIGHT_OVERWRITTEN, FLIGHT_RECORDED, SPANS_PER_BLOCK,
};

const PER_BLOCK: usize = SPANS_PER_BLOCK as usize;
/// A parent: that of the root.
pub(super) const OF_ROOT: u32 = u32::MAX;
/// The trace flags that a span below the root has.
const TRACE_FLAGS: u32 = 0xff;

/// What a span has that neither its local trace nor the desk has.
pub(super) struct Part {
    /// With kind and status.
    pub form: u32,
    /// What is added to the root's id.
    pub id: u32,
    /// The same, or [`OF_ROOT`].
    pub parent: u32,
    pub name: u32,
    pub component: u32,
    pub start_ns: f64,
    /// Below 0 counts as 0.
    pub duration_ns: f64,
}

/// See the file.
pub(super) struct Flight {
    blocks: Box<[&'static SlotBlock]>,
    /// Which of them has the next slot, and where.
    block: usize,
    slot: usize,
    /// The header's count of slots, as it was left here.
    cursor: u64,
}

impl Flight {
    /// Goes on where the last writer has stopped.
    pub(super) fn new(blocks: Box<[&'static SlotBlock]>) -> Flight {
        let mut flight = Flight { blocks, block: 0, slot: 0, cursor: 0 };
        flight.seek();
        flight
    }

    /// Writes a span over the oldest one, and makes it its local trace's last; leaves the duration on
    /// the desk. Answers whether the local trace is over.
    #[inline]
    pub(super) fn write(&mut self, entry: Entry<'_>, desk: &Desk, part: &Part) -> bool {
        let head = &self.blocks[0].head;
        if head[FLIGHT_CURSOR as usize].load(Relaxed) != self.cursor {
            self.seek();
        }
        let slot = &self.blocks[self.block].slots[self.slot];
        let before = slot[0].load(Relaxed);
        if before as i32 > 0 && (before >> 32) as u32 == FATE_KEPT {
            add(&self.blocks[0].head[FLIGHT_OVERWRITTEN as usize], 1.0);
        }
        begin(|bits, order| slot[0].store(bits, order));
        let is_root = part.parent == OF_ROOT;
        let parent = if is_root { entry.above() } else { entry.id(part.parent) };
        let flags = if is_root { entry.flags() } else { entry.flags() & TRACE_FLAGS };
        let duration_ns = if part.duration_ns > 0.0 { part.duration_ns } else { 0.0 };
        desk.duration.set(duration_ns);
        let [trace, trace_rest] = entry.trace();
        slot[1].store(trace, Relaxed);
        slot[2].store(trace_rest, Relaxed);
        slot[3].store(entry.id(part.id), Relaxed);
        slot[4].store(parent, Relaxed);
        slot[5].store(cell(part.form, part.name), Relaxed);
        slot[6].store(cell(entry.flow(), part.component), Relaxed);
        slot[7].store(entry.last(), Relaxed);
        slot[8].store(part.start_ns.to_bits(), Relaxed);
        slot[9].store(duration_ns.to_bits(), Relaxed);
        slot[10].store(desk.sequence.get().to_bits(), Relaxed);
        slot[11].store(desk.amount.get().to_bits(), Relaxed);
        slot[12].store(entry.serial(), Relaxed);
        slot[13].store(0, Relaxed);
        slot[14].store(flags.into(), Relaxed);
        let word = word_of(add(&self.blocks[0].head[FLIGHT_RECORDED as usize], 1.0));
        publish(word, |bits, order| slot[0].store(bits, order));
        let is_over = entry.wrote((self.block * PER_BLOCK + self.slot) as u32, word);
        self.step();
        is_over
    }

    #[inline]
    fn step(&mut self) {
        self.cursor = add(&self.blocks[0].head[FLIGHT_CURSOR as usize], 1.0).to_bits();
        self.slot += 1;
        if self.slot == PER_BLOCK {
            self.slot = 0;
            self.block = if self.block + 1 == self.blocks.len() { 0 } else { self.block + 1 };
        }
    }

    /// Goes to where the header says that the next span goes.
    #[cold]
    fn seek(&mut self) {
        self.cursor = self.blocks[0].head[FLIGHT_CURSOR as usize].load(Relaxed);
        let next = f64::from_bits(self.cursor) as usize % (self.blocks.len() * PER_BLOCK);
        (self.block, self.slot) = (next / PER_BLOCK, next % PER_BLOCK);
    }
}
