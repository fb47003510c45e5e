//! Ids of traces and spans: words in memory, hexadecimal digits in text.

use std::fmt;

use serde::{Serialize, Serializer};

/// The id of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(pub(crate) u128);

/// The id of a span. 0 is no span's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(pub(crate) u64);

impl TraceId {
    /// The id that these 32 hexadecimal digits, lower case, are; `None` where they are none.
    pub fn parse(digits: &str) -> Option<TraceId> {
        parse(digits, 32).map(TraceId)
    }

    /// Its 16 bytes, as they go over the wire.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The big-endian values of four bytes each.
    pub(crate) fn words(self) -> [u32; 4] {
        [96, 64, 32, 0].map(|shift| (self.0 >> shift) as u32)
    }

    pub(crate) fn of_words(words: [u32; 4]) -> TraceId {
        TraceId(words.iter().fold(0, |id, word| id << 32 | u128::from(*word)))
    }
}

impl SpanId {
    /// The id that these 16 hexadecimal digits, lower case, are; `None` where they are none.
    pub fn parse(digits: &str) -> Option<SpanId> {
        parse(digits, 16).map(|id| SpanId(id as u64))
    }

    /// Its 8 bytes, as they go over the wire.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(crate) fn of_words(words: [u32; 2]) -> SpanId {
        SpanId(u64::from(words[0]) << 32 | u64::from(words[1]))
    }
}

fn parse(digits: &str, count: usize) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_id = digits.len() == count && digits.bytes().all(is_digit);
    u128::from_str_radix(digits, 16).ok().filter(|id| is_id && *id != 0)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for SpanId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_digits_and_in_words() {
        let digits = "0af7651916cd43dd8448eb211c80319c";
        let id = TraceId::parse(digits).expect("an id");
        assert_eq!(id.words(), [0x0af7_6519, 0x16cd_43dd, 0x8448_eb21, 0x1c80_319c]);
        assert_eq!(TraceId::of_words(id.words()), id);
        assert_eq!(id.to_string(), digits);
        let digits = "00000001b7ad6b71";
        assert_eq!(SpanId::of_words([1, 0xb7ad_6b71]).to_string(), digits);
        assert_eq!(SpanId::parse(digits), Some(SpanId::of_words([1, 0xb7ad_6b71])));
        assert_eq!(SpanId::parse(&digits[1..]), None);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let upper = "0AF7651916CD43DD8448EB211C80319C";
        let long = "0af7651916cd43dd8448eb211c80319c0";
        let signed = "+af7651916cd43dd8448eb211c80319c";
        let zero = "00000000000000000000000000000000";
        for digits in ["", upper, long, signed, zero, &zero[1..]] {
            assert_eq!(TraceId::parse(digits), None, "{digits}");
        }
    }
}
