//! Counters, gauges and histograms of Rust code: many threads, one cell.

mod common;

use common::{counter, meter, value};
use nanometer_core::snapshot::{Distribution, Value};
use nanometer_core::{Buckets, DefineError, Definition, Kind, Meter};
use proptest::prelude::*;

fn histogram(bounds: &[f64]) -> Definition {
    Definition {
        buckets: Some(Buckets { bounds: bounds.to_vec(), scale: None }),
        ..Definition::new("h", Kind::Histogram, "ns", "A histogram.")
    }
}

fn distribution(meter: &Meter) -> Distribution {
    let snapshot = meter.snapshot();
    let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == "h");
    match metric.map(|metric| &metric.series[0].value) {
        Some(Value::Histogram(distribution)) => distribution.clone(),
        other => panic!("{other:?} is no histogram"),
    }
}

#[test]
fn many_threads_write_one_cell_and_lose_nothing() {
    const ADDS: u64 = 50_000;
    let meter = meter();
    let count = meter.counter(&counter("c")).unwrap();
    let depth = meter.gauge(&Definition::new("g", Kind::Gauge, "", "A gauge.")).unwrap();
    let times = meter.histogram(&histogram(&[10.0, 100.0])).unwrap();
    std::thread::scope(|scope| {
        for thread in 1..=4 {
            let (count, depth, times) = (count.clone(), depth.clone(), times.clone());
            scope.spawn(move || {
                for number in 0..ADDS {
                    count.add(2);
                    depth.add(if number % 2 == 0 { 1.0 } else { -1.0 });
                    times.record(thread * 10);
                }
            });
        }
    });
    assert_eq!(value(&meter.snapshot(), "c", &[]), Some(8.0 * ADDS as f64));
    assert_eq!((depth.value(), times.count()), (0.0, 4 * ADDS));
    let expected = Distribution {
        counts: vec![ADDS, 3 * ADDS, 0],
        sum: (100 * ADDS) as f64,
        min: Some(10.0),
        max: Some(40.0),
    };
    assert_eq!(distribution(&meter), expected);
}

#[test]
fn a_counter_is_exact_beyond_what_a_float64_holds() {
    let meter = meter();
    let count = meter.counter(&counter("c")).unwrap();
    count.add(9_007_199_254_740_993);
    let json = serde_json::to_string(&meter.snapshot()).unwrap();
    assert!(json.contains(r#""value":9007199254740993"#), "{json}");
}

#[test]
fn a_handle_of_another_kind_or_with_labels_is_refused() {
    let meter = meter();
    let invalid = |error| matches!(error, DefineError::Invalid { .. });
    assert!(invalid(meter.gauge(&counter("c")).unwrap_err()));
    assert!(invalid(meter.counter(&common::open_family("c", 5)).unwrap_err()));
    assert!(meter.counter(&counter("c")).is_ok());
    assert!(matches!(meter.define(counter("c")), Err(DefineError::Conflict { .. })));
}

proptest! {
    /// Inclusive bounds: what a search through the list, value by value, says.
    #[test]
    fn values_fall_into_the_bucket_that_a_plain_search_finds(
        bounds in prop::collection::btree_set(0u32..2_000, 1..40),
        values in prop::collection::vec(0u64..2_500, 1..200),
    ) {
        let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
        let meter = meter();
        let times = meter.histogram(&histogram(&bounds)).unwrap();
        let mut counts = vec![0; bounds.len() + 1];
        for value in &values {
            times.record(*value);
            let bucket = bounds.iter().position(|bound| *value as f64 <= *bound);
            counts[bucket.unwrap_or(bounds.len())] += 1;
        }
        let expected = Distribution {
            counts,
            sum: values.iter().sum::<u64>() as f64,
            min: values.iter().min().map(|value| *value as f64),
            max: values.iter().max().map(|value| *value as f64),
        };
        prop_assert_eq!(distribution(&meter), expected);
    }
}
