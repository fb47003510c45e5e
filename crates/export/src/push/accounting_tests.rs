//! The account, against a model: of all that was recorded it is known what became of it, at every
//! moment, whatever receivers do and whoever panics.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use nanometer_core::Meter;
use nanometer_core::snapshot::{Labels, Value};
use proptest::prelude::*;
use serde_json::json;

use super::exporters::Exporters;
use super::script::*;
use super::simulation::*;
use super::status::SignalStatus;
use crate::send::Signal::{self, Metrics, Traces};

#[derive(Clone, Copy, Debug)]
enum Action {
    Promote(u64),
    Pass(f64),
    /// Has metrics collected at once and what waits sent at once, as a flush does.
    Hurry,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Deliver),
        1 => (0u64..12).prop_map(Step::Reject),
        3 => prop::option::of(0u64..40).prop_map(Step::Retry),
        1 => Just(Step::Refuse),
        1 => Just(Step::Panic),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (1u64..14).prop_map(Action::Promote),
        3 => (0.0f64..30.0).prop_map(Action::Pass),
        // Less than an answer takes.
        2 => Just(Action::Pass(ANSWER.as_secs_f64() / 2.0)),
        1 => Just(Action::Hurry),
    ]
}

/// What the exporter's metrics say of a signal, by name and reason.
fn shown(meter: &Meter, signal: Signal) -> BTreeMap<String, f64> {
    let names = ["recorded", "exported", "queued", "dropped"];
    let names = names.map(|name| format!("nanometer.exporter.{name}"));
    let snapshot = meter.snapshot_of(&names.each_ref().map(|name| &name[..]));
    let mut shown = BTreeMap::new();
    for metric in &snapshot.metrics {
        for series in &metric.series {
            let Labels::Values(values) = &series.labels else { panic!("{series:?}") };
            if *values[1] != *signal.label() {
                continue;
            }
            let name = metric.definition.name.rsplit('.').next().unwrap();
            let key = values.get(2).map_or(name.to_owned(), |reason| format!("{name} {reason}"));
            let value = match &series.value {
                Value::Integer(count) => *count as f64,
                other => other.number().unwrap(),
            };
            shown.insert(key, value);
        }
    }
    shown
}

/// What may wait.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    items: u64,
    bytes: u64,
}

/// The most spans that may wait.
const MOST_SPANS: u64 = 25;

/// The account holds, the metrics say the same, and no queue is above its bounds.
fn check(exporters: &Arc<Exporters>, meter: &Meter, bounds: Bounds) {
    for (signal, most) in [(Metrics, bounds.items), (Traces, MOST_SPANS)] {
        let SignalStatus { recorded, exported, queued, queued_bytes, dropped, .. } =
            account(exporters, signal);
        assert!(queued <= most && queued_bytes <= bounds.bytes);
        // Each from the start, and one that is not foreseen from its first loss on.
        let foreseen = [
            "bad_response",
            "option",
            "panic",
            "partial",
            "protocol",
            "queue_full",
            "rejected",
            "shutdown",
            "throttled",
            "too_large",
            "unauthorized",
        ];
        let mut expected: BTreeMap<String, f64> =
            foreseen.iter().map(|reason| (format!("dropped {reason}"), 0.0)).collect();
        expected.extend(dropped.iter().map(|(reason, n)| (format!("dropped {reason}"), *n as f64)));
        for (name, n) in [("recorded", recorded), ("exported", exported), ("queued", queued)] {
            expected.insert(name.to_owned(), n as f64);
        }
        assert_eq!(shown(meter, signal), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn recorded_is_exported_and_queued_and_dropped_at_every_moment(
        script in prop::collection::vec(step(), 1..40),
        actions in prop::collection::vec(action(), 1..50),
        delta in any::<bool>(),
        bounds in (0u64..400, 500u64..40_000).prop_map(|(items, bytes)| Bounds { items, bytes }),
        stops in any::<bool>(),
        seed in any::<u64>(),
    ) {
        fastrand::seed(seed);
        let meter = meter();
        let made = counter(&meter, "made");
        let mut hand = Hand::new(&meter);
        let receiver = Receiver::new(&script);
        let over = json!({
            "metrics": { "temporality": if delta { "delta" } else { "cumulative" } },
            "traces": { "maxBatch": 6 },
            "queue": { "maxSpans": MOST_SPANS, "maxItems": bounds.items, "maxBytes": bounds.bytes },
        });
        let (exporters, _) = Exporters::prepared(&meter, &[options(over)], &receiver.opener());
        let checked = (Arc::clone(&exporters), Arc::clone(&meter));
        receiver.before_each_answer(move || check(&checked.0, &checked.1, bounds));
        simulate(&exporters, async {
            for action in actions {
                match action {
                    Action::Promote(count) => hand.promote(count),
                    Action::Pass(seconds) => pass(seconds).await,
                    Action::Hurry => drop(exporters.flush(Duration::ZERO)),
                }
                made.add(3);
                check(&exporters, &meter, bounds);
            }
            if stops {
                pass(ANSWER.as_secs_f64() / 2.0).await;
                exporters.stop(Duration::ZERO);
                exporters.stop(Duration::ZERO);
                receiver.end();
                check(&exporters, &meter, bounds);
                pass(1.0).await;
            } else {
                receiver.begin(Step::Deliver);
                pass(400.0).await;
            }
            check(&exporters, &meter, bounds);
        });
        let traces = account(&exporters, Traces);
        prop_assert_eq!(traces.recorded, hand.promoted);
        prop_assert_eq!(traces.queued, 0);
        // What came over, from the receiver's side.
        let taken = receiver.taken();
        let spans = taken.iter().filter(|request| request.signal == Traces);
        let ids: Vec<u64> = spans.flat_map(Request::spans).collect();
        let different: HashSet<&u64> = ids.iter().collect();
        prop_assert_eq!(different.len(), ids.len(), "taken twice: {:?}", ids);
        prop_assert!(ids.is_sorted());
        for signal in [Metrics, Traces] {
            let status = account(&exporters, signal);
            let dropped = |reason| status.dropped.get(reason).copied().unwrap_or(0);
            let is_taken = |step| matches!(step, Step::Deliver | Step::Reject(_));
            let taken = receiver.answered(signal, is_taken);
            prop_assert_eq!(status.exported + dropped("partial"), taken);
            let refused = receiver.answered(signal, |step| step == Step::Refuse);
            prop_assert_eq!(dropped("unavailable"), refused);
            prop_assert_eq!((dropped("too_large"), dropped("option")), (0, 0));
            prop_assert!(stops || dropped("shutdown") == 0);
        }
        receiver.before_each_answer(|| {});
    }
}
