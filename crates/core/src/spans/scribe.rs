//! The scribe: writes the spans of a thread of JavaScript where that reads its clock anyway.
//!
//! ```text
//! JavaScript            desk ◀── what is to be written     bell ◀── the order
//!   tick()  ──▶ native  reads the clock; the bell is 0, or its scribe carries the order out
//! ```
//!
//! It writes what `src/trace/tracer.ts` and `src/trace/flight.ts` write, to the bit, for a tenth of
//! the instructions. The two take turns in one thread: what has a text, and what is past the entries
//! that readers see, is written there. So where the next span goes, and which word it has, is said
//! by the cells of the ring's header alone; each keeps a copy, and looks whether it still holds.

use std::ptr::NonNull;
use std::sync::Arc;

use super::buckets::Buckets;
use super::desk::Desk;
use super::slot::{begin, publish};
use super::slot_block::{MappedCells, SlotBlock};
use super::tally::{Part as TallyPart, Tally};
use crate::atomic::Ordering::{Relaxed, Release};
use crate::atomic::fixed::AtomicU64;
use crate::lane::Lane;
use crate::layout::desk::{
    BELL_TALLY_SHIFT, MOST_TALLIES, ORDER_ENTER, ORDER_LEAVE, ORDER_MASK, ORDER_OPEN, ORDER_WRITE,
    OUTCOME_DECIDED, OUTCOME_GONE, OUTCOME_OVER, OUTCOME_SLOW,
};
use crate::layout::spans::{
    FATE_KEPT, FLIGHT_CURSOR, FLIGHT_OVERWRITTEN, FLIGHT_RECORDED, FORM_INVOKE, OPEN_SERIALS,
    SPANS_PER_BLOCK,
};

/// A parent: that of the root.
const OF_ROOT: u32 = u32::MAX;
/// The word of an entry whose holder knows that it is still the same.
const KNOWN: u32 = 0;
/// Words of spans and of entries go from 1 to this, and round again.
const MOST_WORD: u64 = i32::MAX as u64;
/// The trace flags that a span below the root has.
const TRACE_FLAGS: u32 = 0xff;

// Cells of an entry, each of two words but for the numbers: see the drawing.
const WORD_AND_DECISION: usize = 0;
const TRACE: usize = 1;
const ROOT: usize = 3;
const ABOVE: usize = 4;
const NAME_AND_FLOW: usize = 5;
const COMPONENT_AND_LAST_SLOT: usize = 6;
const LAST_WORD_AND_FLAGS: usize = 7;
const START: usize = 8;
const COMPONENT_START: usize = 9;
const SERIAL: usize = 10;
const SPANS_AND_IDS: usize = 11;
// Those that only the thread itself knows: see `src/trace/entry.ts`.
const AT_WORK: usize = 12;
const MARKS: usize = 13;

