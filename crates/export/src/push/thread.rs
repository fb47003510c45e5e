//! The exporting thread `nanometer-export`: one a process, for all exporters of all meters.
//!
//! What waits to be sent, and what is known of it, is with the exporters, and outlives a panic of
//! what works for them.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use super::collect::collect_forever;
use super::deliver::deliver_forever;
use super::exporter::Exporter;
use super::pipe::Source;
use super::tell::{CODE, tell_forever};
use crate::fault::{Fault, strike};
use crate::thread::{Duty, NativeThread, REST, resume_panic};

static THREAD: NativeThread<Exporting> = NativeThread::new();

/// Has exporters run, and starts the thread if there is none.
///
/// # Errors
///
/// The thread could not be started; they do not run.
pub(crate) fn add(exporters: &[Arc<Exporter>]) -> io::Result<()> {
    THREAD.add(exporters)
}

/// Has exporters no longer run. The thread lets go of them soon.
pub(crate) fn remove(exporters: &[Arc<Exporter>]) {
    THREAD.remove(exporters);
}

/// Each exporter by itself: there is nothing to do for all.
#[derive(Default)]
struct Exporting;

impl Duty for Exporting {
    type Item = Exporter;

    const NAME: &'static str = "nanometer-export";

    fn work(exporter: Arc<Exporter>) -> impl Future<Output = ()> + 'static {
        run_exporter(exporter)
    }

    fn turn(&mut self, _: &[Arc<Exporter>]) -> Option<Instant> {
        strike(Fault::Exports);
        None
    }

    fn panicked(exporters: &[Arc<Exporter>]) {
        exporters.iter().for_each(|exporter| exporter.panicked());
    }

    fn rests(exporters: &[Arc<Exporter>], error: &io::Error) {
        for exporter in exporters {
            let message = format!("exporting rests: {error}; it goes on by itself");
            exporter.meter.warn(CODE, &message);
        }
    }
}

/// Runs one exporter until it is dropped.
pub(super) async fn run_exporter(exporter: Arc<Exporter>) {
    let mut tasks = JoinSet::new();
    for pipe in &exporter.pipes {
        let (all, sent) = (Arc::clone(&exporter), Arc::clone(pipe));
        tasks.spawn_local(async move {
            let deliver = || deliver_forever(Arc::clone(&sent));
            keep_up(&all, deliver, || sent.lock().health.panicked()).await;
        });
        if let Source::Metrics(options) = &pipe.source {
            let (all, read, options) = (Arc::clone(&exporter), Arc::clone(pipe), options.clone());
            tasks.spawn_local(async move {
                let collect = || collect_forever(Arc::clone(&read), options.clone());
                keep_up(&all, collect, || {}).await;
            });
        }
    }
    tasks.spawn_local(async move { tell_forever(&exporter).await });
    while let Some(ended) = tasks.join_next().await {
        resume_panic(ended);
    }
}

/// Does something until it ends by itself: after a panic, which is counted, it begins again.
async fn keep_up<F>(exporter: &Exporter, begin: impl Fn() -> F, panicked: impl Fn())
where
    F: Future<Output = ()> + 'static,
{
    loop {
        // Dropped with this, the task ends too.
        let mut task = JoinSet::new();
        task.spawn_local(begin());
        match task.join_next().await {
            Some(Err(error)) if error.is_panic() => {
                exporter.panicked();
                panicked();
                tokio::time::sleep(REST).await;
            }
            _ => return,
        }
    }
}
