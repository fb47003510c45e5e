//! The open meters of the process, where they answer and what they export: opened once, found from
//! every thread.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nanometer_core::{Meter, Options, registry};
use nanometer_export::push::{ExporterOptions, Exporters};
use nanometer_export::{Inspection, InspectionOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::errors::{Result, of_open};

/// What `src/backend/native.ts` sends to open a meter.
#[derive(Deserialize)]
pub struct OpenRequest {
    #[serde(flatten)]
    meter: Options,
    inspection: Option<InspectionRequest>,
    #[serde(default)]
    exporters: Vec<ExporterOptions>,
}

#[derive(Deserialize)]
struct InspectionRequest {
    host: String,
    port: Option<u16>,
    socket: bool,
    token: Option<String>,
}

struct Served {
    meter: Arc<Meter>,
    inspection: Inspection,
    exporters: Arc<Exporters>,
    /// Whether anybody asked for a server.
    wanted: bool,
}

static SERVED: Mutex<Vec<Served>> = Mutex::new(Vec::new());

/// Opens the meter of a service and what serves it, or joins the one that is open.
pub fn open(request: OpenRequest) -> Result<Arc<Meter>> {
    // Held throughout: a thread that joins finds ports and socket bound.
    let mut served = served();
    let (meter, created) = registry::open(&request.meter).map_err(of_open)?;
    if created {
        let wanted = request.inspection.is_some();
        let (exporters, export_warnings) = Exporters::start(&meter, &request.exporters);
        let options =
            InspectionOptions { exporters: Some(Arc::clone(&exporters)), ..options(request) };
        let (inspection, warnings) = Inspection::start(Arc::clone(&meter), options);
        let warnings = export_warnings.into_iter().chain(warnings);
        warnings.for_each(|warning| meter.warn(warning.code, &warning.message));
        served.push(Served { meter: Arc::clone(&meter), inspection, exporters, wanted });
    }
    Ok(meter)
}

fn options(request: OpenRequest) -> InspectionOptions {
    let Some(inspection) = request.inspection else { return InspectionOptions::default() };
    let directory = request.meter.state_dir.filter(|_| inspection.socket);
    InspectionOptions {
        host: inspection.host,
        port: inspection.port,
        socket: directory.map(|directory: PathBuf| directory.join("nanometer.sock")),
        token: inspection.token,
        ..InspectionOptions::default()
    }
}

/// Where a meter answers; `null` where nobody asked for it, or the meter is closed.
pub fn inspection(meter: &Arc<Meter>) -> Value {
    let served = served();
    let known = served.iter().find(|served| served.wanted && Arc::ptr_eq(&served.meter, meter));
    known.map_or(Value::Null, |served| {
        let Inspection { url, port, socket_path, .. } = &served.inspection;
        json!({ "url": url, "port": port, "socketPath": socket_path })
    })
}

/// What exports a meter; `None` where it is closed.
pub fn exporters(meter: &Arc<Meter>) -> Option<Arc<Exporters>> {
    let served = served();
    let known = served.iter().find(|served| Arc::ptr_eq(&served.meter, meter));
    known.map(|served| Arc::clone(&served.exporters))
}

/// Stops serving and exporting a meter and closes it. What has not been exported is dropped: who
/// wants it flushes before.
pub fn close(meter: &Arc<Meter>) {
    let known = {
        let mut served = served();
        let at = served.iter().position(|served| Arc::ptr_eq(&served.meter, meter));
        at.map(|at| served.swap_remove(at))
    };
    registry::close(meter);
    if let Some(known) = &known {
        known.exporters.stop(Duration::ZERO);
    }
    // Stops the server, without the lock: its thread may be in the middle of an answer.
    drop(known);
}

fn served() -> MutexGuard<'static, Vec<Served>> {
    SERVED.lock().unwrap_or_else(PoisonError::into_inner)
}
