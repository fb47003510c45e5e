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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// As `buckets.ts` makes them.
    fn powers(scale: i32, first: i32, count: usize) -> Vec<f64> {
        let power = |index: i32| (f64::from(index) / f64::from(scale).exp2()).exp2();
        (first..).take(count).map(power).collect()
    }

    fn of(bounds: Vec<f64>, scale: i32, counts: &[u64]) -> Exponential {
        Exponential::of(&Buckets { bounds, scale: Some(scale) }, scale, counts)
    }

    #[test]
    fn buckets_begin_with_the_first_that_has_values_and_end_with_the_last() {
        // 0.5, 1, 2, 4, and beyond.
        let found = of(powers(0, -1, 4), 0, &[7, 0, 3, 0, 2]);
        let positive = proto::Buckets { offset: 0, bucket_counts: vec![3, 0, 2] };
        let expected = Exponential { scale: 0, zero_count: 7, zero_threshold: 0.5, positive };
        assert_eq!(found, expected);
        let found = of(powers(0, -1, 4), 0, &[7, 1, 0, 0, 0]);
        assert_eq!(found.positive, proto::Buckets { offset: -1, bucket_counts: vec![1] });
        let found = of(powers(0, -1, 4), 0, &[7, 0, 0, 0, 0]);
        assert_eq!(found.positive, proto::Buckets::default());
    }

    #[test]
    fn neighbours_become_one_where_there_are_too_many() {
        let counts: Vec<u64> = std::iter::once(0).chain(vec![1; 320]).collect();
        // Odd, so that neither end is whole.
        let found = of(powers(5, -7, 320), 5, &counts);
        assert_eq!(found.scale, 3);
        assert_eq!((found.positive.offset, found.positive.bucket_counts.len()), (-2, 81));
        let even = of(powers(5, -8, 320), 5, &counts);
        assert_eq!((even.scale, even.positive.offset), (4, -4));
        assert_eq!(even.positive.bucket_counts, [2; 160]);
    }

    proptest! {
        #[test]
        fn no_value_changes_its_bucket(
            scale in -4..9i32,
            first in -600..600i32,
            sparse in vec(prop_oneof![4 => Just(0u64), 1 => 1u64..1_000], 2..2_000),
        ) {
            let mut bounds = powers(scale, first, sparse.len() - 1);
            bounds.retain(|bound| bound.is_normal());
            prop_assume!(!bounds.is_empty());
            let counts = &sparse[..bounds.len() + 1];
            let found = of(bounds.clone(), scale, counts);
            let Exponential { positive: proto::Buckets { offset, bucket_counts }, .. } = &found;
            let all = found.zero_count + bucket_counts.iter().sum::<u64>();
            prop_assert_eq!(all, counts.iter().sum::<u64>());
            prop_assert_eq!((found.zero_count, found.zero_threshold), (counts[0], bounds[0]));
            prop_assert!(bucket_counts.len() as i64 <= MOST_BUCKETS);
            prop_assert!(bucket_counts.first() != Some(&0) && bucket_counts.last() != Some(&0));
            // Each of ours is within the one at its place.
            let mut expected = vec![0; bucket_counts.len()];
            let of_scale = f64::from(found.scale).exp2();
            for (at, count) in (1..).zip(&counts[1..]).filter(|(_, count)| **count != 0) {
                let middle = bounds[at - 1].log2() + 0.5 / f64::from(scale).exp2();
                let index = (middle * of_scale).floor() as i64 - i64::from(*offset);
                expected[index as usize] += count;
            }
            prop_assert_eq!(bucket_counts, &expected);
        }
    }
}
