//! Numbers as text: shortest digits that read back as the same float.
//!
//! Two spellings. Values are plain for as long as a reader can count the digits. Bucket bounds are
//! OpenMetrics' canonical `le`, in both formats, so that a series keeps its identity when the
//! scraper changes its mind about the format.

use std::io::Write;

/// Below this, every integer is a float and every float of that size without a fraction is meant
/// as an integer: 2^53.
const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;

/// Appends an integer in decimal.
pub fn write_integer(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a sample's value: `3`, `0.25`, `2.5e-07`, `NaN`, `+Inf`. An exponent is used below
/// 1e-5 and from 1e21 on. Minus zero is `0`.
pub fn write_value(out: &mut Vec<u8>, value: f64) {
    if value.fract() == 0.0 && value.abs() < EXACT_INTEGERS {
        out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
    } else if !write_special(out, value) {
        Digits::of(value).write(out, -5..21);
    }
}

/// Appends the bound of a bucket: `0.0`, `0.25`, `10.0`, `1e-05`, `1e+06`, `+Inf`. An exponent is
/// used below 1e-4 and from 1e6 on, a fraction is always shown where there is no exponent.
pub fn write_bound(out: &mut Vec<u8>, bound: f64) {
    if write_special(out, bound) {
        return;
    }
    let start = out.len();
    Digits::of(bound).write(out, -4..6);
    if !out[start..].iter().any(|byte| matches!(byte, b'.' | b'e')) {
        out.extend_from_slice(b".0");
    }
}

fn write_special(out: &mut Vec<u8>, value: f64) -> bool {
    let text: &[u8] = match value {
        _ if value.is_nan() => b"NaN",
        f64::INFINITY => b"+Inf",
        f64::NEG_INFINITY => b"-Inf",
        _ => return false,
    };
    out.extend_from_slice(text);
    true
}

/// The most digits that tell one float from every other.
const MOST_DIGITS: usize = 17;

/// A finite float in shortest digits: `0.d1 d2 d3 … × 10^(exponent + 1)`.
struct Digits {
    negative: bool,
    digits: [u8; MOST_DIGITS],
    len: usize,
    /// The power of ten of the first digit.
    exponent: i32,
}

impl Digits {
    fn of(value: f64) -> Digits {
        // `{:e}` is "d.ddde-7": shortest digits that round-trip, 24 bytes at most.
        let mut text = [0_u8; 32];
        let mut rest = &mut text[..];
        let free = rest.len();
        let written = match write!(rest, "{value:e}") {
            Ok(()) => free - rest.len(),
            Err(_) => 0,
        };
        let mut found =
            Digits { negative: false, digits: [b'0'; MOST_DIGITS], len: 0, exponent: 0 };
        let mut bytes = text[..written].iter();
        for byte in bytes.by_ref() {
            match byte {
                b'-' => found.negative = true,
                b'0'..=b'9' if found.len < MOST_DIGITS => {
                    found.digits[found.len] = *byte;
                    found.len += 1;
                }
                b'e' => break,
                _ => {}
            }
        }
        let exponent = std::str::from_utf8(bytes.as_slice()).unwrap_or_default();
        found.exponent = exponent.parse().unwrap_or_default();
        found
    }

    /// Writes them plainly where the first digit's power of ten is in `plain`, else with an
    /// exponent of at least two digits.
    fn write(&self, out: &mut Vec<u8>, plain: std::ops::Range<i32>) {
        let digits = &self.digits[..self.len];
        if self.negative {
            out.push(b'-');
        }
        if !plain.contains(&self.exponent) {
            out.push(digits[0]);
            if digits.len() > 1 {
                out.push(b'.');
                out.extend_from_slice(&digits[1..]);
            }
            out.extend_from_slice(if self.exponent < 0 { b"e-" } else { b"e+" });
            let exponent = self.exponent.unsigned_abs();
            if exponent < 10 {
                out.push(b'0');
            }
            write_integer(out, exponent.into());
        } else if self.exponent < 0 {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + (-1 - self.exponent) as usize, b'0');
            out.extend_from_slice(digits);
        } else {
            let whole = self.exponent as usize + 1;
            if digits.len() > whole {
                out.extend_from_slice(&digits[..whole]);
                out.push(b'.');
                out.extend_from_slice(&digits[whole..]);
            } else {
                out.extend_from_slice(digits);
                out.resize(out.len() + whole - digits.len(), b'0');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_plain_while_they_can_be_read() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (-17.0, "-17"),
            (0.25, "0.25"),
            (-1_234_567.5, "-1234567.5"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "0.00001"),
            (0.000012, "0.000012"),
            (0.000001, "1e-06"),
            (2.5e-7, "2.5e-07"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(text(|out| write_value(out, value)), expected);
        }
        assert_eq!(text(|out| write_integer(out, u64::MAX)), "18446744073709551615");
    }

    #[test]
    fn bounds_are_canonical() {
        for (bound, expected) in [
            (0.0, "0.0"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (1.0, "1.0"),
            (10.0, "10.0"),
            (1e-5, "1e-05"),
            (2.5e-7, "2.5e-07"),
            (100_000.0, "100000.0"),
            (123_456.5, "123456.5"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(text(|out| write_bound(out, bound)), expected);
        }
    }
}
