//! What is counted elsewhere, brought to its metrics before they are read.
//!
//! Native metrics are read right after that, under one lock with it: counts that belong together,
//! and are kept under one lock elsewhere, agree in every snapshot.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Meter;

/// Who has something to bring.
#[derive(Default)]
pub(super) struct Hooks(Mutex<Vec<Hook>>);

type Hook = Box<dyn Fn() + Send + Sync>;

impl std::fmt::Debug for Hooks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Hooks")
    }
}

/// While it is held, nobody else brings anything.
pub(super) struct Brought<'a> {
    _hooks: MutexGuard<'a, Vec<Hook>>,
}

impl Meter {
    /// Has that function called before each reading of metrics, on the thread that reads, so that it
    /// can set those native metrics whose counts are kept elsewhere. It must not read the meter.
    pub fn before_reading(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
    }

    /// Calls them all.
    pub(super) fn bring(&self) -> Brought<'_> {
        let hooks = self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.count_overwritten_events();
        self.count_spans();
        hooks.iter().for_each(|hook| hook());
        Brought { _hooks: hooks }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::definition::{Definition, Kind};
    use crate::snapshot::Value;
    use crate::spans::test_meter::meter_in;

    #[test]
    fn counts_of_one_moment_agree_in_every_snapshot() {
        let meter = meter_in(None, 8);
        let names = ["all", "some", "rest"];
        let counters = names.map(|name| {
            meter.counter(&Definition::new(name, Kind::Counter, "1", "Counted.")).unwrap()
        });
        let counts = Arc::new(Mutex::new([0u64; 3]));
        let kept = Arc::clone(&counts);
        meter.before_reading(move || {
            let counts = *kept.lock().unwrap();
            counters.iter().zip(counts).for_each(|(counter, count)| counter.raise(count));
        });
        let read = || {
            let snapshot = meter.snapshot();
            names.map(|name| {
                let metric =
                    snapshot.metrics.iter().find(|metric| metric.definition.name == name).unwrap();
                match metric.series[0].value {
                    Value::Integer(count) => count,
                    ref other => panic!("{other:?}"),
                }
            })
        };
        let writer = std::thread::spawn(move || {
            for n in 0..20_000u64 {
                let mut counts = counts.lock().unwrap();
                counts[0] += 1;
                counts[if n % 3 == 0 { 1 } else { 2 }] += 1;
            }
        });
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let (read, writer) = (&read, &writer);
                scope.spawn(move || {
                    while !writer.is_finished() {
                        let [all, some, rest] = read();
                        assert_eq!(all, some + rest);
                    }
                });
            }
        });
        assert_eq!(read()[0], 20_000);
    }

    #[test]
    fn a_labelled_native_series_is_found_again_and_past_the_bound_is_the_overflow_series() {
        let meter = meter_in(None, 8);
        let definition = Definition {
            labels: vec!["to".to_owned()],
            max_series: Some(2),
            ..Definition::new("sent", Kind::Counter, "{item}", "Sent.")
        };
        let add = |to: &str, more| meter.counter_of(&definition, &[to]).unwrap().add(more);
        add("a", 1);
        add("b", 2);
        add("a", 4);
        add("c", 8);
        add("d", 16);
        assert!(meter.counter_of(&definition, &[]).is_err());
        let snapshot = meter.snapshot_of(&["sent"]);
        let values: Vec<&Value> =
            snapshot.metrics[0].series.iter().map(|series| &series.value).collect();
        assert_eq!(values, [&Value::Integer(5), &Value::Integer(2), &Value::Integer(24)]);
    }
}
