//! Times as OTLP has them: whole nanoseconds since 1970.

/// A Unix time in milliseconds. What is before 1970 or no number is 0.
pub(super) fn unix_ns(ms: f64) -> u64 {
    let whole = ms.trunc();
    // By parts: a product of a million would have no digits below 256 ns.
    (whole as u64).saturating_mul(1_000_000).saturating_add(((ms - whole) * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_all_its_digits() {
        assert_eq!(unix_ns(1_700_000_000_000.5), 1_700_000_000_000_500_000);
        assert_eq!(unix_ns(1_700_000_000_123.25), 1_700_000_000_123_250_000);
        assert_eq!(unix_ns(0.0), 0);
    }

    #[test]
    fn what_is_no_time_is_zero() {
        assert_eq!([-1.0, f64::NAN, f64::NEG_INFINITY].map(unix_ns), [0, 0, 0]);
        assert_eq!(unix_ns(f64::INFINITY), u64::MAX);
    }
}
