//! A writer of spans in Rust, for tests: the protocol of `src/trace/flight.ts`, `exports.ts` and
//! `promotion.ts`, with the orderings that it needs and no more. JavaScript has none so weak.
//!
//! What it has written it keeps, and does not read back: loom's search would lose readers.

use super::export::ExportRing;
use super::ids::TraceId;
use super::slot::{Ring, begin, publish};
use crate::atomic::Ordering::{self, Acquire, Relaxed, Release};
use crate::events::slot::SlotCells;
#[cfg(not(loom))]
use crate::layout::spans::REASON_MANUAL;
use crate::layout::spans::{
    DECISION_REFUSED, FATE_DROPPED, FATE_KEPT, FATE_PROMOTED, SPAN_CELLS, SPAN_COMPONENT,
    SPAN_DURATION, SPAN_FLOW, SPAN_FORM, SPAN_ID, SPAN_NAME, SPAN_PARENT, SPAN_PREVIOUS_SLOT,
    SPAN_PREVIOUS_WORD, SPAN_SEQUENCE, SPAN_SERIAL, SPAN_START, SPAN_TEXT_BYTES, SPAN_TEXT_SLOTS,
    SPAN_TRACE, SPAN_WRITING, TEXT_SLOT_BYTES,
};

/// A ring that a test writes.
pub(crate) trait WriteRing: Ring {
    fn store(&self, slot: u32, cell: u32, bits: u64, order: Ordering);
}

/// One that is emptied.
pub(crate) trait WriteExports: WriteRing + ExportRing {
    /// How many slots were read, as the writer sees it.
    fn read(&self, order: Ordering) -> f64;
    fn set_head(&self, slots: f64, order: Ordering);
}

/// What a test says of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Written {
    pub span: u64,
    pub parent: u64,
    /// Form, kind and status.
    pub form: u32,
    pub name: u32,
    pub flow: u32,
    pub component: u32,
    pub start_ns: f64,
    pub duration_ns: f64,
    pub sequence: f64,
    pub text: String,
}

/// A local trace: what an entry of the open table has of it.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub trace: TraceId,
    pub serial: f64,
    pub decision: i32,
    pub spans: u64,
    last: (u32, u32),
}

impl Local {
    pub(crate) fn new(trace: TraceId, serial: f64) -> Local {
        Local { trace, serial, decision: 0, spans: 0, last: (0, 0) }
    }
}

/// What became of spans: the cells of the rings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub recorded: u64,
    pub overwritten: u64,
    pub promoted: u64,
    pub dropped_full: u64,
    pub dropped_limit: u64,
    pub missed: u64,
}

/// The thread of a lane.
#[derive(Debug)]
pub(crate) struct Writer<F, E> {
    pub flight: F,
    pub exports: E,
    pub counts: Counts,
    /// How many slots have been used.
    pub cursor: u64,
    word: u32,
    /// The words and fates of the flight ring.
    heads: Vec<(u32, u32)>,
    /// How many slots of the export ring have been published.
    published: u64,
}

impl<F: WriteRing, E: WriteExports> Writer<F, E> {
    /// A writer whose first span has the word after that one.
    pub(crate) fn new(flight: F, exports: E, word: u32) -> Writer<F, E> {
        let heads = vec![(0, FATE_KEPT); flight.slots() as usize];
        Writer { flight, exports, counts: Counts::default(), cursor: 0, word, heads, published: 0 }
    }

    /// Takes the next slot from the span that is in it.
    fn take(&mut self) -> u32 {
        let index = (self.cursor % u64::from(self.flight.slots())) as u32;
        let (word, fate) = self.heads[index as usize];
        if word as i32 > 0 && fate == FATE_KEPT {
            self.counts.overwritten += 1;
        }
        self.cursor += 1;
        self.heads[index as usize] = (SPAN_WRITING as u32, FATE_KEPT);
        begin(|bits, order| self.flight.store(index, 0, bits, order));
        index
    }

    /// Records a span of a local trace.
    pub(crate) fn record(&mut self, local: &mut Local, span: &Written) {
        let index = self.take();
        let text_slots = span.text.len().div_ceil(TEXT_SLOT_BYTES as usize) as u32;
        for (cell, bits) in (1..).zip(cells(local, span, text_slots)) {
            self.flight.store(index, cell, bits, Relaxed);
        }
        for part in span.text.as_bytes().chunks(TEXT_SLOT_BYTES as usize) {
            let text = self.take();
            let mut bytes = [0xff; SPAN_CELLS as usize * 8];
            bytes[4..4 + part.len()].copy_from_slice(part);
            for (cell, bits) in (0..).zip(bytes.as_chunks().0) {
                self.flight.store(text, cell, u64::from_le_bytes(*bits), Relaxed);
            }
        }
        self.word = if self.word == i32::MAX as u32 { 1 } else { self.word + 1 };
        self.heads[index as usize] = (self.word, FATE_KEPT);
        publish(self.word, |bits, order| self.flight.store(index, 0, bits, order));
        local.last = (index, self.word);
        local.spans += 1;
        self.counts.recorded += 1;
        match local.decision {
            0 => {}
            DECISION_REFUSED => self.refuse_span(index),
            reason => self.export(index, reason as u32),
        }
    }

