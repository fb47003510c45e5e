//! The calls of `src/native.ts` that are about exporters: conversions only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use nanometer_export::push::{ExporterStatus, Exporters};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use serde_json::json;

use crate::errors::{Result, invalid};
use crate::meter::meter_of;
use crate::serving;

/// Whether the process is about to end: Node then joins the threads of libuv's pool, and what they
/// wait for would hold it up.
static LEAVING: AtomicBool = AtomicBool::new(false);

/// A flush that is waited for on a thread of libuv's pool.
pub struct Flush {
    /// `None` where the meter is closed: there is nothing to flush.
    exporters: Option<Arc<Exporters>>,
    time: Duration,
}

impl Task for Flush {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        Ok(flushed(self.exporters.as_deref(), self.time, || LEAVING.load(Relaxed)))
    }

    fn resolve(&mut self, _env: Env, report: String) -> napi::Result<String> {
        Ok(report)
    }
}

/// Has everything delivered that was recorded until now, within that time; resolves with the JSON
/// of a `FlushReport`.
#[napi(catch_unwind)]
pub fn flush(meter: u32, timeout_ms: f64) -> Result<AsyncTask<Flush>> {
    let exporters = serving::exporters(&meter_of(meter)?);
    Ok(AsyncTask::new(Flush { exporters, time: time(timeout_ms) }))
}

/// The same, waiting on this thread: the last thing before the process ends. No other flush is
/// waited for after it.
#[napi(catch_unwind)]
pub fn flush_now(meter: u32, timeout_ms: f64) -> Result<String> {
    let exporters = serving::exporters(&meter_of(meter)?);
    let report = flushed(exporters.as_deref(), time(timeout_ms), || false);
    LEAVING.store(true, Relaxed);
    Ok(report)
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

fn flushed(exporters: Option<&Exporters>, time: Duration, is_over: impl Fn() -> bool) -> String {
    match exporters {
        Some(exporters) => json!(exporters.flush_unless(time, is_over)),
        None => json!({ "outcome": "success", "exporters": [] }),
    }
    .to_string()
}

/// What no clock can hold is as long as can be, what is no time none.
fn time(ms: f64) -> Duration {
    let forever = if ms > 0.0 { Duration::MAX } else { Duration::ZERO };
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or(forever)
}
