//! The calls of `src/backend/native.ts`: one function each, conversions only.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use nanometer_core::json::to_string;
use nanometer_core::{Definition, Exemplars, Level, Meter, layout};
use napi::Env;
use napi::bindgen_prelude::{Float64ArraySlice, Unknown};
use napi_derive::napi;
use serde_json::json;

use crate::errors::{Result, full, invalid, of_define};
use crate::memory::array_buffer;
use crate::serving;
use crate::thread::{attach, with_lane};

/// The layout that this binary was built with; `src/backend/native.ts` compares it with its own.
#[napi(catch_unwind)]
pub fn layout_hash() -> String {
    format!("{:016x}", layout::LAYOUT_HASH)
}

/// Opens or joins the meter of a service and gives this thread a lane of it. Options and answer
/// are JSON; the answer is the meter's number on this thread.
#[napi(catch_unwind)]
pub fn open(env: &Env, options: String) -> Result<u32> {
    let request = serde_json::from_str(&options).map_err(invalid)?;
    attach(env, &serving::open(request)?)
}

/// Allocates a definition, given as JSON, and answers its family and position.
#[napi(catch_unwind)]
pub fn define(meter: u32, definition: String) -> Result<Vec<u32>> {
    let definition: Definition = serde_json::from_str(&definition).map_err(invalid)?;
    let placement = meter_of(meter)?.define(definition).map_err(of_define)?;
    Ok(vec![placement.family, placement.position])
}

/// The position of a series; -1 for the overflow series.
#[napi(catch_unwind)]
pub fn bind(meter: u32, family: u32, values: Vec<String>) -> Result<f64> {
    with_lane(meter, |lane| Ok(lane.bind(family, &values).map_or(-1.0, f64::from)))
}

/// Counts label sets that went to a family's overflow series without being asked for again.
#[napi(catch_unwind)]
pub fn count_overflow(meter: u32, family: u32, times: u32) -> Result<()> {
    meter_of(meter)?.count_overflow(family, times.into());
    Ok(())
}

/// Gives up this thread's hold on a series; true when it is gone.
#[napi(catch_unwind)]
pub fn release(meter: u32, family: u32, values: Vec<String>) -> Result<bool> {
    with_lane(meter, |lane| Ok(lane.release(family, &values)))
}

/// This thread's block of that number as an ArrayBuffer.
#[napi(catch_unwind)]
pub fn block(env: &Env, meter: u32, number: u32) -> Result<Unknown<'_>> {
    with_lane(meter, |lane| {
        let base =
            lane.block(number).ok_or_else(|| invalid(format!("there is no block {number}")))?;
        // SAFETY: the lane keeps its blocks mapped, and the thread keeps its lanes until its
        // environment's clean-up hook.
        unsafe { array_buffer(env, base, layout::BLOCK_BYTES) }
    })
}

/// Where this thread's events go: the count that all threads share, and the blocks of its ring, as
/// ArrayBuffers.
#[napi(catch_unwind)]
pub fn event_memory(env: &Env, meter: u32) -> Result<Vec<Unknown<'_>>> {
    with_lane(meter, |lane| {
        let memory = lane.events().ok_or_else(|| full("there is no memory for events"))?;
        // SAFETY: as in `block`; the count is in the header of the lane's meter.
        let sequence = unsafe { array_buffer(env, memory.sequence, size_of::<i64>()) };
        // SAFETY: as in `block`.
        let block = |base| unsafe { array_buffer(env, base, layout::BLOCK_BYTES) };
        iter::once(sequence).chain(memory.blocks.into_iter().map(block)).collect()
    })
}

/// The events with numbers above that one, as JSON.
#[napi(catch_unwind)]
pub fn events(meter: u32, after: f64) -> Result<String> {
    serde_json::to_string(&meter_of(meter)?.events(after as u64)).map_err(invalid)
}

/// The name of the level now.
#[napi(catch_unwind)]
pub fn level(meter: u32) -> Result<&'static str> {
    Ok(meter_of(meter)?.level().name())
}

/// Sets the level; with a time, it goes back after it.
#[napi(catch_unwind)]
pub fn set_level(meter: u32, level: String, for_ms: Option<f64>) -> Result<()> {
    let level =
        Level::from_name(&level).ok_or_else(|| invalid(format!("'{level}' is no level")))?;
    let lease =
        for_ms.map(|ms| Duration::try_from_secs_f64(ms / 1e3).map_err(invalid)).transpose()?;
    meter_of(meter)?.set_level(level, lease);
    Ok(())
}

/// Switches a reserved metric on; false when there is none of that name.
#[napi(catch_unwind)]
pub fn enable(meter: u32, name: String) -> Result<bool> {
    Ok(meter_of(meter)?.enable(&name))
}

/// Writes the values of some series, named by family and position, family and position, …, to an
/// array that is at least half as long. Nothing is allocated in JavaScript.
#[napi(catch_unwind)]
pub fn read_values(meter: u32, pairs: &[u32], mut into: Float64ArraySlice<'_>) -> Result<()> {
    let (pairs, rest) = pairs.as_chunks();
    if !rest.is_empty() || into.len() < pairs.len() {
        return Err(invalid(format!(
            "{} values do not fit into {}, or a pair is not whole",
            pairs.len(),
            into.len()
        )));
    }
    // SAFETY: JavaScript cannot touch the array while this runs on its thread.
    let into = unsafe { into.as_mut() };
    with_lane(meter, |lane| {
        lane.meter().read_values(pairs, |index, value| into[index] = value);
        Ok(())
    })
}

/// All series, as JSON.
#[napi(catch_unwind)]
pub fn snapshot(meter: u32) -> Result<String> {
    Ok(to_string(&meter_of(meter)?.snapshot_with(Exemplars::Shown)))
}

/// Where the inspection server answers, as JSON; `null` where there is none.
#[napi(catch_unwind)]
pub fn inspection(meter: u32) -> Result<String> {
    Ok(serving::inspection(&meter_of(meter)?).to_string())
}

/// Warnings that have not been taken, as JSON.
#[napi(catch_unwind)]
pub fn take_warnings(meter: u32) -> Result<String> {
    Ok(json!(meter_of(meter)?.take_warnings()).to_string())
}

/// Stops serving and gives up the segment's file.
#[napi(catch_unwind)]
pub fn close(meter: u32) -> Result<()> {
    serving::close(&meter_of(meter)?);
    Ok(())
}

pub fn meter_of(number: u32) -> Result<Arc<Meter>> {
    with_lane(number, |lane| Ok(Arc::clone(lane.meter())))
}