/// Writes the spans of one thread of JavaScript, into the memory of one lane.
pub struct Scribe {
    desk: *const Desk,
    open: &'static SlotBlock,
    flight: Box<[&'static SlotBlock]>,
    /// Which of them has the next slot, and where.
    block: usize,
    slot: usize,
    /// The header's count of slots, as this scribe has left it.
    cursor: u64,
    /// From 1 on, as orders name them.
    tallies: Vec<Tally>,
    /// Keeps the blocks mapped.
    lane: Arc<Lane>,
}

/// Two words as one cell.
#[inline]
fn cell(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[inline]
fn low(cell: &AtomicU64) -> u32 {
    cell.load(Relaxed) as u32
}

#[inline]
fn high(cell: &AtomicU64) -> u32 {
    (cell.load(Relaxed) >> 32) as u32
}

#[inline]
fn number(cell: &AtomicU64) -> f64 {
    f64::from_bits(cell.load(Relaxed))
}

/// Counts one more, and answers the count.
#[inline]
fn count(cell: &AtomicU64) -> f64 {
    let count = number(cell) + 1.0;
    cell.store(count.to_bits(), Relaxed);
    count
}

/// The word of what is the `n`th, from 1 on.
#[inline]
fn word_of(n: f64) -> u32 {
    ((n as u64 - 1) % MOST_WORD + 1) as u32
}

/// What a span has that its local trace has not.
struct Part {
    /// With kind and status.
    form: u32,
    id: u32,
    parent: u32,
    name: u32,
    component: u32,
    start_ns: f64,
    duration_ns: f64,
}

impl Scribe {
    /// A scribe that goes on where the lane's last writer has stopped; `None` where the lane has no
    /// memory for spans.
    ///
    /// # Safety
    ///
    /// The desk is there as long as the scribe is used, and used by its thread alone, as is the lane.
    pub(crate) unsafe fn new(lane: Arc<Lane>, desk: *const Desk) -> Option<Scribe> {
        let blocks = lane.spans()?;
        // SAFETY: the blocks of a lane stay where they are while it lives, and the scribe keeps it.
        let unbound = |block| unsafe { &*std::ptr::from_ref(SlotBlock::of(block)) };
        let open = unbound(&blocks.open);
        let flight: Box<[_]> = blocks.flight.iter().map(unbound).collect();
        let mut scribe = Scribe {
            desk,
            open,
            flight,
            block: 0,
            slot: 0,
            cursor: 0,
            tallies: Vec::new(),
            lane: Arc::clone(&lane),
        };
        scribe.seek();
        Some(scribe)
    }

    /// Adds a tally over these bounds, the last of which is +Inf, and answers its number; 0 where no
    /// order could name it. What takes longer than `most_ns` is slow. It records nothing until it is
    /// placed.
    pub fn add_tally(&mut self, bounds: &[f64], most_ns: f64) -> u32 {
        if self.tallies.len() == MOST_TALLIES as usize {
            return 0;
        }
        let known = self.tallies.iter().find_map(|tally| tally.shares(bounds));
        let buckets = known.unwrap_or_else(|| Arc::new(Buckets::new(bounds)));
        self.tallies.push(Tally::new(buckets, most_ns));
        self.tallies.len() as u32
    }

    /// Lets a tally go on in the cells from `first` on of the block at that address.
    pub fn place_tally(&mut self, tally: u32, part: TallyPart, base: NonNull<u8>, first: usize) {
        if let Some(tally) = self.tallies.get_mut((tally as usize).wrapping_sub(1)) {
            // SAFETY: the scribe keeps the lane.
            unsafe { tally.place(&self.lane, part, base, first) };
        }
    }

    /// Carries out an order, at the time that the clock has just been read, or was read last.
    #[inline]
    pub fn carry_out(&mut self, order: u32, now_ns: f64) {
        // SAFETY: the promise that the scribe was made with.
        let desk = unsafe { &*self.desk };
        let open = self.open;
        // Others never come here: the thread asks for the entries that readers see.
        let Some(entry) = open.slots.get(desk.entry.get() as usize) else { return };
        match order & ORDER_MASK {
            ORDER_OPEN => self.open(entry, desk, now_ns),
            ORDER_ENTER => {
                self.tally(order, now_ns - desk.start.get());
                enter(entry, desk, now_ns);
            }
            ORDER_LEAVE => {
                let slow = self.tally(order, now_ns - desk.start.get());
                self.leave(entry, desk, now_ns);
                desk.outcome.set(desk.outcome.get() | slow);
            }
            ORDER_WRITE => {
                let slow = self.tally(order, desk.duration.get());
                self.end(entry, desk, now_ns, true);
                desk.outcome.set(desk.outcome.get() | slow);
            }
            _ => self.end(entry, desk, now_ns, false),
        }
    }

    /// Records a time in the tally that an order names, if it names one. Answers the outcome.
    #[inline]
    fn tally(&self, order: u32, time_ns: f64) -> u32 {
        let tally = self.tallies.get(((order >> BELL_TALLY_SHIFT) as usize).wrapping_sub(1));
        u32::from(tally.is_some_and(|tally| tally.record(time_ns))) * OUTCOME_SLOW
    }

    #[inline]
    fn open(&self, entry: &MappedCells, desk: &Desk, now_ns: f64) {
        let ids = &desk.ids;
        for (place, pair) in (TRACE..).zip(ids.as_chunks().0) {
            let [low, high] = pair;
            entry[place].store(cell(low.get(), high.get()), Relaxed);
        }
        entry[NAME_AND_FLOW].store(cell(desk.name.get(), desk.flow.get()), Relaxed);
        entry[COMPONENT_AND_LAST_SLOT].store(0, Relaxed);
        entry[LAST_WORD_AND_FLAGS].store(cell(0, desk.flags.get()), Relaxed);
        entry[START].store(now_ns.to_bits(), Relaxed);
        let serial = count(&self.open.head[OPEN_SERIALS as usize]);
        entry[SERIAL].store(serial.to_bits(), Relaxed);
        entry[SPANS_AND_IDS].store(0, Relaxed);
        entry[AT_WORK].store(0, Relaxed);
        entry[MARKS].store(desk.marks.get().into(), Relaxed);
        let word = word_of(serial);
        desk.word.set(word);
        // Pairs with the Acquire load in `open::entry`.
        entry[WORD_AND_DECISION].store(cell(word, desk.decision.get()), Release);
    }

    #[inline]
    fn leave(&mut self, entry: &MappedCells, desk: &Desk, now_ns: f64) {
        let start_ns = desk.start.get();
        let duration_ns = now_ns - start_ns;
        let word = desk.word.get();
        if word != KNOWN && word != low(&entry[WORD_AND_DECISION]) {
            desk.outcome.set(OUTCOME_GONE);
            return;
        }
        let id = desk.id.get();
        if high(&entry[AT_WORK]) == id {
            entry[AT_WORK].store(0, Relaxed);
            let last_slot = high(&entry[COMPONENT_AND_LAST_SLOT]);
            entry[COMPONENT_AND_LAST_SLOT].store(cell(0, last_slot), Relaxed);
        }
        let component = desk.component.get();
        let form = FORM_INVOKE;
        self.write(
            entry,
            desk,
            &Part { form, id, parent: 0, name: 0, component, start_ns, duration_ns },
        );
    }

    #[inline]
    fn end(&mut self, entry: &MappedCells, desk: &Desk, now_ns: f64, is_measured: bool) {
        let parent = desk.parent.get();
        let start_ns = if parent == OF_ROOT { number(&entry[START]) } else { desk.start.get() };
        let duration_ns = if is_measured { desk.duration.get() } else { now_ns - start_ns };
        let (form, id, name) = (desk.form.get(), desk.id.get(), desk.name.get());
        self.write(
            entry,
            desk,
            &Part { form, id, parent, name, component: 0, start_ns, duration_ns },
        );
    }

    /// Writes a span over the oldest one, and makes it its local trace's last.
    #[inline]
    fn write(&mut self, entry: &MappedCells, desk: &Desk, part: &Part) {
        let head = &self.flight[0].head;
        if head[FLIGHT_CURSOR as usize].load(Relaxed) != self.cursor {
            self.seek();
        }
        let slot = &self.flight[self.block].slots[self.slot];
        let before = slot[0].load(Relaxed);
        if before as i32 > 0 && (before >> 32) as u32 == FATE_KEPT {
            count(&self.flight[0].head[FLIGHT_OVERWRITTEN as usize]);
        }
        begin(|bits, order| slot[0].store(bits, order));
        let root = entry[ROOT].load(Relaxed);
        let (first, second) = (root as u32, (root >> 32) as u32);
        let id_of = |id: u32| cell(first, second.wrapping_add(id));
        let flags = high(&entry[LAST_WORD_AND_FLAGS]);
        let is_root = part.parent == OF_ROOT;
        let parent = if is_root { entry[ABOVE].load(Relaxed) } else { id_of(part.parent) };
        let duration_ns = if part.duration_ns > 0.0 { part.duration_ns } else { 0.0 };
        desk.duration.set(duration_ns);
        let last_slot = high(&entry[COMPONENT_AND_LAST_SLOT]);
        let last = cell(last_slot, low(&entry[LAST_WORD_AND_FLAGS]));
        slot[1].store(entry[TRACE].load(Relaxed), Relaxed);
        slot[2].store(entry[TRACE + 1].load(Relaxed), Relaxed);
        slot[3].store(id_of(part.id), Relaxed);
        slot[4].store(parent, Relaxed);
        slot[5].store(cell(part.form, part.name), Relaxed);
        slot[6].store(cell(high(&entry[NAME_AND_FLOW]), part.component), Relaxed);
        slot[7].store(last, Relaxed);
        slot[8].store(part.start_ns.to_bits(), Relaxed);
        slot[9].store(duration_ns.to_bits(), Relaxed);
        slot[10].store(desk.sequence.get().to_bits(), Relaxed);
        slot[11].store(desk.amount.get().to_bits(), Relaxed);
        slot[12].store(entry[SERIAL].load(Relaxed), Relaxed);
        slot[13].store(0, Relaxed);
        slot[14].store((if is_root { flags } else { flags & TRACE_FLAGS }).into(), Relaxed);
        let word = word_of(count(&self.flight[0].head[FLIGHT_RECORDED as usize]));
        publish(word, |bits, order| slot[0].store(bits, order));
        let component = low(&entry[COMPONENT_AND_LAST_SLOT]);
        let number = (self.block * SPANS_PER_BLOCK as usize + self.slot) as u32;
        entry[COMPONENT_AND_LAST_SLOT].store(cell(component, number), Relaxed);
        entry[LAST_WORD_AND_FLAGS].store(cell(word, flags), Relaxed);
        let (spans, ids) = (low(&entry[SPANS_AND_IDS]) + 1, high(&entry[SPANS_AND_IDS]));
        entry[SPANS_AND_IDS].store(cell(spans, ids), Relaxed);
        self.step();
        let decided = u32::from(high(&entry[WORD_AND_DECISION]) != 0) * OUTCOME_DECIDED;
        desk.outcome.set(decided | u32::from(spans > ids) * OUTCOME_OVER);
    }

    #[inline]
    fn step(&mut self) {
        self.cursor = count(&self.flight[0].head[FLIGHT_CURSOR as usize]).to_bits();
        self.slot += 1;
        if self.slot == SPANS_PER_BLOCK as usize {
            self.slot = 0;
            self.block = if self.block + 1 == self.flight.len() { 0 } else { self.block + 1 };
        }
    }

    /// Goes to where the header says that the next span goes.
    #[cold]
    fn seek(&mut self) {
        self.cursor = self.flight[0].head[FLIGHT_CURSOR as usize].load(Relaxed);
        let slots = self.flight.len() * SPANS_PER_BLOCK as usize;
        let next = f64::from_bits(self.cursor) as usize % slots;
        (self.block, self.slot) =
            (next / SPANS_PER_BLOCK as usize, next % SPANS_PER_BLOCK as usize);
    }
}

#[inline]
fn enter(entry: &MappedCells, desk: &Desk, now_ns: f64) {
    let id = high(&entry[SPANS_AND_IDS]).wrapping_add(1);
    entry[SPANS_AND_IDS].store(cell(low(&entry[SPANS_AND_IDS]), id), Relaxed);
    entry[AT_WORK].store(cell(0, id), Relaxed);
    entry[COMPONENT_START].store(now_ns.to_bits(), Relaxed);
    let last_slot = high(&entry[COMPONENT_AND_LAST_SLOT]);
    entry[COMPONENT_AND_LAST_SLOT].store(cell(desk.component.get(), last_slot), Relaxed);
    desk.id.set(id);
    desk.word.set(low(&entry[WORD_AND_DECISION]));
}
