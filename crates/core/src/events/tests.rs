//! The account of events: each is read once, in order, or counted as lost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::reading::{Events, UNDER_WAY_MS, read};
use super::slot::{self, Word};
use super::writer::{TestRing, TestSlot, text};
use crate::atomic::AtomicU64;

const LANES: usize = 3;
const SLOTS: u32 = 4;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The thread of a lane does the next thing: opens a slot, takes a number, or publishes.
    Write {
        lane: usize,
    },
    /// It writes some whole events.
    Burst {
        lane: usize,
        events: u64,
    },
    /// It is killed. With its next event another one takes the lane over.
    Kill {
        lane: usize,
    },
    Wait {
        ms: u32,
    },
    /// Somebody reads on.
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let lane = 0..LANES;
    prop_oneof![
        8 => lane.clone().prop_map(|lane| Step::Write { lane }),
        3 => (lane.clone(), 1..7u64).prop_map(|(lane, events)| Step::Burst { lane, events }),
        1 => lane.prop_map(|lane| Step::Kill { lane }),
        1 => (1..150u32).prop_map(|ms| Step::Wait { ms }),
        3 => Just(Step::Read),
    ]
}

/// How far a lane's thread is with an event.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Idle,
    Open,
    Claimed(u64),
}

#[derive(Debug)]
struct Lane {
    ring: TestRing<SLOTS>,
    at: At,
    written: u64,
}

/// Some lanes, and a reader that goes on where it stopped.
struct World {
    sequence: AtomicU64,
    lanes: [Lane; LANES],
    now_ms: f64,
    /// Whose each published event is.
    published: BTreeMap<u64, usize>,
    after: u64,
}

impl World {
    fn new() -> World {
        let lane = |_| Lane { ring: TestRing::new(), at: At::Idle, written: 0 };
        World {
            sequence: AtomicU64::new(0),
            lanes: std::array::from_fn(lane),
            now_ms: 1e12,
            published: BTreeMap::new(),
            after: 0,
        }
    }

    fn write(&mut self, index: usize) {
        let lane = &mut self.lanes[index];
        let slot = lane.ring.slot_after(lane.written);
        lane.at = match lane.at {
            At::Idle => {
                slot.open(self.now_ms, &text(&format!("lane{index}")));
                lane.ring.is_live = true;
                At::Open
            }
            At::Open => At::Claimed(TestSlot::claim(&self.sequence)),
            At::Claimed(number) => {
                slot.publish(number);
                self.published.insert(number, index);
                lane.written += 1;
                At::Idle
            }
        };
    }

    fn finish(&mut self, index: usize) {
        while self.lanes[index].at != At::Idle {
            self.write(index);
        }
    }

    fn kill(&mut self, index: usize) {
        self.lanes[index].at = At::Idle;
        self.lanes[index].ring.is_live = false;
    }

    fn is_there(&self, number: u64) -> bool {
        let mut slots = self.lanes.iter().flat_map(|lane| &lane.ring.slots);
        slots.any(|slot| slot::word(&slot) == Word::Published(number))
    }

    /// Whether the reader has to wait for an event of that ring.
    fn is_awaited(&self, ring: &TestRing<SLOTS>) -> bool {
        let is_young = |slot| self.now_ms - slot::opened_at_ms(&slot) < UNDER_WAY_MS;
        let mut slots = ring.slots.iter();
        ring.is_live && slots.any(|slot| slot::word(&slot) == Word::Open && is_young(slot))
    }

    fn read(&mut self) {
        let claimed = slot::claimed(|order| self.sequence.load(order));
        let rings: Vec<&TestRing<SLOTS>> = self.lanes.iter().map(|lane| &lane.ring).collect();
        let Events { events, lost, last } = read(claimed, &rings, self.after, self.now_ms);
        assert!(last >= self.after && last <= claimed);
        assert!(last == claimed || self.lanes.iter().any(|lane| self.is_awaited(&lane.ring)));
        assert!(events.is_sorted_by_key(|event| event.seq));
        let mut events = events.into_iter().peekable();
        let mut missing = 0;
        for number in self.after + 1..=last {
            match events.next_if(|event| event.seq == number) {
                Some(event) => {
                    let lane = self.published[&number];
                    assert_eq!(event.content.name, format!("lane{lane}"));
                }
                None => {
                    assert!(!self.is_there(number), "{number} is there and called lost");
                    missing += 1;
                }
            }
        }
        assert!(events.next().is_none(), "an event that was read before, or is not due");
        assert_eq!(lost, missing);
        for lane in self.lanes.iter().filter(|lane| self.is_awaited(&lane.ring)) {
            assert!(!matches!(lane.at, At::Claimed(number) if number <= last), "not waited for");
        }
        self.after = last;
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Write { lane } => self.write(lane),
            Step::Burst { lane, events } => {
                self.finish(lane);
                for _ in 0..events {
                    self.write(lane);
                    self.finish(lane);
                }
            }
            Step::Kill { lane } => self.kill(lane),
            Step::Wait { ms } => self.now_ms += f64::from(ms),
            Step::Read => self.read(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Each reading checks itself: what it leaves out is gone, what it waits for is under way.
    #[test]
    fn every_event_is_read_once_in_order_or_counted_as_lost(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.apply(step));
        (0..LANES).for_each(|lane| world.finish(lane));
        world.now_ms += UNDER_WAY_MS;
        world.read();
        let claimed = slot::claimed(|order| world.sequence.load(order));
        prop_assert_eq!(world.after, claimed, "all is accounted for at last");
    }
}

/// Numbers that are too large, slots that make no sense: a damaged file must not stop its reader.
#[test]
fn nonsense_is_lost() {
    let ring = TestRing::<5>::new();
    for (written, name) in [r#"a","#, "fine", "\u{7}", "a", "b"].into_iter().enumerate() {
        let slot = ring.slot_after(written as u64);
        slot.open(1e12, &text(name));
        slot.publish([1, 2, u64::MAX >> 1, u64::MAX, 2][written]);
    }
    let answer = read(3, &[&ring], 0, 2e12);
    assert_eq!(answer.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [2]);
    assert_eq!((answer.lost, answer.last), (2, 3));
}

#[test]
fn a_number_that_is_not_reached_yet_has_nothing_after_it() {
    let ring = TestRing::<SLOTS>::new();
    ring.slots[0].open(1e12, &text("a"));
    ring.slots[0].publish(1);
    let answer = read(1, &[&ring], 17, 1e12);
    assert_eq!(answer, Events { events: Vec::new(), lost: 0, last: 1 });
}
