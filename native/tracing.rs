//! The calls of `src/backend/native.ts` that are about spans: conversions only.

use std::iter;

use nanometer_core::json::to_string;
use nanometer_core::{TallyPart, TraceData, TraceId, TraceQuery, layout};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde::Serialize;

use crate::errors::{Result, full, invalid};
use crate::memory::{array_buffer, pinned, place_of};
use crate::meter::meter_of;
use crate::thread::{add_scribe as add_scribe_of, with_lane, with_scribe};

/// What all threads share of tracing, as an ArrayBuffer.
#[napi(catch_unwind)]
pub fn trace_settings(env: &Env, meter: u32) -> Result<Unknown<'_>> {
    with_lane(meter, |lane| {
        let base = lane.meter().tracing_memory();
        // SAFETY: in the header of the lane's meter, which stays mapped while the thread has the
        // lane, until its environment's clean-up hook.
        unsafe { array_buffer(env, base, layout::spans::TRACING_BYTES) }
    })
}

/// Where this thread's spans go: the open table, the blocks of the export ring, and those of the
/// flight ring, as ArrayBuffers.
#[napi(catch_unwind)]
pub fn trace_memory(env: &Env, meter: u32) -> Result<Vec<Unknown<'_>>> {
    with_lane(meter, |lane| {
        let memory = lane.spans().ok_or_else(|| full("there is no memory for spans"))?;
        let blocks = iter::once(memory.open).chain(memory.exports).chain(memory.flight);
        // SAFETY: as in `block` of the meter.
        blocks.map(|base| unsafe { array_buffer(env, base, layout::BLOCK_BYTES) }).collect()
    })
}

/// A scribe that writes this thread's spans by what stands in an array, the desk, which is kept for
/// as long as the thread lives. Answers the scribe's number; 0 where the thread has too many.
#[napi(catch_unwind)]
pub fn add_scribe(env: &Env, meter: u32, desk: Unknown<'_>) -> Result<u32> {
    let place = pinned(env, &desk)?;
    // SAFETY: an array that is kept, of a size that has been looked at; the one module of JavaScript
    // that has it gives it to nobody, and runs on this thread.
    unsafe { add_scribe_of(meter, place.as_ptr()) }
}

/// A tally of a scribe over these bounds, the last of which is +Inf: its number; 0 where it has too
/// many.
#[napi(catch_unwind)]
pub fn add_tally(scribe: u32, bounds: Vec<f64>, most_ns: f64) -> Result<u32> {
    with_scribe(scribe, |scribe| scribe.add_tally(&bounds, most_ns))
}

/// Where a tally's histogram, or else its counter, has its cells from now on: in which block, and
/// behind how many others.
#[napi(catch_unwind)]
pub fn place_tally(
    env: &Env,
    scribe: u32,
    tally: u32,
    is_histogram: bool,
    block: Unknown<'_>,
    first: u32,
) -> Result<()> {
    let (base, _) = place_of(env, &block)?;
    let part = if is_histogram { TallyPart::Times } else { TallyPart::Count };
    with_scribe(scribe, |scribe| scribe.place_tally(tally, part, base, first as usize))
}

/// A tally records nothing any more, and its number may become another's.
#[napi(catch_unwind)]
pub fn remove_tally(scribe: u32, tally: u32) -> Result<()> {
    with_scribe(scribe, |scribe| scribe.remove_tally(tally))
}

/// The number of a text; 0 where no more fit.
#[napi(catch_unwind)]
pub fn trace_text(meter: u32, text: String) -> Result<u32> {
    Ok(meter_of(meter)?.trace_text(&text))
}

/// Asks all threads to promote what they have of a trace.
#[napi(catch_unwind)]
pub fn want_trace(meter: u32, trace_id: String) -> Result<()> {
    meter_of(meter)?.want_trace(parse(&trace_id)?);
    Ok(())
}

#[derive(Serialize)]
struct Traces {
    traces: Vec<TraceData>,
}

/// The traces that a query, given as JSON, asks for, as JSON.
#[napi(catch_unwind)]
pub fn traces(meter: u32, query: String) -> Result<String> {
    let query: TraceQuery = serde_json::from_str(&query).map_err(invalid)?;
    Ok(to_string(&Traces { traces: meter_of(meter)?.traces(&query) }))
}

/// One trace as JSON; `null` where nothing is known of it.
#[napi(catch_unwind)]
pub fn trace(meter: u32, trace_id: String) -> Result<String> {
    Ok(to_string(&meter_of(meter)?.trace(parse(&trace_id)?)))
}

/// The promoted spans with numbers above that one, as JSON.
#[napi(catch_unwind)]
pub fn spans(meter: u32, after: f64) -> Result<String> {
    Ok(to_string(&meter_of(meter)?.spans(after as u64)))
}

/// What is open in all live threads, of one flow or of all, as JSON.
#[napi(catch_unwind)]
pub fn open_spans(meter: u32, flow: Option<String>) -> Result<String> {
    Ok(to_string(&meter_of(meter)?.open_spans(flow.as_deref())))
}

fn parse(trace_id: &str) -> Result<TraceId> {
    TraceId::parse(trace_id).ok_or_else(|| invalid(format!("'{trace_id}' is no trace id")))
}
