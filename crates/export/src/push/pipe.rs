//! One signal on its way to one exporter's destination: all that outlives the thread that works on
//! it, and that other threads ask about.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use nanometer_core::Meter;
use tokio::sync::Notify;

use super::backoff::Backoff;
use super::health::Health;
use super::ledger::Ledger;
use super::options::{ExporterOptions, MetricsOptions, RetryOptions, TracesOptions, encoding_of};
use super::queue::{Backlog, RequestQueue};
use super::self_metrics::SignalMetrics;
use super::transport::Opener;
use crate::otlp::{Baseline, Encoding};
use crate::send::{Destination, Signal};

/// One signal of one exporter.
pub(crate) struct Pipe {
    pub exporter: String,
    pub meter: Arc<Meter>,
    pub source: Source,
    pub destination: Destination,
    pub opener: Opener,
    pub metrics: SignalMetrics,
    retry: RetryOptions,
    /// What the receiver has of each series, with delta temporality. The exporting thread's.
    baseline: Mutex<Baseline>,
    state: Mutex<State>,
    /// Something was settled, or failed, or was collected: for threads that wait for a flush.
    settled: Condvar,
    /// There is something to send, or it is to be sent at once.
    pub stir: Arc<Notify>,
    /// Metrics are to be collected at once, or there is room for a new window.
    pub collect: Notify,
    /// The exporter's health has changed: for who tells the user.
    pub news: Arc<Notify>,
}

/// Where what is sent comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Metrics(MetricsOptions),
    Traces(TracesOptions),
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub ledger: Ledger,
    pub health: Health,
    /// How often collecting at once was asked for, and up to which of these it was done.
    pub collections_wanted: u64,
    pub collections_done: u64,
    /// Up to how many that ever entered the queue nothing waits for a batch to fill.
    pub hurried: u64,
    /// How many flushes are waited for by who is about to end.
    pub leaving: u32,
    /// How often an attempt failed for a reason that lasts.
    pub setbacks: u64,
}

impl std::fmt::Debug for Pipe {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = out.debug_struct("Pipe");
        out.field("exporter", &self.exporter).field("source", &self.source).finish_non_exhaustive()
    }
}

impl Pipe {
    /// The signals that an exporter has.
    pub(crate) fn all_of(
        options: &ExporterOptions,
        meter: &Arc<Meter>,
        opener: &Opener,
        news: &Arc<Notify>,
    ) -> Vec<Arc<Pipe>> {
        let queue = options.queue;
        let pipe = |source: Source, destination: &Destination, backlog, stir| {
            let signal = source.signal().label();
            Arc::new(Pipe {
                exporter: options.name.clone(),
                meter: Arc::clone(meter),
                source,
                destination: destination.clone(),
                opener: Arc::clone(opener),
                metrics: SignalMetrics::define(meter, &options.name, signal, destination),
                retry: options.retry.unwrap_or_default(),
                baseline: Mutex::default(),
                state: Mutex::new(State::new(backlog)),
                settled: Condvar::new(),
                stir,
                collect: Notify::new(),
                news: Arc::clone(news),
            })
        };
        let metrics = options.metrics.as_ref().map(|metrics| {
            let requests = RequestQueue::new(queue.max_items, queue.max_bytes);
            let source = Source::Metrics(metrics.clone());
            pipe(source, &metrics.destination, Backlog::Requests(requests), Arc::default())
        });
        let traces = options.traces.as_ref().map(|traces| {
            let feed = meter.feed_spans(queue.max_spans, queue.max_bytes);
            let stir = Arc::new(Notify::new());
            let told = Arc::clone(&stir);
            feed.on_fill(traces.most(), move || told.notify_one());
            pipe(Source::Traces(traces.clone()), &traces.destination, Backlog::Spans(feed), stir)
        });
        metrics.into_iter().chain(traces).collect()
    }

    pub(crate) fn signal(&self) -> Signal {
        self.source.signal()
    }

    pub(crate) fn encoding(&self) -> Encoding {
        encoding_of(&self.destination)
    }

    pub(crate) fn backoff(&self) -> Backoff {
        Backoff::new(self.retry, Rng::new())
    }

    /// Held for as long as encoding takes: nobody else may wait for it.
    pub(crate) fn baseline(&self) -> MutexGuard<'_, Baseline> {
        self.baseline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something that a flush may wait for.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let had = state.ledger.progress();
        let changed = change(&mut state);
        let has = state.ledger.progress();
        drop(state);
        self.settled.notify_all();
        self.news.notify_one();
        if has.entered > had.entered {
            self.stir.notify_one();
        }
        if has.left > had.left {
            self.collect.notify_one();
        }
        changed
    }

    /// Waits for a change, or that time.
    pub(crate) fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        time: Duration,
    ) -> MutexGuard<'a, State> {
        self.settled.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ends all: what waits is dropped and counted. A second call does nothing.
    pub(crate) fn stop(&self) {
        self.change(|state| state.ledger.stop());
        self.stir.notify_one();
        self.collect.notify_one();
    }
}

impl Source {
    fn signal(&self) -> Signal {
        match self {
            Source::Metrics(_) => Signal::Metrics,
            Source::Traces(_) => Signal::Traces,
        }
    }
}

impl State {
    fn new(backlog: Backlog) -> State {
        State {
            ledger: Ledger::new(backlog),
            health: Health::default(),
            collections_wanted: 0,
            collections_done: 0,
            hurried: 0,
            leaving: 0,
            setbacks: 0,
        }
    }

    /// Whether what is at the front is to be sent without waiting for more.
    pub(crate) fn is_hurried(&self) -> bool {
        self.ledger.progress().left < self.hurried
    }
}

/// The Unix time, milliseconds.
pub(crate) fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