    fn set_head(&mut self, index: u32, word: u32, fate: u32, order: Ordering) {
        self.heads[index as usize] = (word, fate);
        self.flight.store(index, 0, word_and(word, fate), order);
    }

    fn set_fate(&mut self, index: u32, fate: u32) {
        self.set_head(index, self.heads[index as usize].0, fate, Relaxed);
    }

    fn refuse_span(&mut self, index: u32) {
        self.set_fate(index, FATE_DROPPED);
        self.counts.dropped_limit += 1;
    }

    /// Whether so many slots of the export ring are free.
    pub(crate) fn has_room(&self, slots: u32) -> bool {
        // Pairs with the reader's store: what is written over has been read.
        let tail = self.exports.read(Acquire) as u64;
        self.published - tail + u64::from(slots) <= self.exports.slots().into()
    }

    /// Hands the next slots of the export ring over.
    pub(crate) fn publish(&mut self, slots: u32) {
        self.published += u64::from(slots);
        // Pairs with the Acquire load in `export::drain`.
        self.exports.set_head(self.published as f64, Release);
    }

    fn export(&mut self, index: u32, reason: u32) {
        let text = self.flight.slot(index).load(SPAN_TEXT_SLOTS / 2, Relaxed);
        let text_slots = (text >> 32) as u32;
        let head = self.published;
        if !self.has_room(1 + text_slots) {
            self.set_fate(index, FATE_DROPPED);
            self.counts.dropped_full += 1;
            return;
        }
        for after in 0..=text_slots {
            let from = self.flight.slot((index + after) % self.flight.slots());
            let to = ((head + u64::from(after)) % u64::from(self.exports.slots())) as u32;
            for cell in 0..SPAN_CELLS {
                let mut bits = from.load(cell, Relaxed);
                if after == 0 && cell == SPAN_FORM / 2 {
                    bits |= u64::from(reason) << 24;
                }
                self.exports.store(to, cell, bits, Relaxed);
            }
        }
        self.publish(1 + text_slots);
        self.set_fate(index, FATE_PROMOTED);
        self.counts.promoted += 1;
    }
}

/// Decisions that come after some of a local trace's spans; loom's models make none.
#[cfg(not(loom))]
impl<F: WriteRing, E: WriteExports> Writer<F, E> {
    /// Promotes a local trace, unless that is decided.
    pub(crate) fn promote(&mut self, local: &mut Local, reason: u32) {
        let is_open =
            local.decision == 0 || (local.decision == DECISION_REFUSED && reason == REASON_MANUAL);
        if is_open {
            local.decision = reason as i32;
            let there = self.each(local, |writer, index| writer.export(index, reason));
            self.counts.missed += local.spans - there;
        }
    }

    /// There have been too many promotions.
    pub(crate) fn refuse(&mut self, local: &mut Local) {
        if local.decision == 0 {
            local.decision = DECISION_REFUSED;
            self.each(local, Writer::refuse_span);
        }
    }

    /// Each kept span of a local trace that is still there; how many, kept or not, are.
    fn each(&mut self, local: &Local, mut visit: impl FnMut(&mut Self, u32)) -> u64 {
        let (mut index, mut word) = local.last;
        let mut there = 0;
        while word != 0 && self.heads[index as usize].0 == word {
            there += 1;
            if self.heads[index as usize].1 == FATE_KEPT {
                visit(self, index);
            }
            let before = self.flight.slot(index).load(SPAN_PREVIOUS_SLOT / 2, Relaxed);
            (index, word) = (before as u32, (before >> 32) as u32);
        }
        there
    }
}

fn word_and(word: u32, other: u32) -> u64 {
    u64::from(word) | u64::from(other) << 32
}

/// The cells of a slot after its first.
fn cells(local: &Local, span: &Written, text_slots: u32) -> [u64; SPAN_CELLS as usize - 1] {
    let mut words = [0; SPAN_CELLS as usize * 2];
    let mut put = |first: u32, values: &[u32]| {
        words[first as usize..][..values.len()].copy_from_slice(values);
    };
    let halves = |id: u64| [(id >> 32) as u32, id as u32];
    put(SPAN_TRACE, &local.trace.words());
    put(SPAN_ID, &halves(span.span));
    put(SPAN_PARENT, &halves(span.parent));
    put(SPAN_FORM, &[span.form]);
    put(SPAN_NAME, &[span.name]);
    put(SPAN_FLOW, &[span.flow]);
    put(SPAN_COMPONENT, &[span.component]);
    put(SPAN_PREVIOUS_SLOT, &[local.last.0]);
    put(SPAN_PREVIOUS_WORD, &[local.last.1]);
    put(SPAN_TEXT_BYTES, &[span.text.len() as u32]);
    put(SPAN_TEXT_SLOTS, &[text_slots]);
    let mut cells = std::array::from_fn(|cell| word_and(words[cell * 2 + 2], words[cell * 2 + 3]));
    let numbers = [
        (SPAN_START, span.start_ns),
        (SPAN_DURATION, span.duration_ns),
        (SPAN_SEQUENCE, span.sequence),
        (SPAN_SERIAL, local.serial),
    ];
    for (cell, number) in numbers {
        cells[cell as usize - 1] = number.to_bits();
    }
    cells
}
