//! The exporting thread: one a process, named `nanometer-export`, for all exporters of all meters.
//!
//! It starts with the first exporter, ends after the last, and never keeps the process alive. What
//! is to be done stands in one list, which any thread changes; what waits to be sent, and what is
//! known of it, is with the exporters. So a panic is caught, counted, and followed by going on.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet, LocalSet};

use super::collect::collect_forever;
use super::deliver::deliver_forever;
use super::exporter::Exporter;
use super::pipe::Source;
use super::tell::tell_forever;
use crate::fault::{Fault, strike};
use crate::server::resume_panic;

/// The thread's name, as `top -H` and a debugger show it. Linux keeps 15 bytes of it.
const THREAD_NAME: &str = "nanometer-export";

/// How long what panicked rests, so that a panic that comes back at once takes no processor.
const REST: Duration = Duration::from_millis(100);

static THREAD: Thread = Thread {
    state: Mutex::new(State { exporters: Vec::new(), running: false }),
    stir: Notify::const_new(),
};

struct Thread {
    state: Mutex<State>,
    /// The list has changed.
    stir: Notify,
}

struct State {
    exporters: Vec<Arc<Exporter>>,
    /// Whether there is a thread. It ends under the lock, when the list is empty.
    running: bool,
}

/// Has exporters run, and starts the thread if there is none.
///
/// # Errors
///
/// The thread could not be started; they do not run.
pub(crate) fn add(exporters: &[Arc<Exporter>]) -> io::Result<()> {
    if exporters.is_empty() {
        return Ok(());
    }
    let mut state = lock();
    if !state.running {
        std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(run)?;
        state.running = true;
    }
    state.exporters.extend(exporters.iter().cloned());
    drop(state);
    THREAD.stir.notify_one();
    Ok(())
}

/// Has exporters no longer run. The thread lets go of them soon.
pub(crate) fn remove(exporters: &[Arc<Exporter>]) {
    let is_removed = |kept: &Arc<Exporter>| exporters.iter().any(|one| Arc::ptr_eq(one, kept));
    lock().exporters.retain(|kept| !is_removed(kept));
    THREAD.stir.notify_one();
}

fn lock() -> MutexGuard<'static, State> {
    THREAD.state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    loop {
        match catch_unwind(AssertUnwindSafe(work_on_a_runtime)) {
            Ok(Ok(())) => {
                let mut state = lock();
                if state.exporters.is_empty() {
                    state.running = false;
                    return;
                }
                continue;
            }
            // Out of file descriptors, most likely: until there are some, nothing is sent.
            Ok(Err(error)) => {
                for exporter in &lock().exporters {
                    let message = format!("exporting rests: {error}; it goes on by itself");
                    exporter.meter.warn(super::tell::CODE, &message);
                }
            }
            Err(_panic) => lock().exporters.iter().for_each(|exporter| exporter.panicked()),
        }
        std::thread::sleep(REST);
    }
}

fn work_on_a_runtime() -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    LocalSet::new().block_on(&runtime, work());
    // Not dropped, which would wait for names that are being looked up.
    runtime.shutdown_background();
    Ok(())
}

/// Runs the exporters of the list until it is empty.
async fn work() {
    let mut running: Vec<(Arc<Exporter>, AbortHandle)> = Vec::new();
    let mut tasks = JoinSet::new();
    loop {
        strike(Fault::Exports);
        let wanted = lock().exporters.clone();
        running.retain(|(exporter, task)| {
            let stays = wanted.iter().any(|wanted| Arc::ptr_eq(wanted, exporter));
            if !stays {
                task.abort();
            }
            stays
        });
        for exporter in &wanted {
            if !running.iter().any(|(known, _)| Arc::ptr_eq(known, exporter)) {
                let task = tasks.spawn_local(run_exporter(Arc::clone(exporter)));
                running.push((Arc::clone(exporter), task));
            }
        }
        if wanted.is_empty() {
            return;
        }
        drop(wanted);
        tokio::select! {
            () = THREAD.stir.notified() => {}
            Some(ended) = tasks.join_next() => resume_panic(ended),
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
