//! Meters in mapped memory, and hands that write spans there as threads do.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::ids::TraceId;
use super::ring::{MappedRing, first_cell};
use super::writer::{Local, Writer, Written};
use crate::atomic::Ordering::Relaxed;
use crate::lane::Lane;
use crate::layout::spans::{
    FORM_FLOW, FORM_INVOKE, OPEN_COMPONENT, OPEN_FLOW, OPEN_ID, OPEN_NAME, OPEN_TRACE, REASON_ERROR,
};
use crate::level::Level;
use crate::meter::{LaneGuard, Meter, Options};

pub(crate) type MappedWriter<'a> = Writer<MappedRing<'a>, MappedRing<'a>>;

pub(crate) fn meter_in(state_dir: Option<&Path>, flight_spans: u32) -> Arc<Meter> {
    let options = json!({
        "service": "spans", "level": Level::Production, "stateDir": state_dir,
        "maxLaneBytes": 16 << 20, "resource": {},
        "tracing": {
            "sampleRate": 0.5, "promoteErrors": true, "promoteLatencyMs": null,
            "maxPromotionsPerSecond": 100, "flightSpans": flight_spans,
        },
    });
    let options: Options = serde_json::from_value(options).expect("options");
    Meter::new(&options).expect("a meter")
}

pub(crate) fn writer(lane: &Lane) -> MappedWriter<'_> {
    let blocks = lane.spans().expect("memory for spans");
    Writer::new(MappedRing(&blocks.flight), MappedRing(&blocks.exports), 0)
}

pub(crate) fn lane_of(meter: &Arc<Meter>) -> LaneGuard {
    let lane = meter.attach().expect("a lane");
    lane.spans().expect("memory for spans");
    lane
}

pub(crate) fn trace_id(n: u64) -> TraceId {
    TraceId(u128::from(n) << 64 | 7)
}

/// A local trace of that number and serial.
pub(crate) fn local(n: u64, serial: f64) -> Local {
    Local::new(trace_id(n), serial)
}

/// The root of an element.
pub(crate) fn root(span: u64, start_ns: f64) -> Written {
    Written { span, start_ns, duration_ns: 5e6, form: FORM_FLOW, ..Written::default() }
}

/// A root of a flow's element, and the invocation of a component below it.
pub(crate) fn write_element(
    writer: &mut MappedWriter<'_>,
    n: u64,
    texts: [u32; 2],
    start_ns: f64,
    reason: u32,
) {
    let mut local = Local::new(trace_id(n), n as f64);
    let [flow, component] = texts;
    let root = Written { flow, start_ns, duration_ns: 5e6, form: FORM_FLOW, ..Written::default() };
    let invoke = Written {
        span: n << 8 | 2,
        parent: n << 8 | 1,
        component,
        duration_ns: 2e6,
        sequence: n as f64,
        form: FORM_INVOKE,
        ..root.clone()
    };
    let status = if reason == REASON_ERROR { 2 << 16 } else { 0 };
    writer.record(&mut local, &invoke);
    writer.record(&mut local, &Written { span: n << 8 | 1, form: FORM_FLOW | status, ..root });
    if reason != 0 {
        writer.promote(&mut local, reason);
    }
}

/// Stores an entry as the lane's thread does.
pub(crate) fn open(
    lane: &LaneGuard,
    index: u32,
    id: u64,
    cells: &[(u32, f64)],
    words: &[(u32, u32)],
) {
    let block = &lane.lane().spans().expect("memory").open;
    let first = first_cell(index);
    let at = |word: u32| (first as usize * 2 + word as usize) * 4;
    block.u32_at(at(0)).store(0, Relaxed);
    for (word, value) in (OPEN_TRACE..).zip(trace_id(id).words()) {
        block.u32_at(at(word)).store(value, Relaxed);
    }
    block.u32_at(at(OPEN_ID)).store(0, Relaxed);
    block.u32_at(at(OPEN_ID + 1)).store(id as u32, Relaxed);
    for word in [OPEN_NAME, OPEN_FLOW, OPEN_COMPONENT] {
        block.u32_at(at(word)).store(0, Relaxed);
    }
    for (word, value) in words {
        block.u32_at(at(*word)).store(*value, Relaxed);
    }
    for (cell, number) in cells {
        block.cell(first + cell).store(number.to_bits(), Relaxed);
    }
    block.u32_at(at(0)).store(1, Relaxed);
}
