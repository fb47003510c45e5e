//! The scribe: writes the spans of a thread of JavaScript where that reads its clock anyway.
//!
//! ```text
//! JavaScript            desk ◀── what is to be written     bell ◀── the order
//!   tick()  ──▶ native  reads the clock; the bell is 0, or its scribe carries the order out
//! ```
//!
//! It writes what `src/trace/own-scribe.ts` writes, to the bit, for a tenth of the instructions. The
//! two take turns in one thread: what has a text, and what is past the entries that readers see, is
//! written there.

use std::ptr::NonNull;
use std::sync::Arc;

use super::desk::Desk;
use super::entry::Entry;
use super::flight::{Flight, OF_ROOT, Part};
use super::slot_block::SlotBlock;
use super::tallies::Tallies;
use super::tally::Part as TallyPart;
use crate::lane::Lane;
use crate::layout::desk::{
    BELL_TALLY_SHIFT, ORDER_ENTER, ORDER_LEAVE, ORDER_MASK, ORDER_OPEN, ORDER_WRITE,
    OUTCOME_DECIDED, OUTCOME_GONE, OUTCOME_OVER, OUTCOME_SLOW,
};
use crate::layout::spans::FORM_INVOKE;

/// The word of an entry whose holder knows that it is still the same.
const KNOWN: u32 = 0;

/// Writes the spans of one thread of JavaScript, into the memory of one lane.
pub struct Scribe {
    desk: *const Desk,
    table: &'static SlotBlock,
    flight: Flight,
    tallies: Tallies,
    /// Keeps the blocks mapped.
    lane: Arc<Lane>,
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
        let table = unbound(&blocks.open);
        let flight = Flight::new(blocks.flight.iter().map(unbound).collect());
        Some(Scribe { desk, table, flight, tallies: Tallies::default(), lane: Arc::clone(&lane) })
    }

    /// Adds a tally over these bounds, the last of which is +Inf, and answers its number; 0 where no
    /// order could name it. What takes longer than `most_ns` is slow. It records nothing until it is
    /// placed.
    pub fn add_tally(&mut self, bounds: &[f64], most_ns: f64) -> u32 {
        self.tallies.add(bounds, most_ns)
    }

    /// Lets a tally go on in the cells from `first` on of the block at that address.
    pub fn place_tally(&mut self, tally: u32, part: TallyPart, base: NonNull<u8>, first: usize) {
        // SAFETY: the scribe keeps the lane.
        unsafe { self.tallies.place(tally, &self.lane, part, base, first) };
    }

    /// A tally records nothing any more, and its number may become another's.
    pub fn remove_tally(&mut self, tally: u32) {
        self.tallies.remove(tally);
    }

    /// Carries out an order, at the time that the clock has just been read, or was read last.
    #[inline]
    pub fn carry_out(&mut self, order: u32, now_ns: f64) {
        // SAFETY: the promise that the scribe was made with.
        let desk = unsafe { &*self.desk };
        let Some(entry) = Entry::of(self.table, desk.entry.get()) else { return };
        match order & ORDER_MASK {
            ORDER_OPEN => entry.open(self.table, desk, now_ns),
            ORDER_ENTER => {
                self.tally(order, now_ns - desk.start.get());
                entry.enter(desk, now_ns);
            }
            ORDER_LEAVE => {
                let slow = self.tally(order, now_ns - desk.start.get());
                desk.outcome.set(slow | self.leave(entry, desk, now_ns));
            }
            ORDER_WRITE => {
                let duration_ns = desk.duration.get();
                let slow = self.tally(order, duration_ns);
                desk.outcome.set(slow | self.end(entry, desk, |_| duration_ns));
            }
            _ => desk.outcome.set(self.end(entry, desk, |start_ns| now_ns - start_ns)),
        }
    }

    /// Records a time in the tally that an order names, if it names one. Answers the outcome.
    #[inline]
    fn tally(&self, order: u32, time_ns: f64) -> u32 {
        let tally = self.tallies.get(order >> BELL_TALLY_SHIFT);
        u32::from(tally.is_some_and(|tally| tally.record(time_ns))) * OUTCOME_SLOW
    }

    #[inline]
    fn leave(&mut self, entry: Entry<'_>, desk: &Desk, now_ns: f64) -> u32 {
        let word = desk.word.get();
        if word != KNOWN && word != entry.word() {
            return OUTCOME_GONE;
        }
        let (id, start_ns) = (desk.id.get(), desk.start.get());
        entry.leave(id);
        let (form, component, duration_ns) = (FORM_INVOKE, desk.component.get(), now_ns - start_ns);
        let part = Part { form, id, parent: 0, name: 0, component, start_ns, duration_ns };
        self.write(entry, desk, &part)
    }

    #[inline]
    fn end(
        &mut self,
        entry: Entry<'_>,
        desk: &Desk,
        duration_from: impl FnOnce(f64) -> f64,
    ) -> u32 {
        let parent = desk.parent.get();
        let start_ns = if parent == OF_ROOT { entry.start_ns() } else { desk.start.get() };
        let (form, id, name) = (desk.form.get(), desk.id.get(), desk.name.get());
        let duration_ns = duration_from(start_ns);
        let part = Part { form, id, parent, name, component: 0, start_ns, duration_ns };
        self.write(entry, desk, &part)
    }

    /// Answers the outcome.
    #[inline]
    fn write(&mut self, entry: Entry<'_>, desk: &Desk, part: &Part) -> u32 {
        let is_over = self.flight.write(entry, desk, part);
        let decided = u32::from(entry.is_decided()) * OUTCOME_DECIDED;
        decided | (u32::from(is_over) * OUTCOME_OVER)
    }
}
