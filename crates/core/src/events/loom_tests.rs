//! What a reader may see of writers at work, whatever the memory model lets it.

use loom::sync::Arc;
use loom::thread;

use super::Events;
use super::reading::read;
use super::slot::{self, Word};
use super::writer::{TestRing, TestSlot, text};
use crate::atomic::AtomicU64;

/// Either event, whole, or none; never parts of both, nor one under the other's number.
#[test]
fn a_copy_is_whole() {
    loom::model(|| {
        let slot = Arc::new(TestSlot::new());
        let written = Arc::clone(&slot);
        let writing = thread::spawn(move || {
            for number in 1..=2 {
                written.open(number as f64, &number.to_string().repeat(8));
                written.publish(number);
            }
        });
        if let Word::Published(number) = slot::word(&&*slot)
            && let Some(copied) = slot::copy(&&*slot, number)
        {
            assert_eq!(copied.at_ms, number as f64);
            assert_eq!(copied.text, number.to_string().repeat(8).into_bytes());
        }
        writing.join().expect("the writer");
    });
}

/// When a slot was opened is never older than that it is open.
#[test]
fn an_open_slot_is_as_old_as_it_says() {
    loom::model(|| {
        let slot = Arc::new(TestSlot::new());
        let written = Arc::clone(&slot);
        let writing = thread::spawn(move || written.open(7.0, ""));
        if slot::word(&&*slot) == Word::Open {
            assert_eq!(slot::opened_at_ms(&&*slot), 7.0);
        }
        writing.join().expect("the writer");
    });
}

/// A number that is counted is in a slot, or its slot is open: no event comes up behind a reader.
#[test]
fn what_is_counted_is_in_sight() {
    loom::model(|| {
        let sequence = Arc::new(AtomicU64::new(0));
        let rings = [(); 2].map(|()| Arc::new(TestRing::<1>::new()));
        let write = |index: usize| {
            let (sequence, ring) = (Arc::clone(&sequence), Arc::clone(&rings[index]));
            move || {
                ring.slots[0].open(1e12, &text("a"));
                ring.slots[0].publish(TestSlot::claim(&sequence));
            }
        };
        let writing = [thread::spawn(write(0)), thread::spawn(write(1))];
        let seen = |after| {
            let claimed = slot::claimed(|order| sequence.load(order));
            let answer = read(claimed, &[&*rings[0], &*rings[1]], after, 1e12);
            // Nothing is overwritten here, so nothing may be called lost.
            let Events { events, lost, last } = answer;
            assert_eq!((lost, last - after), (0, events.len() as u64));
            last
        };
        let last = seen(0);
        for thread in writing {
            thread.join().expect("a writer");
        }
        assert_eq!(seen(last), 2);
    });
}
