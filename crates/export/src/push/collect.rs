//! Metrics, collected at intervals: read, encoded, put into the queue.
//!
//! With delta temporality there is one window at a time: while it waits to be acknowledged nothing
//! is collected, and the next window begins where the last acknowledged one ended. So what a
//! receiver never got is in the next, and nothing is there twice.

use std::sync::Arc;

use nanometer_core::Exemplars;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::options::MetricsOptions;
use super::pipe::Pipe;
use crate::fault::{Fault, strike};
use crate::otlp::{MAX_REQUEST_BYTES, MetricsEncoder, Temporality};

/// Collects until the exporter is stopped.
pub(crate) async fn collect_forever(pipe: Arc<Pipe>, options: MetricsOptions) {
    let mut encoder = MetricsEncoder::new(options.temporality, pipe.encoding(), MAX_REQUEST_BYTES);
    let mut ticks = interval_at(Instant::now() + options.interval(), options.interval());
    // A thread that was held up does not make up for it: sums lose nothing.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_wanted = {
            let state = pipe.lock();
            if state.ledger.is_stopped() {
                return;
            }
            state.collections_done < state.collections_wanted
        };
        if is_wanted {
            collect(&pipe, &mut encoder, options.temporality);
        }
        tokio::select! {
            _ = ticks.tick() => collect(&pipe, &mut encoder, options.temporality),
            () = pipe.collect.notified() => {}
        }
    }
}

/// Collects once, unless a window is open.
fn collect(pipe: &Pipe, encoder: &mut MetricsEncoder, temporality: Temporality) {
    let wanted = {
        let state = pipe.lock();
        let progress = state.ledger.progress();
        if temporality == Temporality::Delta && progress.left < progress.entered {
            return;
        }
        state.collections_wanted
    };
    strike(Fault::Exporter);
    let snapshot = Arc::new(pipe.meter.snapshot_with(Exemplars::Published));
    let encoded = encoder.encode(&snapshot, &pipe.baseline());
    pipe.change(|state| {
        if encoded.too_large > 0 {
            state.health.left_out(encoded.too_large, pipe.signal());
        }
        state.ledger.take_in(encoded);
        state.collections_done = wanted;
    });
}
