//! Exemplars: for whom a value was recorded.

use nanometer_core::snapshot;
use opentelemetry_proto::tonic::metrics::v1::Exemplar;
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value;

use super::time::unix_ns;

/// Those of a series that are from after a time, Unix nanoseconds.
pub(super) fn exemplars_of(series: &snapshot::Series, after_ns: u64) -> Vec<Exemplar> {
    let all = series.exemplars.iter().map(exemplar);
    all.filter(|exemplar| exemplar.time_unix_nano > after_ns).collect()
}

fn exemplar(one: &snapshot::Exemplar) -> Exemplar {
    Exemplar {
        filtered_attributes: Vec::new(),
        time_unix_nano: unix_ns(one.at_ms),
        span_id: one.span_id.to_bytes().to_vec(),
        trace_id: one.trace_id.to_bytes().to_vec(),
        value: Some(Value::AsDouble(one.value)),
    }
}
