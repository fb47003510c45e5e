//! What stands in the cells of a thread, as that thread alone writes it: numbers, and pairs of words.

use crate::atomic::Ordering::Relaxed;
use crate::atomic::fixed::AtomicU64;

/// Words of spans and of entries go from 1 to this, and round again.
const MOST_WORD: u64 = i32::MAX as u64;

/// Two words as one cell.
#[inline]
pub(super) fn cell(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[inline]
pub(super) fn low(cell: &AtomicU64) -> u32 {
    cell.load(Relaxed) as u32
}

#[inline]
pub(super) fn high(cell: &AtomicU64) -> u32 {
    (cell.load(Relaxed) >> 32) as u32
}

#[inline]
pub(super) fn number(cell: &AtomicU64) -> f64 {
    f64::from_bits(cell.load(Relaxed))
}

/// Adds to a number, and answers the sum.
#[inline]
pub(super) fn add(cell: &AtomicU64, value: f64) -> f64 {
    let sum = number(cell) + value;
    cell.store(sum.to_bits(), Relaxed);
    sum
}

/// The word of what is the `n`th, from 1 on.
#[inline]
pub(super) fn word_of(n: f64) -> u32 {
    ((n as u64 - 1) % MOST_WORD + 1) as u32
}
