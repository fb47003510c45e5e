//! What the server counts about itself, in the native lane of the meter that it serves.

use std::time::Duration;

use nanometer_core::{Buckets, Counter, DefineError, Definition, Histogram, Kind, Meter, Warning};

/// Upper bounds of times of requests: the latency set, nanoseconds.
pub(crate) const LATENCY_BOUNDS: [f64; 25] = [
    1e2, 2.5e2, 5e2, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7,
    2.5e7, 5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10,
];

/// Name, unit and help of what counts panics.
const PANICS: (&str, &str, &str) =
    ("nanometer.panics", "{panic}", "Panics of the native thread, caught: defects of nanometer.");

/// What counts panics of native threads; `None` where the meter refuses it.
pub(crate) fn panic_counter(meter: &Meter) -> Option<Counter> {
    let (name, unit, help) = PANICS;
    meter.counter(&Definition::new(name, Kind::Counter, unit, help)).ok()
}

/// The server's own metrics. One that could not be defined is not recorded.
#[derive(Debug)]
pub struct SelfStats {
    scrapes: Option<Counter>,
    scrape_duration: Option<Histogram>,
    scrape_size: Option<Counter>,
    panics: Option<Counter>,
    collisions: Option<Counter>,
    refused: Option<Counter>,
}

impl SelfStats {
    /// Defines them all, and warns of those that the meter refuses.
    pub fn define(meter: &Meter) -> (SelfStats, Vec<Warning>) {
        let mut warnings = Vec::new();
        let mut counter = |name: &str, unit: &str, help: &str| {
            let definition = Definition::new(name, Kind::Counter, unit, help);
            kept(meter.counter(&definition), name, &mut warnings)
        };
        let stats = SelfStats {
            scrapes: counter("nanometer.scrapes", "{scrape}", "Scrapes answered."),
            scrape_size: counter(
                "nanometer.scrape.size",
                "By",
                "Bytes of the answers to scrapes, as sent.",
            ),
            panics: counter(PANICS.0, PANICS.1, PANICS.2),
            collisions: counter(
                "nanometer.prometheus.collisions",
                "{metric}",
                "Metrics whose name in Prometheus output was taken.",
            ),
            refused: counter(
                "nanometer.connections.refused",
                "{connection}",
                "Connections turned away or closed early because too many were open.",
            ),
            scrape_duration: None,
        };
        let mut duration = Definition::new(
            "nanometer.scrape.duration",
            Kind::Histogram,
            "ns",
            "Time from a scrape's request to its last byte.",
        );
        duration.buckets = Some(Buckets { bounds: LATENCY_BOUNDS.to_vec(), scale: None });
        let duration = kept(meter.histogram(&duration), &duration.name, &mut warnings);
        (SelfStats { scrape_duration: duration, ..stats }, warnings)
    }

    /// A scrape was answered to its last byte.
    pub fn scraped(&self, time: Duration, bytes: u64) {
        add(&self.scrapes, 1);
        add(&self.scrape_size, bytes);
        if let Some(histogram) = &self.scrape_duration {
            histogram.record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// A panic was caught.
    pub fn panicked(&self) {
        add(&self.panics, 1);
    }

    /// A metric's name was found taken, for the first time.
    pub fn collided(&self) {
        add(&self.collisions, 1);
    }

    /// A connection was turned away, or closed to make room.
    pub fn refused(&self) {
        add(&self.refused, 1);
    }
}

fn add(counter: &Option<Counter>, more: u64) {
    if let Some(counter) = counter {
        counter.add(more);
    }
}

fn kept<T>(handle: Result<T, DefineError>, name: &str, warnings: &mut Vec<Warning>) -> Option<T> {
    handle
        .map_err(|error| {
            warnings.push(Warning {
                code: "NANOMETER_OWN_METRIC",
                message: format!("own metric \"{name}\" is not recorded: {error}"),
            });
        })
        .ok()
}
