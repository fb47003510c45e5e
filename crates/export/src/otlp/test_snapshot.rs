//! Snapshots for the tests of this module: by hand, and arbitrary ones.

use std::sync::Arc;

use nanometer_core::snapshot::{
    Distribution, Exemplar, Labels, Metric, Process, Series, Snapshot, Value,
};
use nanometer_core::{
    Aggregate, Buckets, Definition, Derive, Kind, Level, SpanId, States, TraceId,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Encoded, Encoding, MetricsEncoder, Temporality};

/// When the meter of the snapshots was opened, Unix milliseconds.
pub(super) const OPENED_MS: f64 = 1_700_000_000_000.0;
pub(super) const OPENED_NS: u64 = 1_700_000_000_000_000_000;

pub(super) fn labels(values: &[&str]) -> Labels {
    Labels::Values(values.iter().map(|value| Arc::from(*value)).collect())
}

/// A metric with one series without labels.
pub(super) fn metric(definition: Definition, value: Value) -> Metric {
    Metric { definition: Arc::new(definition), series: vec![Series::new(labels(&[]), value)] }
}

pub(super) fn counter(name: &str, value: Value) -> Metric {
    metric(Definition::new(name, Kind::Counter, "{job}", "Jobs."), value)
}

pub(super) fn snapshot(seconds: f64, metrics: Vec<Metric>) -> Arc<Snapshot> {
    Arc::new(Snapshot {
        service: "worker".into(),
        taken_at_ms: OPENED_MS + seconds * 1e3,
        level: Level::Production,
        processes: vec![Process { pid: 7, started_at_ms: OPENED_MS, alive: true }],
        resource: vec![
            ("service.name".into(), "worker".into()),
            ("process.pid".into(), "7".into()),
        ],
        metrics,
    })
}

/// All of a snapshot, in one request.
pub(super) fn encode(snapshot: &Arc<Snapshot>, encoding: Encoding) -> Encoded {
    let mut encoder = MetricsEncoder::new(Temporality::Cumulative, encoding, usize::MAX);
    encoder.encode(snapshot, &super::Baseline::new())
}

/// Any number that a series may have: those that arithmetic has brought beyond all are among them.
fn number() -> impl Strategy<Value = f64> {
    let large = select(vec![0.0, -0.0, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 9e15]);
    prop_oneof![4 => 0.0..1e6, 2 => any::<u32>().prop_map(f64::from), 1 => large]
}

fn exemplar(places: u32) -> impl Strategy<Value = Exemplar> {
    let ids = (1..u128::MAX, 1..u64::MAX).prop_map(|(trace, span)| {
        let parsed = TraceId::parse(&format!("{trace:032x}"));
        parsed.zip(SpanId::parse(&format!("{span:016x}"))).expect("ids")
    });
    (0..places, 0.0..1e9, ids, 0.0..1e6).prop_map(|(place, value, (trace_id, span_id), after)| {
        Exemplar { place, value, trace_id, span_id, at_ms: OPENED_MS + after }
    })
}

fn bounds() -> impl Strategy<Value = Buckets> {
    let explicit = vec(0u32..10_000, 1..12).prop_map(|mut bounds| {
        bounds.sort_unstable();
        bounds.dedup();
        Buckets { bounds: bounds.into_iter().map(f64::from).collect(), scale: None }
    });
    let exponential = (-2..6i32, -40..40i32, 1..300i32).prop_map(|(scale, first, count)| {
        let bound = |index: i32| (f64::from(index) / f64::from(scale).exp2()).exp2();
        let bounds = (first..first + count).map(bound).filter(|bound| bound.is_normal());
        let bounds = bounds.collect();
        Buckets { bounds, scale: Some(scale) }
    });
    prop_oneof![explicit, exponential].prop_filter("bounds", |buckets| !buckets.bounds.is_empty())
}

fn distribution(buckets: usize) -> impl Strategy<Value = Value> {
    let count = prop_oneof![3 => Just(0u64), 2 => 1u64..1_000, 1 => 1u64 << 40..1u64 << 53];
    let all = prop_oneof![1 => Just(vec![0; buckets]), 5 => vec(count, buckets)];
    (all, number(), option::of((number(), number()))).prop_map(|(counts, sum, ends)| {
        let ends = ends.filter(|_| counts.iter().any(|count| *count != 0));
        let (min, max) = ends.unzip();
        Value::Histogram(Distribution { counts, sum, min, max })
    })
}

fn definition() -> impl Strategy<Value = Definition> {
    let kinds = vec![Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::State, Kind::Derived];
    let all = vec![Aggregate::Sum, Aggregate::Max, Aggregate::Min, Aggregate::Last];
    let names = vec(select(vec!["idle", "ran \"it\"", "é\u{1F980}\n", ""]), 1..4);
    let parts = (select(kinds), select(all), bounds(), "[a-z.]{1,12}", 0..3usize, names);
    parts.prop_map(|(kind, aggregate, buckets, name, labels, names)| Definition {
        labels: ["key", "other.key"][..labels.min(2)].iter().map(ToString::to_string).collect(),
        aggregate: (kind == Kind::Gauge).then_some(aggregate),
        buckets: (kind == Kind::Histogram).then_some(buckets),
        states: (kind == Kind::State).then(|| States {
            names: names.iter().map(ToString::to_string).collect(),
            last: Vec::new(),
        }),
        derive: (kind == Kind::Derived).then(|| Derive {
            numerator: "a".to_owned(),
            denominator: "b".to_owned(),
            factor: 1.0,
        }),
        ..Definition::new(&name, kind, "{one}", "What it \"is\".")
    })
}

fn value(definition: &Definition) -> BoxedStrategy<Value> {
    match (definition.kind, &definition.buckets, &definition.states) {
        (Kind::Histogram, Some(buckets), _) => distribution(buckets.bounds.len() + 1).boxed(),
        (Kind::State, _, Some(states)) => {
            (0..states.names.len() as u32).prop_map(Value::State).boxed()
        }
        (Kind::Counter, ..) => {
            prop_oneof![number().prop_map(Value::Number), any::<u64>().prop_map(Value::Integer)]
                .boxed()
        }
        _ => (number(), any::<bool>())
            .prop_map(|(value, is_below)| Value::Number(if is_below { -value } else { value }))
            .boxed(),
    }
}

fn series(definition: &Definition) -> impl Strategy<Value = Series> + use<> {
    let values = vec("\\PC{0,6}", definition.labels.len()).prop_map(|values| {
        Labels::Values(values.iter().map(|value| Arc::from(&value[..])).collect())
    });
    let all = prop_oneof![8 => values, 1 => Just(Labels::Overflow)];
    let places = definition.bucket_count().max(1);
    (all, value(definition), vec(exemplar(places), 0..2))
        .prop_map(|(labels, value, exemplars)| Series { exemplars, ..Series::new(labels, value) })
}

/// Any snapshot that a meter may take.
pub(super) fn any_snapshot() -> impl Strategy<Value = Arc<Snapshot>> {
    let metric = definition().prop_flat_map(|definition| {
        let series = vec(series(&definition), 0..4);
        (Just(Arc::new(definition)), series)
            .prop_map(|(definition, series)| Metric { definition, series })
    });
    (0.0..1e9, vec(metric, 0..6)).prop_map(|(seconds, metrics)| snapshot(seconds, metrics))
}
