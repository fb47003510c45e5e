//! What a reader may see of writers at work, whatever the memory model lets it.

use loom::sync::Arc;
use loom::thread;

use super::export::drain;
use super::ids::TraceId;
use super::open::entry;
use super::record::Record;
use super::slot::{Ring, Word, copy, word};
use super::test_ring::{TestRing, TestSlot};
use super::writer::{Local, WriteRing, Writer, Written};
use crate::atomic::Ordering::{Relaxed, Release};
use crate::atomic::fence;
use crate::layout::spans::{OPEN_START, SPAN_DURATION, SPAN_START, SPAN_TEXT_SLOTS};

/// A span whose start and duration are one number.
fn span(n: f64, text: &str) -> Written {
    Written { start_ns: n, duration_ns: n, text: text.to_owned(), ..Written::default() }
}

fn local() -> Local {
    Local::new(TraceId(1), 1.0)
}

/// Either span, whole, or none; never parts of both, nor one under the other's word.
#[test]
fn a_span_that_is_overwritten_is_whole_or_gone() {
    loom::model(|| {
        let ring = Arc::new(TestRing::with(1, &[0, SPAN_START, SPAN_DURATION]));
        let written = Arc::clone(&ring);
        let writing = thread::spawn(move || {
            let mut writer = Writer::new(&*written, &*written, 0);
            writer.record(&mut local(), &span(1.0, ""));
            writer.record(&mut local(), &span(2.0, ""));
        });
        if let Word::Published(n) = word(&(&*ring).slot(0))
            && let Some(record) = copy(&&*ring, 0, n)
        {
            assert_eq!((record.start_ns(), record.duration_ns()), (n.into(), n.into()));
        }
        writing.join().expect("the writer");
    });
}

/// The text is in slots of its own, which are overwritten after the span's.
#[test]
fn a_text_is_that_of_its_span() {
    loom::model(|| {
        let ring = Arc::new(TestRing::with(2, &[0, SPAN_TEXT_SLOTS / 2]));
        let written = Arc::clone(&ring);
        let writing = thread::spawn(move || {
            let mut writer = Writer::new(&*written, &*written, 0);
            writer.record(&mut local(), &span(0.0, "1111"));
            writer.record(&mut local(), &span(0.0, "2222"));
        });
        if let Word::Published(n) = word(&(&*ring).slot(0))
            && let Some(record) = copy(&&*ring, 0, n)
        {
            assert_eq!(*record.text, *n.to_string().repeat(4).as_bytes());
        }
        writing.join().expect("the writer");
    });
}

/// What is handed over arrives once, whole, in order, and nobody writes over what is being read.
#[test]
fn an_export_ring_hands_over_what_is_whole() {
    loom::model(|| {
        let exports = Arc::new(TestRing::with(1, &[0, SPAN_START]));
        let read = Arc::clone(&exports);
        let reading = thread::spawn(move || {
            let mut taken = Vec::new();
            take_all(&read, &mut taken);
            take_all(&read, &mut taken);
            taken
        });
        let flight = TestRing::with(1, &[]);
        let mut writer = Writer::new(&flight, &*exports, 0);
        let mut handed_over = Vec::new();
        for n in 1..=2 {
            if writer.has_room(1) {
                (&*exports).store(0, 0, n, Relaxed);
                (&*exports).store(0, SPAN_START, (n as f64).to_bits(), Relaxed);
                writer.publish(1);
                handed_over.push(n as u32);
            }
        }
        let mut taken = reading.join().expect("the reader");
        take_all(&exports, &mut taken);
        assert_eq!(taken, handed_over);
    });
}

fn take_all(exports: &TestRing, taken: &mut Vec<u32>) {
    drain(&exports, |record: Record| {
        assert_eq!(record.start_ns(), f64::from(record.word(0)));
        taken.push(record.word(0));
    });
}

/// An entry is that of one local trace or of none, though another takes its place.
#[test]
fn an_open_entry_is_whole_or_not_there() {
    loom::model(|| {
        let slot = Arc::new(TestSlot::with(&[0, OPEN_START, OPEN_START + 1]));
        let written = Arc::clone(&slot);
        let writing = thread::spawn(move || {
            for n in 1..=2u32 {
                written.store(0, 0, Relaxed);
                // Pairs with the Acquire fence in `entry`.
                fence(Release);
                written.store(OPEN_START, f64::from(n).to_bits(), Relaxed);
                written.store(OPEN_START + 1, f64::from(n).to_bits(), Relaxed);
                // Pairs with the Acquire load in `entry`.
                written.store(0, n.into(), Release);
            }
        });
        if let Some(entry) = entry(&&*slot, 1) {
            assert_eq!(entry.time(OPEN_START), entry.time(OPEN_START + 1));
            assert_eq!(entry.time(OPEN_START), f64::from(entry.word(0)));
        }
        writing.join().expect("the writer");
    });
}
