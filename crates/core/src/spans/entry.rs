//! An entry of the open table, as the scribe writes it: a local trace from its begin to its end.

use super::cells::{add, cell, high, low, number, word_of};
use super::desk::Desk;
use super::slot_block::{MappedCells, SlotBlock};
use crate::atomic::Ordering::{Relaxed, Release};
use crate::layout::spans::OPEN_SERIALS;

// Its cells, each of two words but for the numbers: see the drawing of the layout.
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

/// See the file.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a>(&'a MappedCells);

impl<'a> Entry<'a> {
    /// That of a number below 511: others never come here, for the thread asks for the entries that
    /// readers see.
    #[inline]
    pub(super) fn of(table: &'a SlotBlock, number: u32) -> Option<Entry<'a>> {
        table.slots.get(number as usize).map(Entry)
    }

    /// The desk's local trace begins now; leaves the entry's word there.
    #[inline]
    pub(super) fn open(self, table: &SlotBlock, desk: &Desk, now_ns: f64) {
        let Entry(cells) = self;
        for (place, pair) in (TRACE..).zip(desk.ids.as_chunks().0) {
            let [low, high] = pair;
            cells[place].store(cell(low.get(), high.get()), Relaxed);
        }
        cells[NAME_AND_FLOW].store(cell(desk.name.get(), desk.flow.get()), Relaxed);
        cells[COMPONENT_AND_LAST_SLOT].store(0, Relaxed);
        cells[LAST_WORD_AND_FLAGS].store(cell(0, desk.flags.get()), Relaxed);
        cells[START].store(now_ns.to_bits(), Relaxed);
        let serial = add(&table.head[OPEN_SERIALS as usize], 1.0);
        cells[SERIAL].store(serial.to_bits(), Relaxed);
        cells[SPANS_AND_IDS].store(0, Relaxed);
        cells[AT_WORK].store(0, Relaxed);
        cells[MARKS].store(desk.marks.get().into(), Relaxed);
        let word = word_of(serial);
        desk.word.set(word);
        // Pairs with the Acquire load in `open::entry`.
        cells[WORD_AND_DECISION].store(cell(word, desk.decision.get()), Release);
    }

    /// The desk's component begins to work now; leaves its span's id and the entry's word there.
    #[inline]
    pub(super) fn enter(self, desk: &Desk, now_ns: f64) {
        let Entry(cells) = self;
        let id = high(&cells[SPANS_AND_IDS]).wrapping_add(1);
        cells[SPANS_AND_IDS].store(cell(low(&cells[SPANS_AND_IDS]), id), Relaxed);
        cells[AT_WORK].store(cell(0, id), Relaxed);
        cells[COMPONENT_START].store(now_ns.to_bits(), Relaxed);
        self.set_component(desk.component.get());
        desk.id.set(id);
        desk.word.set(self.word());
    }

    /// What has the span of that id works no more, if it was the last that began.
    #[inline]
    pub(super) fn leave(self, id: u32) {
        if high(&self.0[AT_WORK]) == id {
            self.0[AT_WORK].store(0, Relaxed);
            self.set_component(0);
        }
    }

    /// Its word, which tells whether it is still the same.
    #[inline]
    pub(super) fn word(self) -> u32 {
        low(&self.0[WORD_AND_DECISION])
    }

    #[inline]
    pub(super) fn is_decided(self) -> bool {
        high(&self.0[WORD_AND_DECISION]) != 0
    }

    #[inline]
    pub(super) fn start_ns(self) -> f64 {
        number(&self.0[START])
    }

    /// Two cells.
    #[inline]
    pub(super) fn trace(self) -> [u64; 2] {
        [self.0[TRACE].load(Relaxed), self.0[TRACE + 1].load(Relaxed)]
    }

    /// The id of a span that is so much above the root's.
    #[inline]
    pub(super) fn id(self, above_root: u32) -> u64 {
        let root = self.0[ROOT].load(Relaxed);
        cell(root as u32, ((root >> 32) as u32).wrapping_add(above_root))
    }

    /// The id of the root's parent.
    #[inline]
    pub(super) fn above(self) -> u64 {
        self.0[ABOVE].load(Relaxed)
    }

    #[inline]
    pub(super) fn flow(self) -> u32 {
        high(&self.0[NAME_AND_FLOW])
    }

    #[inline]
    pub(super) fn flags(self) -> u32 {
        high(&self.0[LAST_WORD_AND_FLAGS])
    }

    #[inline]
    pub(super) fn serial(self) -> u64 {
        self.0[SERIAL].load(Relaxed)
    }

    /// Slot and word of the span that was written last.
    #[inline]
    pub(super) fn last(self) -> u64 {
        cell(high(&self.0[COMPONENT_AND_LAST_SLOT]), low(&self.0[LAST_WORD_AND_FLAGS]))
    }

    /// A span of it was written. Answers whether all of them have been: the root's is the one that
    /// no id was given for.
    #[inline]
    pub(super) fn wrote(self, slot: u32, word: u32) -> bool {
        let Entry(cells) = self;
        let component = low(&cells[COMPONENT_AND_LAST_SLOT]);
        cells[COMPONENT_AND_LAST_SLOT].store(cell(component, slot), Relaxed);
        cells[LAST_WORD_AND_FLAGS].store(cell(word, self.flags()), Relaxed);
        let (spans, ids) = (low(&cells[SPANS_AND_IDS]) + 1, high(&cells[SPANS_AND_IDS]));
        cells[SPANS_AND_IDS].store(cell(spans, ids), Relaxed);
        spans > ids
    }

    #[inline]
    fn set_component(self, text: u32) {
        let last_slot = high(&self.0[COMPONENT_AND_LAST_SLOT]);
        self.0[COMPONENT_AND_LAST_SLOT].store(cell(text, last_slot), Relaxed);
    }
}
