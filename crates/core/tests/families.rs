//! Definitions, label families and their bounds.

mod common;

use std::collections::HashSet;

use common::{Cell, counter, meter, open_family, options, strings, value};
use nanometer_core::{Buckets, DefineError, Definition, Kind, Meter};
use proptest::prelude::*;

#[test]
fn a_name_defined_twice_alike_is_one_metric_and_differently_an_error_that_shows_both() {
    let meter = meter();
    let placement = meter.define(counter("c")).unwrap();
    assert_eq!(meter.define(counter("c")).unwrap(), placement);
    let error = meter.define(Definition { unit: "By".to_owned(), ..counter("c") }).unwrap_err();
    assert!(matches!(error, DefineError::Conflict { .. }));
    let message = error.to_string();
    assert!(message.contains(r#""unit":"""#) && message.contains(r#""unit":"By""#), "{message}");
}

#[test]
fn what_would_break_memory_is_refused() {
    let meter = meter();
    let histogram = |bounds: Vec<f64>| Definition {
        buckets: Some(Buckets { bounds, scale: None }),
        ..Definition::new("h", Kind::Histogram, "", "")
    };
    let too_many = (0..5_000).map(f64::from).collect();
    for bounds in [vec![2.0, 1.0], vec![1.0, 1.0], vec![f64::NAN], vec![-1.0], too_many] {
        assert!(matches!(meter.define(histogram(bounds)), Err(DefineError::Invalid { .. })));
    }
    assert!(matches!(
        meter.define(Definition::new("h", Kind::Histogram, "", "")),
        Err(DefineError::Invalid { .. })
    ));
    assert!(meter.define(histogram(vec![1.0, 2.0])).is_ok());
}

#[test]
fn a_closed_family_has_all_its_series_at_once_and_no_others() {
    let meter = meter();
    let definition = Definition {
        labels: strings(&["a", "b"]),
        values: Some(vec![strings(&["1", "2"]), strings(&["x", "y", "z"])]),
        ..counter("closed")
    };
    let family = meter.define(definition).unwrap().family;
    let snapshot = meter.snapshot();
    let metric = snapshot.metrics.iter().find(|m| m.definition.name == "closed").unwrap();
    assert_eq!(metric.series.len(), 6);
    let lane = meter.attach().unwrap();
    assert!(lane.bind(family, &strings(&["2", "z"])).is_some());
    assert_eq!(lane.bind(family, &strings(&["3", "z"])), None);
    assert_eq!(lane.bind(family, &strings(&["1"])), None);
}

#[test]
fn past_the_bound_an_overflow_series_takes_all_and_every_label_set_is_counted() {
    let meter = meter();
    let placement = meter.define(open_family("open", 3)).unwrap();
    let lane = meter.attach().unwrap();
    for key in 0..10 {
        let bound = lane.bind(placement.family, &[key.to_string()]);
        assert_eq!(bound.is_some(), key < 3);
        Cell::of(&lane, bound.unwrap_or(placement.position)).add(1.0);
    }
    let snapshot = meter.snapshot();
    assert_eq!(value(&snapshot, "open", &["true"]), Some(7.0));
    assert_eq!(value(&snapshot, "open", &["2"]), Some(1.0));
    assert_eq!(value(&snapshot, "nanometer.series_overflowed", &[]), Some(7.0));
    assert_eq!(meter.cardinality().overflowed, 7);
}

#[test]
fn a_lane_that_is_full_overflows_with_one_warning_that_names_the_option() {
    let small = nanometer_core::Options { max_lane_bytes: 65_536, ..options(None) };
    let meter = Meter::new(&small).unwrap();
    let placement = meter.define(open_family("open", 100_000)).unwrap();
    let lane = meter.attach().unwrap();
    let bound = (0..20_000).filter(|key| lane.bind(placement.family, &[key.to_string()]).is_some());
    assert_eq!(bound.count(), 8_192 - 8 - 1);
    let warnings = meter.take_warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.contains("maxLaneBytes"), "{}", warnings[0].message);
    assert!(matches!(meter.define(counter("more")), Err(DefineError::Capacity { .. })));
}

#[test]
fn what_does_not_fit_is_told_which_bound_was_reached() {
    let small = nanometer_core::Options { max_lane_bytes: 65_536, ..options(None) };
    let meter = Meter::new(&small).unwrap();
    let values = |count: usize, bytes: usize| {
        let value = |n: usize| format!("{n:0bytes$}");
        Some(vec![(0..count).map(value).collect()])
    };
    for (values, bound) in [(values(20_000, 1), "maxLaneBytes"), (values(100, 60_000), "16777216")]
    {
        let labels = strings(&["key"]);
        let definition = Definition { labels, values, ..counter("closed") };
        let told = meter.define(definition).unwrap_err().to_string();
        assert!(
            told.starts_with("metric 'closed' does not fit: ") && told.contains(bound),
            "{told}"
        );
    }
}

#[test]
fn a_removed_series_is_gone_once_no_thread_holds_it_and_its_cells_begin_again_at_zero() {
    let meter = meter();
    let family = meter.define(open_family("open", 10)).unwrap().family;
    let (first, second) = (meter.attach().unwrap(), meter.attach().unwrap());
    let key = strings(&["a"]);
    let position = first.bind(family, &key).unwrap();
    assert_eq!(second.bind(family, &key), Some(position));
    Cell::of(&first, position).add(1.0);
    Cell::of(&second, position).add(1.0);

    assert!(!first.release(family, &key), "the second thread holds it");
    assert_eq!(value(&meter.snapshot(), "open", &["a"]), Some(2.0));
    drop(second);
    assert_eq!(value(&meter.snapshot(), "open", &["a"]), None);
    assert!(!first.release(family, &key), "there is none any more");

    assert_eq!(first.bind(family, &strings(&["b"])), Some(position));
    assert_eq!(value(&meter.snapshot(), "open", &["b"]), Some(0.0));
}

#[test]
fn label_values_that_fill_the_schema_overflow_with_a_warning_that_says_so() {
    let meter = meter();
    let placement = meter.define(open_family("open", 100)).unwrap();
    let lane = meter.attach().unwrap();
    let bound = (0..20).filter(|key| {
        let value = format!("{key}{}", "x".repeat(1 << 20));
        lane.bind(placement.family, &[value]).is_some()
    });
    assert!((1..20).contains(&bound.count()));
    let warnings = meter.take_warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.contains("label values"), "{}", warnings[0].message);
}

