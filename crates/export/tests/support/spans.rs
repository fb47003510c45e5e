//! A hand that writes spans as a thread of JavaScript does.

use std::ptr::NonNull;

use nanometer_core::layout::BLOCK_PAYLOAD;
use nanometer_core::layout::spans::*;
use nanometer_core::{LaneGuard, SpanMemory};

/// What is written of a span; texts by what they say.
#[derive(Clone, Copy)]
pub struct Written {
    pub trace: u32,
    pub id: u32,
    /// 0 for none.
    pub parent: u32,
    pub form: u32,
    pub flow: &'static str,
    pub component: &'static str,
    pub start_ns: f64,
    pub duration_ns: f64,
    pub status: u32,
}

/// An element of a flow.
pub const ORDER: Written = Written {
    trace: 1,
    id: 1,
    parent: 0,
    form: FORM_FLOW,
    flow: "orders",
    component: "",
    start_ns: 1e9,
    duration_ns: 1e6,
    status: 0,
};

/// One thread's rings and table.
pub struct SpanWriter {
    lane: LaneGuard,
    memory: SpanMemory,
    flown: u32,
    exported: u32,
    opened: u32,
}

/// The id of the trace that this number stands for.
pub fn trace_id(number: u32) -> String {
    format!("{number:032x}")
}

impl SpanWriter {
    pub fn new(lane: LaneGuard) -> SpanWriter {
        let memory = lane.spans().expect("memory for spans");
        SpanWriter { lane, memory, flown: 0, exported: 0, opened: 0 }
    }

    /// Leaves a span in the flight ring.
    pub fn fly(&mut self, span: Written) {
        self.write(self.memory.flight[0], self.flown, span, 0, self.flown + 1);
        self.flown += 1;
    }

    /// Leaves a span in the export ring, for that reason. Whoever promotes more than fit has it
    /// drained in between.
    pub fn promote(&mut self, span: Written, reason: u32) {
        let slot = self.exported % (EXPORT_BLOCKS * SPANS_PER_BLOCK);
        let block = self.memory.exports[(slot / SPANS_PER_BLOCK) as usize];
        self.write(block, slot % SPANS_PER_BLOCK, span, reason, self.exported + 1);
        self.exported += 1;
        store_f64(self.memory.exports[0], EXPORT_HEAD as usize * 8, f64::from(self.exported));
    }

    /// How many slots of the export ring have been read.
    pub fn drained(&self) -> f64 {
        let at = EXPORT_TAIL as usize * 8;
        // SAFETY: in the block, which the lane keeps mapped; aligned, as cells are.
        unsafe { self.memory.exports[1].as_ptr().add(at).cast::<f64>().read_volatile() }
    }

    /// Opens an element of a flow, with a component at work on it.
    pub fn open(&mut self, span: Written) {
        let base = BLOCK_PAYLOAD + self.opened as usize * SPAN_BYTES;
        self.opened += 1;
        let block = self.memory.open;
        let meter = self.lane.meter();
        for (word, value) in [
            (OPEN_TRACE + 3, span.trace),
            (OPEN_ID + 1, span.id),
            (OPEN_FLOW, meter.trace_text(span.flow)),
            (OPEN_COMPONENT, meter.trace_text(span.component)),
        ] {
            store_u32(block, base + word as usize * 4, value);
        }
        store_f64(block, base + OPEN_START as usize * 8, span.start_ns);
        store_f64(block, base + OPEN_COMPONENT_START as usize * 8, span.start_ns);
        store_u32(block, base + OPEN_WORD as usize * 4, self.opened);
    }

    fn write(&self, block: NonNull<u8>, slot: u32, span: Written, reason: u32, published: u32) {
        let base = BLOCK_PAYLOAD + slot as usize * SPAN_BYTES;
        let meter = self.lane.meter();
        for (word, value) in [
            (SPAN_TRACE + 3, span.trace),
            (SPAN_ID + 1, span.id),
            (SPAN_PARENT + 1, span.parent),
            (SPAN_FORM, span.form | span.status << 16 | reason << 24),
            (SPAN_FLOW, meter.trace_text(span.flow)),
            (SPAN_COMPONENT, meter.trace_text(span.component)),
        ] {
            store_u32(block, base + word as usize * 4, value);
        }
        store_f64(block, base + SPAN_START as usize * 8, span.start_ns);
        store_f64(block, base + SPAN_DURATION as usize * 8, span.duration_ns);
        store_f64(block, base + SPAN_SEQUENCE as usize * 8, 1.0);
        store_u32(block, base + SPAN_WORD as usize * 4, published);
    }
}

fn store_u32(block: NonNull<u8>, at: usize, value: u32) {
    // SAFETY: in the block, which its lane keeps mapped and this thread alone writes; aligned.
    unsafe { block.as_ptr().add(at).cast::<u32>().write_volatile(value) };
}

fn store_f64(block: NonNull<u8>, at: usize, value: f64) {
    // SAFETY: as above.
    unsafe { block.as_ptr().add(at).cast::<f64>().write_volatile(value) };
}
