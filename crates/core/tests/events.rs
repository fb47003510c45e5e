//! Events of racing threads in mapped memory, read while they are written, in this process and from
//! the segment's file.

mod common;

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::time::{SystemTime, UNIX_EPOCH};

use common::{meter, options, value};
use nanometer_core::layout::{
    BLOCK_BYTES, BLOCK_HEADER_CELLS, EVENT_AT, EVENT_LENGTH, EVENT_OPEN, EVENT_OPENED_AT,
    EVENT_SLOT_CELLS, EVENT_SLOTS, EVENT_SLOTS_PER_BLOCK, EVENT_TEXT, EVENT_WORD, EVENTS_WRITTEN,
    KIND_EVENTS,
};
use nanometer_core::{EventMemory, Events, LaneGuard, Meter, reader};
use proptest::prelude::*;

/// A hand that writes events as `src/events/ring.ts` does.
struct Hand {
    memory: EventMemory,
    written: u64,
}

impl Hand {
    fn of(lane: &LaneGuard) -> Hand {
        let memory = lane.events().expect("memory");
        let mut hand = Hand { memory, written: 0 };
        // SAFETY: inside the first block.
        hand.written = unsafe { hand.first_block_cell(EVENTS_WRITTEN).read_volatile() } as u64;
        hand
    }

    fn first_block_cell(&self, index: u32) -> *mut f64 {
        // SAFETY: inside the first block.
        unsafe { self.memory.blocks[0].cast::<f64>().as_ptr().add(index as usize) }
    }

    fn word(&self, at: NonNull<f64>) -> &AtomicI64 {
        // SAFETY: an aligned word of the ring, or the count of all events.
        unsafe { at.cast().as_ref() }
    }

    /// The slot of the next event.
    fn slot(&self) -> NonNull<f64> {
        let slot = (self.written % u64::from(EVENT_SLOTS)) as u32;
        let block = self.memory.blocks[(slot / EVENT_SLOTS_PER_BLOCK) as usize];
        let first = BLOCK_HEADER_CELLS + slot % EVENT_SLOTS_PER_BLOCK * EVENT_SLOT_CELLS;
        // SAFETY: inside the block.
        unsafe { block.cast::<f64>().add(first as usize) }
    }

    fn open(&self, text: &str) {
        let slot = self.slot();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs_f64() * 1e3;
        // SAFETY: inside the slot, which this thread alone writes; its words are atomics.
        unsafe {
            slot.add(EVENT_OPENED_AT as usize).write_volatile(now);
            self.word(slot.add(EVENT_WORD as usize)).store(EVENT_OPEN, SeqCst);
            slot.add(EVENT_AT as usize).write_volatile(now);
            slot.add(EVENT_LENGTH as usize).write_volatile(text.len() as f64);
            let bytes = slot.add(EVENT_TEXT as usize).cast::<u8>();
            for (index, byte) in text.bytes().enumerate() {
                bytes.add(index).write_volatile(byte);
            }
        }
    }

    /// The number again and again, so that a mixture of two events shows.
    fn attributes(n: u64) -> String {
        let again = format!(" {n}").repeat(40);
        format!(r#""n":{n},"again":"{again}""#)
    }

    fn emit(&mut self, name: &str, n: u64) {
        self.open(&format!(
            r#"{{"name":"{name}","kind":"resource","level":"production","attributes":{{{}}}}}"#,
            Hand::attributes(n)
        ));
        let number = self.word(self.memory.sequence.cast()).fetch_add(1, SeqCst) + 1;
        self.word(self.slot()).store(number, SeqCst);
        self.written += 1;
        // SAFETY: inside the first block.
        unsafe { self.first_block_cell(EVENTS_WRITTEN).write_volatile(self.written as f64) };
    }
}

fn n_of(event: &nanometer_core::Event) -> u64 {
    let n = event.content.attributes["n"].as_u64().expect("a number");
    let again = event.content.attributes["again"].as_str().expect("a text");
    assert!(again.split_ascii_whitespace().all(|one| one == n.to_string()), "{event:?}");
    n
}

fn overwritten(meter: &Meter) -> f64 {
    value(&meter.snapshot(), "nanometer.events_overwritten", &[]).expect("a value")
}

/// Reads on until all is read; every answer is checked by itself and against those before.
struct ReadingOn {
    after: u64,
    lost: u64,
    read: u64,
    newest: Vec<Option<u64>>,
}

impl ReadingOn {
    fn new(writers: usize) -> ReadingOn {
        ReadingOn { after: 0, lost: 0, read: 0, newest: vec![None; writers] }
    }

    fn take(&mut self, Events { events, lost, last }: Events) {
        assert_eq!(events.len() as u64 + lost, last - self.after);
        for event in &events {
            assert!(event.seq > self.after && event.seq <= last);
            let writer: usize = event.content.name["w".len()..].parse().expect("a writer's name");
            let n = n_of(event);
            assert!(self.newest[writer].is_none_or(|newest| newest < n), "out of order");
            self.newest[writer] = Some(n);
        }
        assert!(events.is_sorted_by(|a, b| a.seq < b.seq));
        self.after = last;
        self.lost += lost;
        self.read += events.len() as u64;
    }
}

/// Four threads write while `read` reads on; what it reads and what it says is lost make up all.
fn race(meter: &Arc<Meter>, read: impl Fn(u64) -> Events) {
    const WRITERS: u64 = 4;
    const EVENTS: u64 = 30_000;
    let done = AtomicBool::new(false);
    let mut reading = ReadingOn::new(WRITERS as usize);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let meter = Arc::clone(meter);
                scope.spawn(move || {
                    let lane = meter.attach().expect("a lane");
                    let mut hand = Hand::of(&lane);
                    (0..EVENTS).for_each(|n| hand.emit(&format!("w{writer}"), n));
                    // Not given back before all are through: each has a ring of its own.
                    lane
                })
            })
            .collect();
        scope.spawn(|| {
            let lanes: Vec<_> = writers.into_iter().map(|w| w.join().expect("it wrote")).collect();
            done.store(true, SeqCst);
            drop(lanes);
        });
        while !done.load(SeqCst) {
            reading.take(read(reading.after));
        }
    });
    reading.take(read(reading.after));
    assert_eq!(reading.after, WRITERS * EVENTS);
    assert_eq!(reading.read + reading.lost, WRITERS * EVENTS);
    assert_eq!(reading.newest, vec![Some(EVENTS - 1); WRITERS as usize]);
    let kept = WRITERS * u64::from(EVENT_SLOTS);
    assert_eq!(overwritten(meter), (WRITERS * EVENTS - kept) as f64);
    assert_eq!(read(0).events.len() as u64, kept);
}

