//! Exemplars: for whom a value was recorded.

use nanometer_core::snapshot;

use super::backwards::Backwards;
use super::time::unix_ns;

/// Those of a series that are from after a time, Unix nanoseconds, as that field of a data point.
pub(super) fn write_exemplars(
    out: &mut Backwards,
    field: u32,
    series: &snapshot::Series,
    after_ns: u64,
) {
    for exemplar in series.exemplars.iter().rev() {
        let at_ns = unix_ns(exemplar.at_ms);
        if at_ns <= after_ns {
            continue;
        }
        out.message(field, |out| {
            out.bytes(5, &exemplar.trace_id.to_bytes());
            out.bytes(4, &exemplar.span_id.to_bytes());
            out.double(3, exemplar.value);
            out.fixed64(2, at_ns);
        });
    }
}
