//! What tracing can be told: when a meter is opened, and while it runs.

use serde::{Deserialize, Serialize};

use crate::error::OpenError;

/// The most spans of a flight ring that can be asked for: 128 MiB a thread.
const MOST_FLIGHT_SPANS: u32 = 1 << 20;

/// How tracing begins.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TracingOptions {
    /// What can be changed later.
    #[serde(flatten)]
    pub settings: TracingSettings,
    /// The least spans that a thread's flight ring holds.
    pub flight_spans: u32,
    /// Whether counters and histograms remember which trace they were last recorded for.
    #[serde(default)]
    pub exemplars: bool,
}

/// Which traces are promoted: all threads of the process follow it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TracingSettings {
    /// Of all traces that begin here, the share that is promoted at once: 0 to 1.
    pub sample_rate: f64,
    /// Whether failed elements are promoted.
    pub promote_errors: bool,
    /// Elements that take this long or longer are promoted, milliseconds; `None`: none are.
    pub promote_latency_ms: Option<f64>,
    /// The most promotions a second of the process; `None`: no limit.
    pub max_promotions_per_second: Option<f64>,
}

impl TracingSettings {
    /// What is wrong with them, and what is accepted; an error's text.
    ///
    /// # Errors
    ///
    /// A number is out of its bounds.
    pub fn check(&self) -> Result<(), String> {
        let refuse = |name: &str, accepted: &str, value: f64| {
            Err(format!("{name} is {accepted}, not {value}"))
        };
        if !(0.0..=1.0).contains(&self.sample_rate) {
            return refuse("sampleRate", "a number from 0 to 1", self.sample_rate);
        }
        let bounded = [
            ("promoteLatencyMs", self.promote_latency_ms),
            ("maxPromotionsPerSecond", self.max_promotions_per_second),
        ];
        for (name, value) in bounded {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value >= 0.0)) {
                return refuse(name, "a number from 0 on, or null", value);
            }
        }
        Ok(())
    }
}

impl TracingOptions {
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let refuse = |what| Err(OpenError::Option { name: "tracing", what });
        if !(1..=MOST_FLIGHT_SPANS).contains(&self.flight_spans) {
            let spans = self.flight_spans;
            return refuse(format!("flightSpans is 1 to {MOST_FLIGHT_SPANS}, not {spans}"));
        }
        self.settings.check().or_else(refuse)
    }
}
