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
    pub spans_recorded: Counter,
    pub spans_promoted: Counter,
    pub spans_overwritten: Counter,
    pub spans_dropped_full: Counter,
    pub spans_dropped_limit: Counter,
    pub spans_missed: Counter,
    pub promotions_refused: Counter,
}

impl OwnMetrics {
    pub(crate) fn define(meter: &Meter) -> Result<OwnMetrics, DefineError> {
        let counter = |name: &str, unit: &str, help: &str| {
            meter.counter(&Definition::new(name, Kind::Counter, unit, help))
        };
        let gauge = |name: &str, unit: &str, help: &str| {
            meter.gauge(&Definition::new(name, Kind::Gauge, unit, help))
        };
        let causes = ["full", "limit"].map(str::to_owned);
        let spans_dropped = Definition {
            labels: vec!["cause".to_owned()],
            values: Some(vec![causes.to_vec()]),
            ..Definition::new(
                "nanometer.spans_dropped",
                Kind::Counter,
                "{span}",
                "Spans that were to be promoted, and were not: for want of room, or by the limit.",
            )
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
            spans_recorded: counter(
                "nanometer.spans_recorded",
                "{span}",
                "Spans that were recorded, promoted or not.",
            )?,
            spans_promoted: counter(
                "nanometer.spans_promoted",
                "{span}",
                "Spans that were handed over with their trace.",
            )?,
            spans_overwritten: counter(
                "nanometer.spans_overwritten",
                "{span}",
                "Spans, neither promoted nor dropped, that later ones have taken the place of.",
            )?,
            spans_dropped_full: meter.counter_of(&spans_dropped, &["full"])?,
            spans_dropped_limit: meter.counter_of(&spans_dropped, &["limit"])?,
            spans_missed: counter(
                "nanometer.spans_missed",
                "{span}",
                "Spans of promoted traces that had been overwritten by then.",
            )?,
            promotions_refused: counter(
                "nanometer.promotions_refused",
                "{trace}",
                "Promotions that were refused because there were too many in that second.",
            )?,
        })
    }
}
