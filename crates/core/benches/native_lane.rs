//! What an increment and an observation cost in Rust: the native lane beside the crates that Rust
//! programs use. Every loop takes 16 handles in turn and makes 1,024 recordings; what they counted
//! is checked when the loop has been timed, so that none can have been optimised away.
//!
//! `npm run bench` puts these figures beside those of JavaScript.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use nanometer_core::{Buckets, Definition, Kind, Level, Meter, Options};
use prometheus_client::metrics::counter::Counter as PrometheusCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram as PrometheusHistogram;

const HANDLES: usize = 16;
const RECORDS: usize = 1024;

/// The 25 latency bounds, nanoseconds.
const BOUNDS: [f64; 25] = [
    1e2, 2.5e2, 5e2, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7,
    2.5e7, 5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10,
];

fn counters(criterion: &mut Criterion) {
    let mut group = group(criterion, "counter");

    let mut plain = [0_u64; HANDLES];
    run(
        &mut group,
        "plain u64, the floor",
        |i| {
            // Behind a black box, or the loop would become one addition.
            *black_box(&mut plain[i % HANDLES]) += 1;
        },
        || 0,
    );

    let atomics: Vec<AtomicU64> = many(|_| AtomicU64::new(0));
    run(
        &mut group,
        "AtomicU64",
        |i| {
            atomics[i % HANDLES].fetch_add(1, Relaxed);
        },
        || atomics.iter().map(|cell| cell.load(Relaxed)).sum(),
    );

    let meter = meter();
    let ours = many(|i| {
        let definition = Definition::new(&format!("bench.{i}"), Kind::Counter, "", "Raced.");
        meter.counter(&definition).expect("a counter")
    });
    run(
        &mut group,
        "nanometer",
        |i| ours[i % HANDLES].add(1),
        || ours.iter().map(|counter| counter.value()).sum(),
    );

    let cells = many(|_| Arc::new(AtomicU64::new(0)));
    let theirs: Vec<_> =
        cells.iter().map(|cell| metrics::Counter::from_arc(Arc::clone(cell))).collect();
    run(
        &mut group,
        "metrics",
        |i| theirs[i % HANDLES].increment(1),
        || cells.iter().map(|cell| cell.load(Relaxed)).sum(),
    );

    let theirs: Vec<PrometheusCounter> = many(|_| PrometheusCounter::default());
    run(
        &mut group,
        "prometheus-client",
        |i| {
            theirs[i % HANDLES].inc();
        },
        || theirs.iter().map(|counter| counter.get()).sum(),
    );

    let family = Family::<[(&str, String); 2], PrometheusCounter>::default();
    let labels = many(|i| [("route", format!("/{}", i / 4)), ("status", format!("{}xx", i % 4))]);
    run(
        &mut group,
        "prometheus-client, labels looked up",
        |i| {
            family.get_or_create(&labels[i % HANDLES]).inc();
        },
        || labels.iter().map(|labels| family.get_or_create(labels).get()).sum(),
    );
    group.finish();
}

fn histograms(criterion: &mut Criterion) {
    let mut group = group(criterion, "histogram");
    let values = latencies();

    let meter = meter();
    let ours = many(|i| {
        let mut definition =
            Definition::new(&format!("bench.{i}"), Kind::Histogram, "ns", "Raced.");
        definition.buckets = Some(Buckets { bounds: BOUNDS.to_vec(), scale: None });
        meter.histogram(&definition).expect("a histogram")
    });
    run(
        &mut group,
        "nanometer",
        |i| ours[i % HANDLES].record(values[i]),
        || ours.iter().map(|histogram| histogram.count()).sum(),
    );

    // Keeps every sample until somebody collects; nobody may let it grow, so the loop collects.
    let buckets = many(|_| Arc::new(metrics_util::storage::AtomicBucket::<f64>::new()));
    let theirs: Vec<_> =
        buckets.iter().map(|bucket| metrics::Histogram::from_arc(Arc::clone(bucket))).collect();
    let mut collected = 0;
    let mut recorded = 0;
    group.bench_function("metrics, samples collected", |bencher| {
        bencher.iter(|| {
            for (i, value) in values.iter().enumerate() {
                theirs[i % HANDLES].record(black_box(*value) as f64);
            }
            recorded += RECORDS;
            for bucket in &buckets {
                bucket.clear_with(|samples| collected += samples.len());
            }
        });
    });
    assert_eq!(collected, recorded, "metrics counted otherwise");

    let theirs: Vec<PrometheusHistogram> = many(|_| PrometheusHistogram::new(BOUNDS));
    run(&mut group, "prometheus-client", |i| theirs[i % HANDLES].observe(values[i] as f64), || 0);

    let mut theirs: Vec<_> = many(|_| {
        hdrhistogram::Histogram::<u64>::new_with_bounds(1, 10_000_000_000, 3).expect("bounds")
    });
    let mut recorded = 0;
    group.bench_function("hdrhistogram, one thread only", |bencher| {
        bencher.iter(|| {
            for (i, value) in values.iter().enumerate() {
                theirs[i % HANDLES].record(black_box(*value)).expect("in bounds");
            }
            recorded += RECORDS as u64;
        });
    });
    let counted: u64 = theirs.iter().map(|histogram| histogram.len()).sum();
    assert_eq!(counted, recorded, "hdrhistogram counted otherwise");
    group.finish();
}

/// Times 1,024 recordings, and checks what they came to; 0 where nobody can say.
fn run(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    mut record: impl FnMut(usize),
    total: impl FnOnce() -> u64,
) {
    let mut recorded = 0;
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for i in 0..RECORDS {
                record(black_box(i));
            }
            recorded += RECORDS as u64;
        });
    });
    let total = total();
    assert!(total == 0 || total == recorded, "{name} counted {total} of {recorded}");
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(RECORDS as u64));
    group
}

fn many<T>(make: impl FnMut(usize) -> T) -> Vec<T> {
    (0..HANDLES).map(make).collect()
}

fn meter() -> Arc<Meter> {
    Meter::new(&Options {
        service: "bench".into(),
        level: Level::Production,
        state_dir: None,
        max_lane_bytes: 16 << 20,
        resource: Default::default(),
        tracing: None,
    })
    .expect("a meter in memory")
}

/// Latencies of a service, 20 µs to 200 ms, most of them short: the same as in `benchmarks/`.
fn latencies() -> Vec<u64> {
    let mut state = 42_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0
    };
    (0..RECORDS).map(|_| (2e4 * 10_f64.powf(4.0 * random().powi(2))).round() as u64).collect()
}

criterion_group! {
    name = native_lane;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_millis(1_000))
        .sample_size(30);
    targets = counters, histograms
}
criterion_main!(native_lane);
