//! Base-2 exponential buckets as OTLP has them: an offset, and counts without gaps.
//!
//! Bucket `i` of OTLP is of the values in `(base^i, base^(i + 1)]`, where `base` is `2^(2^-scale)`.
//! Ours are the same, with one below them and one above. The one below is OTLP's zero bucket, whose
//! threshold is the first bound; the values above the last bound are counted in the bucket that
//! follows it, so that all buckets add up to the count.

use nanometer_core::Buckets;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point as proto;

/// The most buckets of a data point, by OpenTelemetry's conventions: where values are further apart,
/// two neighbours become one until these are enough.
const MOST_BUCKETS: i64 = 160;

/// The buckets of a distribution, from the first that has values to the last.
#[derive(Debug, PartialEq)]
pub(super) struct Exponential {
    pub scale: i32,
    pub zero_count: u64,
    pub zero_threshold: f64,
    pub positive: proto::Buckets,
}

impl Exponential {
    /// `scale`: that of the bounds
    pub(super) fn of(Buckets { bounds, .. }: &Buckets, scale: i32, counts: &[u64]) -> Exponential {
        let zero_threshold = bounds.first().copied().unwrap_or_default();
        let (zero_count, counts) = counts.split_first().unwrap_or((&0, &[]));
        let Some(first) = counts.iter().position(|count| *count != 0) else {
            let positive = proto::Buckets::default();
            return Exponential { scale, zero_count: *zero_count, zero_threshold, positive };
        };
        let last = counts.iter().rposition(|count| *count != 0).unwrap_or(first);
        let lowest = (zero_threshold.log2() * f64::from(scale).exp2()).round() as i64;
        let index = |at: usize| lowest + at as i64;
        let is_too_wide = |by: &u32| (index(last) >> by) - (index(first) >> by) >= MOST_BUCKETS;
        let by = (0..32).find(|by| !is_too_wide(by)).unwrap_or_default();
        let offset = index(first) >> by;
        let mut merged = vec![0u64; ((index(last) >> by) - offset + 1) as usize];
        for at in first..=last {
            merged[((index(at) >> by) - offset) as usize] += counts[at];
        }
        Exponential {
            scale: scale - by as i32,
            zero_count: *zero_count,
            zero_threshold,
            positive: proto::Buckets { offset: offset as i32, bucket_counts: merged },
        }
    }
}
