//! Labels of series as attributes of data points.

use nanometer_core::Definition;
use nanometer_core::snapshot::{Labels, Series};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use prost::Message;

use super::attributes::{STRING, VALUE, write_bool};
use super::backwards::Backwards;

/// The attribute of a family's overflow series; it is true.
const OVERFLOW: &str = "otel.metric.overflow";

/// What a series' label is called where a metric has the name for itself: `exported_` before it.
const EXPORTED: &str = "exported_";

/// The names of a metric's labels, each encoded once for all series.
#[derive(Debug)]
pub(super) struct LabelKeys(Vec<Vec<u8>>);

impl LabelKeys {
    /// `taken`: an attribute that the metric has for itself
    pub(super) fn of(definition: &Definition, taken: Option<&str>) -> LabelKeys {
        let key = |label: &String| {
            let key = match taken {
                Some(taken) if taken == label => format!("{EXPORTED}{label}"),
                _ => label.clone(),
            };
            KeyValue { key, ..KeyValue::default() }.encode_to_vec()
        };
        LabelKeys(definition.labels.iter().map(key).collect())
    }

    /// The labels of a series, as that field of a data point.
    pub(super) fn write(&self, out: &mut Backwards, field: u32, series: &Series) {
        let Labels::Values(values) = &series.labels else {
            return write_bool(out, field, OVERFLOW, true);
        };
        for (key, value) in self.0.iter().zip(&**values).rev() {
            out.message(field, |out| {
                out.message(VALUE, |out| out.bytes(STRING, value.as_bytes()));
                out.raw(key);
            });
        }
    }
}