#[test]
fn racing_threads_lose_nothing_that_is_not_counted() {
    let meter = meter();
    race(&meter, |after| meter.events(after));
}

#[test]
fn another_process_sees_whole_events_while_they_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let meter = Meter::new(&options(Some(&directory.path().join("state")))).expect("a meter");
    let path = meter.segment_path().expect("a file");
    race(&meter, |after| reader::read_events(&path, after).expect("a segment"));
    reader::read(&path).expect("metrics beside events");
}

#[test]
fn a_ring_is_made_with_the_first_event_and_goes_on_in_the_next_thread() {
    let meter = meter();
    let size = |meter: &Meter| value(&meter.snapshot(), "nanometer.segment.size", &[]).unwrap();
    let lane = meter.attach().expect("a lane");
    let before = size(&meter);
    let mut hand = Hand::of(&lane);
    assert_eq!(size(&meter) - before, 4.0 * BLOCK_BYTES as f64);
    (0..500).for_each(|n| hand.emit("first", n));
    let again = lane.events().expect("memory");
    assert_eq!(again.blocks, hand.memory.blocks);
    drop(lane);
    assert_eq!(meter.events(0).events.len(), 500, "a retired ring is read");

    let lane = meter.attach().expect("the same lane");
    let mut hand = Hand::of(&lane);
    assert_eq!(size(&meter) - before, 4.0 * BLOCK_BYTES as f64);
    assert_eq!(hand.written, 500);
    (0..20).for_each(|n| hand.emit("second", n));
    let Events { events, lost, last } = meter.events(0);
    assert_eq!((events.len(), lost, last), (508, 12, 520));
    assert_eq!(n_of(&events[0]), 12);
    assert_eq!(overwritten(&meter), 12.0);
}

#[test]
fn a_thread_that_was_stopped_while_it_wrote_holds_nobody_up() {
    let meter = meter();
    let (stopped, other) = (meter.attach().expect("a lane"), meter.attach().expect("a lane"));
    let mut hand = Hand::of(&stopped);
    hand.emit("stopped", 0);
    // It has taken its number, and gone.
    hand.open("{");
    hand.word(hand.memory.sequence.cast()).fetch_add(1, SeqCst);
    Hand::of(&other).emit("other", 1);
    let held = meter.events(0);
    assert_eq!((held.events.len(), held.lost, held.last), (1, 0, 1), "it may come yet");
    drop(stopped);
    let rest = meter.events(held.last);
    assert_eq!((rest.events.len(), rest.lost, rest.last), (1, 1, 3));
    // The next one writes the slot that was left open.
    let lane = meter.attach().expect("the lane of the one that was stopped");
    Hand::of(&lane).emit("next", 2);
    let next = meter.events(rest.last);
    assert_eq!((next.events[0].content.name.as_str(), next.lost, next.last), ("next", 0, 4));
}

#[test]
fn an_answer_is_bounded_and_goes_on_where_it_stopped() {
    let meter = meter();
    let lanes: Vec<_> = (0..25).map(|_| meter.attach().expect("a lane")).collect();
    for lane in &lanes {
        let mut hand = Hand::of(lane);
        (0..500).for_each(|n| hand.emit("e", n));
    }
    let first = meter.events(0);
    assert_eq!((first.events.len(), first.lost, first.last), (10_000, 0, 10_000));
    let second = meter.events(first.last);
    assert_eq!((second.events.len(), second.lost, second.last), (2_500, 0, 12_500));
    assert_eq!(meter.events(u64::MAX), Events { last: 12_500, ..Events::default() });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is in the blocks of a ring, what reads them goes on.
    #[test]
    fn a_damaged_ring_stops_no_reader(
        damage in prop::collection::vec((64usize..BLOCK_BYTES, any::<u8>()), 1..200),
        after in any::<u64>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let meter = Meter::new(&options(Some(&directory.path().join("state")))).expect("a meter");
        let lane = meter.attach().expect("a lane");
        let mut hand = Hand::of(&lane);
        (0..600).for_each(|n| hand.emit("e", n));
        let path = meter.segment_path().expect("a file");
        let mut bytes = std::fs::read(&path).unwrap();
        for block in bytes.chunks_mut(BLOCK_BYTES).skip(1) {
            if block[..4] == KIND_EVENTS.to_le_bytes() {
                damage.iter().for_each(|(at, byte)| block[*at] = *byte);
            }
        }
        let damaged = directory.path().join("damaged");
        std::fs::write(&damaged, bytes).unwrap();
        for after in [0, after] {
            let Events { events, lost, last } = reader::read_events(&damaged, after).unwrap();
            prop_assert!(events.iter().all(|event| event.seq > after && event.seq <= 600));
            prop_assert!(lost <= 600 && last <= 600);
        }
    }
}
