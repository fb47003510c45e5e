//! Protobuf, written from its end to its beginning: the length that stands before a message is that
//! of what has been written already, and nothing is measured.
//!
//! ```text
//!   room │ key │ length │ last written … first written
//!        ◀─────────────── start        the end of the buffer ┘
//! ```
//!
//! Fields are told from the last to the first, and those of a list too: what stands in the buffer is
//! then what anybody else writes of the same message. As everywhere in proto3, a
//! field that is 0 or empty is left out, unless it is optional or of a oneof.

use bytes::Bytes;
use prost::encoding::{WireType, encode_varint, encoded_len_varint};

/// A buffer keeps room that it does not need, where that is no more than this part of it.
const WASTE: usize = 16;

/// A message that is being written.
#[derive(Debug)]
pub(super) struct Backwards {
    buffer: Vec<u8>,
    /// Where what is written begins.
    start: usize,
}

impl Backwards {
    /// Grows beyond those bytes where it must.
    pub(super) fn with_room(bytes: usize) -> Backwards {
        Backwards { buffer: vec![0; bytes], start: bytes }
    }

    /// How many bytes are written.
    pub(super) fn len(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Forgets what was written since there were so many bytes.
    pub(super) fn take_back(&mut self, len: usize) {
        self.start = self.buffer.len() - len;
    }

    /// What is written.
    pub(super) fn finish(self) -> Bytes {
        if self.start > self.buffer.len() / WASTE {
            return Bytes::copy_from_slice(&self.buffer[self.start..]);
        }
        Bytes::from(self.buffer).slice(self.start..)
    }

    /// A message: the fields that a function writes.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Backwards)) {
        let mark = self.len();
        write(self);
        self.wrap(field, mark);
    }

    /// Makes a message of what was written since there were so many bytes.
    pub(super) fn wrap(&mut self, field: u32, mark: usize) {
        self.varint((self.len() - mark) as u64);
        self.key(field, WireType::LengthDelimited);
    }

    /// A text, bytes, or a message that is encoded already.
    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.raw(bytes);
        self.varint(bytes.len() as u64);
        self.key(field, WireType::LengthDelimited);
    }

    /// The same of a field that is not there where it is empty.
    pub(super) fn text_unless_empty(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.bytes(field, text.as_bytes());
        }
    }

    /// Eight bytes: of a fixed64, an sfixed64 or a double.
    pub(super) fn fixed64(&mut self, field: u32, bits: u64) {
        self.raw(&bits.to_le_bytes());
        self.key(field, WireType::SixtyFourBit);
    }

    /// The same of a field that is not there where it is 0.
    pub(super) fn fixed64_unless_0(&mut self, field: u32, bits: u64) {
        if bits != 0 {
            self.fixed64(field, bits);
        }
    }

    /// Four bytes.
    pub(super) fn fixed32(&mut self, field: u32, bits: u32) {
        self.raw(&bits.to_le_bytes());
        self.key(field, WireType::ThirtyTwoBit);
    }

    /// A double.
    pub(super) fn double(&mut self, field: u32, value: f64) {
        self.fixed64(field, value.to_bits());
    }

    /// An integer of any size, an enum, or a bool.
    pub(super) fn integer(&mut self, field: u32, value: u64) {
        self.varint(value);
        self.key(field, WireType::Varint);
    }

    /// The same of a field that is not there where it is 0.
    pub(super) fn integer_unless_0(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.integer(field, value);
        }
    }

    /// A sint32, which is not there where it is 0.
    pub(super) fn signed_unless_0(&mut self, field: u32, value: i32) {
        self.integer_unless_0(field, u64::from(((value << 1) ^ (value >> 31)) as u32));
    }

    /// A list of fixed64, in its order.
    pub(super) fn fixed64s(&mut self, field: u32, values: &[u64]) {
        if values.is_empty() {
            return;
        }
        for (bytes, value) in self.room(values.len() * 8).chunks_exact_mut(8).zip(values) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        self.varint(values.len() as u64 * 8);
        self.key(field, WireType::LengthDelimited);
    }

    /// A list of uint64, in its order.
    pub(super) fn integers(&mut self, field: u32, values: &[u64]) {
        if values.is_empty() {
            return;
        }
        let mark = self.len();
        values.iter().rev().for_each(|value| self.varint(*value));
        self.wrap(field, mark);
    }

    /// Fields that are encoded already.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    fn key(&mut self, field: u32, wire_type: WireType) {
        self.varint(u64::from(field << 3 | wire_type as u32));
    }

    fn varint(&mut self, value: u64) {
        match value {
            0..0x80 => self.room(1)[0] = value as u8,
            _ => encode_varint(value, &mut self.room(encoded_len_varint(value))),
        }
    }

    fn room(&mut self, bytes: usize) -> &mut [u8] {
        if self.start < bytes {
            self.grow(bytes);
        }
        self.start -= bytes;
        &mut self.buffer[self.start..][..bytes]
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        let written = &self.buffer[self.start..];
        let mut buffer = vec![0; (written.len() + bytes) * 2];
        let start = buffer.len() - written.len();
        buffer[start..].copy_from_slice(written);
        (self.buffer, self.start) = (buffer, start);
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
    use opentelemetry_proto::tonic::metrics::v1::{
        ExponentialHistogramDataPoint, HistogramDataPoint,
    };
    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    proptest! {
        #[test]
        fn it_writes_what_the_official_types_write(
            counts in prop::collection::vec(any::<u64>(), 1..200),
            sum in any::<f64>(),
            count in prop_oneof![Just(0), any::<u64>()],
            flags in prop_oneof![Just(0), any::<u32>()],
            scale in any::<i32>(),
            room in 0..3_000usize,
        ) {
            let point = HistogramDataPoint {
                count,
                sum: Some(sum),
                bucket_counts: counts.clone(),
                flags,
                ..HistogramDataPoint::default()
            };
            let mut out = Backwards::with_room(room);
            out.integer_unless_0(10, flags.into());
            out.fixed64s(6, &counts);
            out.double(5, sum);
            out.fixed64_unless_0(4, count);
            prop_assert_eq!(out.len(), point.encoded_len());
            prop_assert_eq!(out.finish(), point.encode_to_vec());

            let positive = Buckets { offset: scale, bucket_counts: counts.clone() };
            let point = ExponentialHistogramDataPoint {
                scale,
                positive: Some(positive),
                ..ExponentialHistogramDataPoint::default()
            };
            let mut out = Backwards::with_room(room);
            out.message(8, |out| {
                out.integers(2, &counts);
                out.signed_unless_0(1, scale);
            });
            let mark = out.len();
            out.fixed64(4, count);
            out.take_back(mark);
            out.signed_unless_0(6, scale);
            prop_assert_eq!(out.finish(), point.encode_to_vec());
        }
    }
}
