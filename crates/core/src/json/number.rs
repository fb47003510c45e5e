//! Numbers as JavaScript writes them: both backends answer with the same bytes.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

/// A float64 of which the whole ones have no point in any JSON, not only in ours.
pub(super) struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        if whole as f64 == self.0 && whole.unsigned_abs() < 1 << 53 {
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// Compact JSON with numbers written by `Number::toString` of ECMAScript.
pub(super) struct JavaScript;

impl Formatter for JavaScript {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value == 0.0 {
            return writer.write_all(b"0");
        }
        // "d.ddde-7": shortest digits that read back as the same float.
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or_default();
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", digits),
        };
        if !(-6..21).contains(&exponent) {
            let plus = if exponent > 0 { "+" } else { "" };
            return write!(writer, "{sign}{digits}e{plus}{exponent}");
        }
        let digits = digits.replace('.', "");
        if exponent < 0 {
            let zeroes = "0".repeat((-1 - exponent) as usize);
            return write!(writer, "{sign}0.{zeroes}{digits}");
        }
        let whole = exponent as usize + 1;
        match digits.split_at_checked(whole) {
            Some((whole, "")) => write!(writer, "{sign}{whole}"),
            Some((whole, fraction)) => write!(writer, "{sign}{whole}.{fraction}"),
            None => write!(writer, "{sign}{digits}{}", "0".repeat(whole - digits.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::json::to_string;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (-17.25, "-17.25"),
            (0.1, "0.1"),
            (0.000001, "0.000001"),
            (0.0000012345, "0.0000012345"),
            (1e-7, "1e-7"),
            (-2.5e-7, "-2.5e-7"),
            (123e-20, "1.23e-18"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e20, "100000000000000000000"),
            (123_456_789e12, "123456789000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (5e-324, "5e-324"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(to_string(&value), expected);
        }
    }

    proptest! {
        #[test]
        fn they_read_back_as_they_were(bits: u64, small in -1e9..1e9f64) {
            for value in [f64::from_bits(bits), small] {
                prop_assume!(value.is_finite());
                let read: f64 = to_string(&value).parse().expect("a number");
                prop_assert_eq!(read, value);
            }
        }
    }
}
