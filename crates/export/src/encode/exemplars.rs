//! Exemplars behind samples of OpenMetrics: ` # {trace_id="…",span_id="…"} value timestamp`.

use nanometer_core::snapshot::{Exemplar, Metric, Series};

use super::number::write_value;
use super::units::Scale;

/// What one series has.
pub struct ExemplarLines<'a> {
    /// By place.
    exemplars: &'a [Exemplar],
    /// Of a histogram.
    bounds: &'a [f64],
}

impl<'a> ExemplarLines<'a> {
    /// Those of a series of that metric.
    pub fn of(metric: &'a Metric, series: &'a Series) -> ExemplarLines<'a> {
        let buckets = metric.definition.buckets.as_ref();
        let bounds = buckets.map(|buckets| &buckets.bounds[..]).unwrap_or_default();
        ExemplarLines { exemplars: &series.exemplars, bounds }
    }

    /// None.
    pub fn none() -> ExemplarLines<'a> {
        ExemplarLines { exemplars: &[], bounds: &[] }
    }

    /// Appends that of a place, if there is one. Labels are of 63 code points, names included; 128
    /// are allowed.
    pub fn write(&self, out: &mut Vec<u8>, place: usize, scale: Scale) {
        let found = self.exemplars.binary_search_by_key(&place, |one| one.place as usize);
        let Some(exemplar) = found.ok().and_then(|index| self.exemplars.get(index)) else { return };
        let value = scale.apply(exemplar.value);
        // In another unit, a value just above a bound may be the bound, and in the bucket below.
        let below = place.checked_sub(1).and_then(|place| self.bounds.get(place));
        if below.is_some_and(|below| value <= scale.apply(*below)) {
            return;
        }
        let Exemplar { trace_id, span_id, .. } = exemplar;
        out.extend_from_slice(
            format!(" # {{trace_id=\"{trace_id}\",span_id=\"{span_id}\"}} ").as_bytes(),
        );
        write_value(out, value);
        out.push(b' ');
        // Unix seconds, to the millisecond: a float64 has no digits for less.
        write_value(out, exemplar.at_ms.round() / 1e3);
    }
}
