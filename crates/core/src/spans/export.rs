//! The hand-over of promoted spans: from the lane's thread to the one reader of the process.
//!
//! ```text
//! writer   slots │ fence │ head            head - tail never above the number of slots
//! reader   head (Acquire) │ slots │ tail (Release)
//! ```

use super::record::Record;
use super::slot::{Ring, Word, copy, word};
use crate::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// A ring that is emptied.
pub(crate) trait ExportRing: Ring {
    /// How many slots were published since it began.
    fn head(&self, order: Ordering) -> f64;
    /// How many were read.
    fn tail(&self, order: Ordering) -> f64;
    /// Gives slots back to the writer.
    fn set_tail(&self, slots: f64, order: Ordering);
}

/// Takes all spans that have been published. One thread at a time.
pub(crate) fn drain<R: ExportRing>(ring: &R, mut take: impl FnMut(Record)) {
    // Pairs with the fence before the writer's store: the slots up to the head are seen.
    let head = ring.head(Acquire) as u64;
    let mut at = ring.tail(Relaxed) as u64;
    while at < head {
        let index = (at % u64::from(ring.slots())) as u32;
        let record = match word(&ring.slot(index)) {
            Word::Published(word) => copy(ring, index, word),
            _ => None,
        };
        at += 1;
        if let Some(record) = record {
            at = (at + u64::from(record.text_slots())).min(head);
            take(record);
        }
        // Pairs with the writer's load: what it writes over has been copied.
        ring.set_tail(at as f64, Release);
    }
}
