//! One exporter: its signals, and what the user has heard of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nanometer_core::{Counter, Meter};
use tokio::sync::Notify;

use super::options::{ExporterKind, ExporterOptions};
use super::pipe::Pipe;
use super::status::{ExporterStatus, SignalStatus, Signals};
use super::tell::Told;
use super::transport::Opener;
use crate::self_stats::panic_counter;
use crate::send::Signal;

/// One exporter of a meter.
#[derive(Debug)]
pub(crate) struct Exporter {
    pub name: String,
    pub meter: Arc<Meter>,
    pub pipes: Vec<Arc<Pipe>>,
    /// Something about it has changed.
    pub news: Arc<Notify>,
    kind: ExporterKind,
    panics: Option<Counter>,
    told: Mutex<Told>,
}

impl Exporter {
    pub(crate) fn new(meter: &Arc<Meter>, options: &ExporterOptions, opener: &Opener) -> Exporter {
        let news = Arc::new(Notify::new());
        let pipes = Pipe::all_of(options, meter, opener, &news);
        Exporter {
            name: options.name.clone(),
            meter: Arc::clone(meter),
            pipes,
            news,
            kind: options.kind,
            panics: panic_counter(meter),
            told: Mutex::default(),
        }
    }

    /// A panic of the exporting thread was caught.
    pub(crate) fn panicked(&self) {
        if let Some(panics) = &self.panics {
            panics.add(1);
        }
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn status(&self) -> ExporterStatus {
        let of = |signal: Signal| {
            let pipe = self.pipes.iter().find(|pipe| pipe.signal() == signal);
            pipe.map(|pipe| SignalStatus::of(pipe))
        };
        ExporterStatus {
            name: self.name.clone(),
            kind: self.kind,
            signals: Signals { metrics: of(Signal::Metrics), traces: of(Signal::Traces) },
        }
    }
}
