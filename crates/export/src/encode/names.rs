//! Names: from OpenTelemetry's dotted form to Prometheus.
//!
//! Only the classic alphabet is used, `[a-zA-Z0-9_]` and no digit first, so that a name is the
//! same under every escaping scheme of Prometheus.

use nanometer_core::{Definition, Kind};

use super::sanitise::sanitise;
use super::units::{BaseUnit, Scale};

/// What a metric is called in Prometheus, and how its values get into the unit that the name says.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricName {
    /// The name of the family, without the `_total` of a counter: `orders_latency_seconds`.
    pub family: String,
    /// The unit's word where `family` ends in it after an underscore; else empty.
    pub unit: String,
    /// How values and bounds are converted.
    pub scale: Scale,
}

impl MetricName {
    /// The name of that definition: words, then unit, then (in samples) `_total`. None of them is
    /// said twice: a name that has the unit's word somewhere gets no other, and a counter's `total`
    /// stands at the end only. So it is the name that Prometheus gives to the same metric when it
    /// comes by OTLP.
    pub fn of(definition: &Definition) -> MetricName {
        // OpenMetrics allows a set of states no unit.
        let unit = if definition.kind == Kind::State { "" } else { &definition.unit };
        let unit = BaseUnit::of(unit);
        let name = sanitise(&definition.name);
        let name = match definition.kind {
            Kind::Counter => without_total(name),
            Kind::Gauge | Kind::Histogram | Kind::State | Kind::Derived => name,
        };
        let stem = without_unit(&name, &unit.said_by);
        let is_said =
            unit.word.is_empty() || format!("_{stem}_").contains(&format!("_{}_", unit.word));
        let family = match (stem.is_empty(), is_said) {
            (true, true) => "unnamed".to_owned(),
            (true, false) => unit.word.clone(),
            (false, true) => stem.to_owned(),
            (false, false) => format!("{stem}_{}", unit.word),
        };
        let family = without_leading_digit(family);
        let ends_in_unit = !stem.is_empty() && !is_said;
        MetricName {
            family,
            unit: if ends_in_unit { unit.word } else { String::new() },
            scale: unit.scale,
        }
    }
}

/// The name of a label, or of a resource attribute as a label.
pub fn label_name(name: &str) -> String {
    let sanitised = sanitise(name);
    if sanitised.is_empty() { "unnamed".to_owned() } else { without_leading_digit(sanitised) }
}

/// `name` less one word at its end that says the unit.
fn without_unit<'a>(name: &'a str, said_by: &[String]) -> &'a str {
    said_by
        .iter()
        .find_map(|word| match name.strip_suffix(word.as_str()) {
            Some("") => Some(""),
            Some(stem) => stem.strip_suffix('_'),
            None => None,
        })
        .unwrap_or(name)
}

/// A counter's name less `total`, unless that is all of it.
fn without_total(name: String) -> String {
    let words: Vec<&str> = name.split('_').filter(|word| *word != "total").collect();
    if words.is_empty() { name } else { words.join("_") }
}

fn without_leading_digit(name: String) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(name: &str, kind: Kind, unit: &str) -> String {
        MetricName::of(&Definition::new(name, kind, unit, "")).family
    }

    #[test]
    fn names_lose_what_prometheus_cannot_have() {
        for (name, expected) in [
            ("orders.accepted", "orders_accepted"),
            ("a::b..c--d", "a_b_c_d"),
            ("__proto__", "proto"),
            ("9lives", "_9lives"),
            ("naïve", "na_ve"),
            ("日本", "unnamed"),
        ] {
            assert_eq!(family(name, Kind::Gauge, ""), expected);
        }
    }

    #[test]
    fn suffixes_are_not_doubled() {
        use Kind::{Counter, Derived, Gauge, Histogram, State};
        for (name, kind, unit, expected) in [
            (
                "stream.backpressure.duration_ns",
                Counter,
                "ns",
                "stream_backpressure_duration_seconds",
            ),
            ("flow.elements.total", Counter, "{element}", "flow_elements"),
            ("net.bytes_total", Counter, "By", "net_bytes"),
            ("wait.nanoseconds", Histogram, "ns", "wait_seconds"),
            ("wait.seconds", Histogram, "ns", "wait_seconds"),
            ("bytes.sent", Counter, "By", "bytes_sent"),
            ("net.tcp_bytes_recv", Counter, "By", "net_tcp_bytes_recv"),
            ("kilobytes.sent", Counter, "KBy", "kilobytes_sent_bytes"),
            ("bw.total_downloaded", Counter, "By", "bw_downloaded_bytes"),
            ("ses.uptime_secs", Gauge, "s", "ses_uptime_seconds"),
            ("subtotal.rows", Counter, "", "subtotal_rows"),
            ("total", Counter, "", "total"),
            ("flow.total", Gauge, "", "flow_total"),
            ("uptime", Gauge, "s", "uptime_seconds"),
            ("ratio", Gauge, "1", "ratio"),
            ("hearts", Gauge, "s", "hearts_seconds"),
            ("speed_meters_per_second", Gauge, "m/s", "speed_meters_per_second"),
            ("flow.throughput", Derived, "{element}/s", "flow_throughput_per_second"),
            ("flow.state_ns", State, "ns", "flow_state_ns"),
        ] {
            assert_eq!(family(name, kind, unit), expected, "{name} in {unit}");
        }
    }

    #[test]
    fn a_name_that_is_only_its_unit_has_no_unit_line() {
        let name = MetricName::of(&Definition::new("seconds", Kind::Gauge, "ms", ""));
        assert_eq!((name.family.as_str(), name.unit.as_str()), ("seconds", ""));
    }
}
