//! What a histogram says of the values that it has counted; the same as `src/snapshot/distribution.ts`.

use nanometer_core::snapshot::{Distribution, Value};
use serde::Serialize;

/// Three quantiles, `None` where there are no values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quantiles {
    /// Half of the values are at or below it.
    pub p50: Option<f64>,
    /// Nine in ten are.
    pub p90: Option<f64>,
    /// 99 in a hundred are.
    pub p99: Option<f64>,
}

/// How values are spread, in the unit of their histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    count: u64,
    mean: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(flatten)]
    quantiles: Quantiles,
}

impl Quantiles {
    /// Those of a histogram with these bounds; none of any other value.
    pub fn of(value: Option<&Value>, bounds: &[f64]) -> Quantiles {
        let Some(Value::Histogram(distribution)) = value else { return Quantiles::default() };
        let at = |fraction| quantile(distribution, bounds, fraction);
        Quantiles { p50: at(0.5), p90: at(0.9), p99: at(0.99) }
    }
}

impl Spread {
    /// That of a histogram with these bounds; an empty one of any other value.
    pub fn of(value: Option<&Value>, bounds: &[f64]) -> Spread {
        let Some(Value::Histogram(distribution)) = value else { return Spread::default() };
        let count = distribution.count();
        Spread {
            count,
            mean: (count > 0).then(|| distribution.sum / count as f64),
            min: distribution.min,
            max: distribution.max,
            quantiles: Quantiles::of(value, bounds),
        }
    }
}

/// The value that a fraction of all values is at or below, as well as the buckets tell: within a
/// bucket values are taken as spread evenly, and none as outside the smallest and the largest.
fn quantile(distribution: &Distribution, bounds: &[f64], fraction: f64) -> Option<f64> {
    let rank = fraction * distribution.count() as f64;
    let mut below = 0.0;
    for (bucket, inside) in distribution.counts.iter().enumerate() {
        let inside = *inside as f64;
        if inside > 0.0 && below + inside >= rank {
            return Some(within(distribution, bounds, bucket, (rank - below) / inside));
        }
        below += inside;
    }
    None
}

fn within(distribution: &Distribution, bounds: &[f64], bucket: usize, fraction: f64) -> f64 {
    let Distribution { min, max, .. } = distribution;
    let clamp = |value: f64| value.max(min.unwrap_or(0.0)).min(max.unwrap_or(f64::INFINITY));
    let low = clamp(bucket.checked_sub(1).and_then(|last| bounds.get(last)).map_or(0.0, |at| *at));
    let bound = bounds.get(bucket);
    if bound.is_none() && max.is_none() {
        return low;
    }
    let high = clamp(bound.map_or(f64::INFINITY, |at| *at));
    low + (high - low) * fraction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(counts: &[u64], sum: f64, extremes: Option<(f64, f64)>) -> Value {
        Value::Histogram(Distribution {
            counts: counts.to_vec(),
            sum,
            min: extremes.map(|(min, _)| min),
            max: extremes.map(|(_, max)| max),
        })
    }

    /// What `new Distribution(…).quantile(…)` of `src/snapshot/distribution.ts` gives for the same.
    #[test]
    fn quantiles_are_those_of_the_typescript_half() {
        let bounds = [100.0, 250.0, 1_000.0];
        let of = |value: &Value| {
            let Quantiles { p50, p90, p99 } = Quantiles::of(Some(value), &bounds);
            [p50, p90, p99].map(Option::unwrap)
        };
        let even = histogram(&[10, 10, 10, 10], 0.0, Some((50.0, 5_000.0)));
        assert_eq!(of(&even), [250.0, 3_400.0, 4_840.000000000001]);
        let odd = histogram(&[3, 5, 7, 1], 0.0, Some((0.1, 1_234.5)));
        assert_eq!(of(&odd), [250.0, 935.7142857142858, 1_196.98]);
        let one = histogram(&[0, 1, 0, 0], 200.0, Some((200.0, 200.0)));
        assert_eq!(of(&one), [200.0, 200.0, 200.0]);
        let unknown = histogram(&[0, 0, 0, 3], 0.0, None);
        assert_eq!(of(&unknown), [1_000.0, 1_000.0, 1_000.0]);
    }

    #[test]
    fn nothing_is_said_of_no_values() {
        let bounds = [1.0];
        let none = histogram(&[0, 0], 0.0, None);
        assert_eq!(Spread::of(Some(&none), &bounds), Spread::default());
        assert_eq!(Spread::of(Some(&Value::Number(3.0)), &bounds), Spread::default());
        assert_eq!(Spread::of(None, &bounds), Spread::default());
        let some = Spread::of(Some(&histogram(&[1, 1], 3.0, Some((1.0, 2.0)))), &bounds);
        assert_eq!((some.count, some.mean, some.max), (2, Some(1.5), Some(2.0)));
    }

    proptest! {
        /// A quantile is never further off than its bucket is wide, and never falls.
        #[test]
        fn quantiles_are_in_the_bucket_of_their_value(
            mut values in prop::collection::vec(0.0..4_000.0f64, 1..200),
            fraction in 0.001..1.0f64,
        ) {
            let bounds = [10.0, 100.0, 1_000.0, 2_000.0];
            values.sort_by(f64::total_cmp);
            let mut counts = vec![0; 5];
            for value in &values {
                counts[bounds.partition_point(|bound| bound < value)] += 1;
            }
            let (min, max) = (values[0], values[values.len() - 1]);
            let distribution =
                Distribution { counts, sum: values.iter().sum(), min: Some(min), max: Some(max) };
            let found = quantile(&distribution, &bounds, fraction).unwrap();
            let rank = (fraction * values.len() as f64).ceil() as usize;
            let exact = values[rank.clamp(1, values.len()) - 1];
            let bucket = bounds.partition_point(|bound| *bound < exact);
            let low = if bucket == 0 { 0.0 } else { bounds[bucket - 1] };
            let high = bounds.get(bucket).map_or(max, |bound| *bound);
            prop_assert!(low <= found + 1e-9 && found <= high + 1e-9, "{found} for {exact}");
            prop_assert!(min <= found && found <= max);
            let later = quantile(&distribution, &bounds, (fraction * 1.1).min(1.0)).unwrap();
            prop_assert!(later >= found);
        }
    }
}
