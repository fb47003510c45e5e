//! What the core counts about itself.

use super::Meter;
use crate::definition::{Definition, Kind};
use crate::error::DefineError;
use crate::native::{Counter, Gauge};

/// The core's own metrics.
#[derive(Debug)]
pub(crate) struct OwnMetrics {
    pub series_overflowed: Counter,
    pub warnings: Counter,
    pub lanes_live: Gauge,
    pub lanes_retired: Gauge,
    pub segment_size: Gauge,
    pub events_overwritten: Counter,
}

impl OwnMetrics {
    pub(crate) fn define(meter: &Meter) -> Result<OwnMetrics, DefineError> {
        let counter = |name: &str, unit: &str, help: &str| {
            meter.counter(&Definition::new(name, Kind::Counter, unit, help))
        };
        let gauge = |name: &str, unit: &str, help: &str| {
            meter.gauge(&Definition::new(name, Kind::Gauge, unit, help))
        };
        Ok(OwnMetrics {
            series_overflowed: counter(
                "nanometer.series_overflowed",
                "{series}",
                "Label sets that went to an overflow series because their family was full.",
            )?,
            warnings: counter(
                "nanometer.warnings",
                "{warning}",
                "Warnings of the memory and of the server.",
            )?,
            lanes_live: gauge("nanometer.lanes.live", "{lane}", "Lanes that a thread writes now.")?,
            lanes_retired: gauge(
                "nanometer.lanes.retired",
                "{lane}",
                "Lanes whose thread has ended; what they counted still counts.",
            )?,
            segment_size: gauge("nanometer.segment.size", "By", "Bytes of the segment.")?,
            events_overwritten: counter(
                "nanometer.events_overwritten",
                "{event}",
                "Events that later ones of the same thread have taken the place of.",
            )?,
        })
    }
}
