//! The calls of `src/backend/native.ts` that are about exporters: conversions only.

use std::time::Duration;

use nanometer_export::push::{ExporterStatus, Exporters};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::json;

use crate::errors::{Result, invalid, unusable};
use crate::meter::meter_of;
use crate::serving;

/// The name of the threads that wait for a flush.
const THREAD_NAME: &str = "nanometer-flush";

/// Has everything delivered that was recorded until now, within that time; resolves with the JSON
/// of a `FlushReport`. `is_last`: what asks is about to end.
///
/// A thread of its own waits: those of libuv's pool are the program's, few, and waited for by a
/// worker or a process that ends.
#[napi(catch_unwind)]
pub fn flush(env: &Env, meter: u32, timeout_ms: f64, is_last: bool) -> Result<Object<'_>> {
    let exporters = serving::exporters(&meter_of(meter)?);
    let (deferred, promise) = env.create_deferred().map_err(unusable)?;
    let wait = move || {
        let report = flushed(exporters.as_deref(), time(timeout_ms), is_last);
        deferred.resolve(move |_| Ok(report));
    };
    std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(wait).map_err(unusable)?;
    Ok(promise)
}

/// The same, waiting on this thread: the last thing before the process ends.
#[napi(catch_unwind)]
pub fn flush_now(meter: u32, timeout_ms: f64) -> Result<String> {
    let exporters = serving::exporters(&meter_of(meter)?);
    Ok(flushed(exporters.as_deref(), time(timeout_ms), true))
}

/// How all exporters fare, those that JavaScript runs included, as JSON.
#[napi(catch_unwind)]
pub fn exporters(meter: u32) -> Result<String> {
    let exporters = serving::exporters(&meter_of(meter)?);
    Ok(match exporters {
        Some(exporters) => json!(exporters.status()),
        None => json!({ "exporters": [] }),
    }
    .to_string())
}

/// Takes note of how an exporter that JavaScript runs fares: JSON of an `ExporterStatus`.
#[napi(catch_unwind)]
pub fn note_exporter(meter: u32, status: String) -> Result<()> {
    let status: ExporterStatus = serde_json::from_str(&status).map_err(invalid)?;
    if let Some(exporters) = serving::exporters(&meter_of(meter)?) {
        exporters.note(status);
    }
    Ok(())
}

/// `None` where the meter is closed: there is nothing to flush.
fn flushed(exporters: Option<&Exporters>, time: Duration, is_last: bool) -> String {
    match exporters {
        Some(exporters) if is_last => json!(exporters.flush_last(time)),
        Some(exporters) => json!(exporters.flush(time)),
        None => json!({ "outcome": "success", "exporters": [] }),
    }
    .to_string()
}

/// What no clock can hold is as long as can be, what is no time none.
fn time(ms: f64) -> Duration {
    let forever = if ms > 0.0 { Duration::MAX } else { Duration::ZERO };
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or(forever)
}