#[test]
fn a_reserved_metric_is_shown_once_it_is_switched_on() {
    let meter = meter();
    meter.define(Definition { reserved: true, ..counter("later") }).unwrap();
    assert_eq!(value(&meter.snapshot(), "later", &[]), None);
    assert!(meter.enable("later") && !meter.enable("never"));
    assert_eq!(value(&meter.snapshot(), "later", &[]), Some(0.0));
}

proptest! {
    /// Different label values are different series, whatever is in them; equal ones are the same.
    #[test]
    fn label_keys_are_injective(
        sets in prop::collection::vec([".{0,6}", "[|;,=\\x00\"\\\\]{0,4}"], 1..40),
    ) {
        let meter = meter();
        let definition = Definition {
            labels: strings(&["a", "b"]),
            max_series: Some(1_000),
            ..counter("open")
        };
        let family = meter.define(definition).unwrap().family;
        let lane = meter.attach().unwrap();
        let positions: Vec<_> = sets.iter().map(|set| lane.bind(family, set).unwrap()).collect();
        for (one, at) in sets.iter().zip(&positions) {
            for (other, also_at) in sets.iter().zip(&positions) {
                prop_assert_eq!(one == other, at == also_at);
            }
        }
        let distinct: HashSet<_> = sets.iter().collect();
        let families = meter.cardinality().families;
        let open = families.iter().find(|family| family.name == "open").unwrap();
        prop_assert_eq!(open.series as usize, distinct.len());
    }
}
