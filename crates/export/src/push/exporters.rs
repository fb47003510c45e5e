//! All exporters of a meter: started with it, asked and flushed from any thread, stopped once.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nanometer_core::{Meter, Warning};
use serde::Serialize;

use super::cause;
use super::exporter::Exporter;
use super::flush::{FlushReport, flush};
use super::options::ExporterOptions;
use super::pipe::Pipe;
use super::self_metrics::AccountMetrics;
use super::status::ExporterStatus;
use super::tell::CODE;
use super::thread;
use super::transport::{Opener, senders};

/// The exporters of a meter. Dropped, they are stopped without delay.
#[derive(Debug)]
pub struct Exporters {
    meter: Arc<Meter>,
    exporters: Vec<Arc<Exporter>>,
    /// Those that run elsewhere.
    noted: Mutex<Vec<Noted>>,
    stopped: AtomicBool,
}

/// An exporter that runs in JavaScript, as it was last said to be.
#[derive(Debug)]
struct Noted {
    status: ExporterStatus,
    accounts: Vec<(&'static str, AccountMetrics)>,
}

/// How all exporters of a meter fare.
#[derive(Clone, Debug, Serialize)]
pub struct ExportersStatus {
    /// Each.
    pub exporters: Vec<ExporterStatus>,
}

impl Exporters {
    /// Starts them on the exporting thread, which is started where there is none. Nothing that
    /// fails here stops anything: it is among the warnings.
    pub fn start(
        meter: &Arc<Meter>,
        options: &[ExporterOptions],
    ) -> (Arc<Exporters>, Vec<Warning>) {
        Exporters::start_with(meter, options, &senders())
    }

    pub(super) fn start_with(
        meter: &Arc<Meter>,
        options: &[ExporterOptions],
        opener: &Opener,
    ) -> (Arc<Exporters>, Vec<Warning>) {
        let (started, mut warnings) = Exporters::prepared(meter, options, opener);
        if let Err(error) = thread::add(&started.exporters) {
            started.stop(Duration::ZERO);
            let message = format!(
                "the exporting thread could not be started: {error}; metrics are recorded, and \
                 are not exported"
            );
            warnings.push(Warning { code: "NANOMETER_THREAD", message });
        }
        (started, warnings)
    }

    /// All but the thread.
    pub(super) fn prepared(
        meter: &Arc<Meter>,
        options: &[ExporterOptions],
        opener: &Opener,
    ) -> (Arc<Exporters>, Vec<Warning>) {
        let mut warnings = Vec::new();
        let mut exporters: Vec<Arc<Exporter>> = Vec::new();
        for options in options {
            if exporters.iter().any(|exporter| exporter.name == options.name) {
                let message =
                    format!("there are two exporters '{}'; one is left out", options.name);
                warnings.push(Warning { code: CODE, message });
                continue;
            }
            exporters.push(Arc::new(Exporter::new(meter, options, opener)));
        }
        let (noted, stopped) = (Mutex::default(), AtomicBool::new(false));
        let exporters = Arc::new(Exporters { meter: Arc::clone(meter), exporters, noted, stopped });
        let known = Arc::downgrade(&exporters);
        meter.before_reading(move || {
            if let Some(exporters) = known.upgrade() {
                exporters.bring();
            }
        });
        (exporters, warnings)
    }

    /// Delivers all that has been recorded until now, within that time. On any thread that may be
    /// held up; the time may be 0.
    pub fn flush(&self, time: Duration) -> FlushReport {
        flush(&self.pipes(), deadline(time), false)
    }

    /// As [`Exporters::flush`], for who is about to end: where nobody listens it is tried twice, and
    /// not until that time.
    pub fn flush_last(&self, time: Duration) -> FlushReport {
        flush(&self.pipes(), deadline(time), true)
    }

    /// As [`Exporters::flush_last`], and then never again: what could not be delivered is dropped and
    /// counted. With no time at all nothing more is sent. A second call does nothing.
    pub fn stop(&self, time: Duration) {
        if self.stopped.swap(true, Relaxed) {
            return;
        }
        if time > Duration::ZERO {
            self.flush_last(time);
        }
        self.pipes().iter().for_each(|pipe| pipe.stop());
        thread::remove(&self.exporters);
    }

    /// How they fare.
    pub fn status(&self) -> ExportersStatus {
        let exporters = self.exporters.iter().map(|exporter| exporter.status());
        let noted: Vec<ExporterStatus> =
            self.noted().iter().map(|noted| noted.status.clone()).collect();
        ExportersStatus { exporters: exporters.chain(noted).collect() }
    }

    /// Takes note of how an exporter fares that runs elsewhere.
    pub fn note(&self, status: ExporterStatus) {
        let mut noted = self.noted();
        match noted.iter_mut().find(|noted| noted.status.name == status.name) {
            Some(known) => known.status = status,
            None => noted.push(Noted { status, accounts: Vec::new() }),
        }
    }

    #[cfg(test)]
    pub(super) fn exporters(&self) -> &[Arc<Exporter>] {
        &self.exporters
    }

    fn pipes(&self) -> Vec<Arc<Pipe>> {
        self.exporters.iter().flat_map(|exporter| exporter.pipes.iter().cloned()).collect()
    }

    fn noted(&self) -> MutexGuard<'_, Vec<Noted>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings their metrics up to date.
    fn bring(&self) {
        for pipe in self.pipes() {
            let counts = pipe.lock().ledger.counts();
            pipe.metrics.bring(&self.meter, &counts);
        }
        for noted in &mut *self.noted() {
            let Noted { status, accounts } = noted;
            for (signal, said) in status.signals.each() {
                if !accounts.iter().any(|(known, _)| *known == signal) {
                    let account =
                        AccountMetrics::define(&self.meter, &status.name, signal, &cause::CHANNEL);
                    accounts.push((signal, account));
                }
                let known = accounts.iter().find(|(known, _)| *known == signal);
                if let Some((_, account)) = known {
                    account.bring(&self.meter, &said.counts());
                }
            }
        }
    }
}

impl Drop for Exporters {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

/// A time so long that the clock cannot hold it is a day.
fn deadline(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now + Duration::from_secs(86_400))
}
