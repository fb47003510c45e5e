//! The events of all lanes, in order, and how many there were that nobody can read any more.
//!
//! Every number up to the header's count was taken by a thread that had opened a slot before. So,
//! where the count is loaded first and the slots after it, each number up to the count is in a slot,
//! or its slot is open, or it is overwritten. A lane has one event under way at most, and its number
//! is above all others of that lane. This makes the account exact: a gap in the numbers is lost,
//! unless some lane may still fill it; then the reading ends before it, and the next one goes on.
//!
//! A thread that was stopped in the middle is waited for no longer than [`UNDER_WAY_MS`]; what it
//! publishes later has been counted as lost.

use serde::Serialize;

use super::Event;
use super::ring::Ring;
use super::slot::{self, Word};

/// How long an open slot is taken for one that is about to be published.
pub(super) const UNDER_WAY_MS: f64 = 100.0;
/// How often an open slot is looked at again. A slot is open for less than a microsecond.
const LOOKS: u32 = if cfg!(test) { 1 } else { 1_000 };
/// The most events of one answer. More are had by asking again.
const MOST_EVENTS: usize = 10_000;

/// Some events, and what became of those that are not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Events {
    /// In the order of their numbers.
    pub events: Vec<Event>,
    /// How many between the number that was asked for and `last` are gone: overwritten, or of a
    /// thread that was stopped while it wrote.
    pub lost: u64,
    /// What to ask for next. Below what was asked for only where that was never reached.
    pub last: u64,
}

/// An event that was seen.
struct Seen {
    number: u64,
    ring: usize,
    slot: u32,
}

/// The events with numbers above `after`.
///
/// `claimed` is the header's count, loaded with Acquire before the rings were looked for; `now_ms`
/// is Unix time.
pub(crate) fn read<R: Ring>(claimed: u64, rings: &[R], after: u64, now_ms: f64) -> Events {
    let mut seen = Vec::new();
    // An event under way has a number above this one.
    let mut settled = claimed;
    for (index, ring) in rings.iter().enumerate() {
        settled = settled.min(look(ring, index, now_ms, &mut seen).unwrap_or(claimed));
    }
    seen.retain(|event| event.number > after && event.number <= claimed);
    seen.sort_unstable_by_key(|event| event.number);
    // Only a damaged file has a number twice.
    seen.dedup_by_key(|event| event.number);
    let mut last = first_gap(&seen, settled.max(after.min(claimed)), claimed);
    seen.retain(|event| event.number <= last);
    if seen.len() > MOST_EVENTS {
        seen.truncate(MOST_EVENTS);
        last = seen[MOST_EVENTS - 1].number;
    }
    let copy = |event: &Seen| {
        let copied = slot::copy(&rings[event.ring].slot(event.slot), event.number)?;
        let content = serde_json::from_slice(&copied.text).ok()?;
        Some(Event { seq: event.number, at_ms: copied.at_ms, content })
    };
    let events: Vec<Event> = seen.iter().filter_map(copy).collect();
    let lost = last.saturating_sub(after) - events.len() as u64;
    Events { events, lost, last }
}

/// Notes the events of one ring; with an event under way, the newest number that the ring has.
fn look<R: Ring>(ring: &R, index: usize, now_ms: f64, seen: &mut Vec<Seen>) -> Option<u64> {
    let mut newest = 0;
    let mut open = Vec::new();
    let mut note = |slot, number| {
        seen.push(Seen { number, ring: index, slot });
        newest = newest.max(number);
    };
    for slot in 0..R::SLOTS {
        match slot::word(&ring.slot(slot)) {
            Word::Unused => break,
            Word::Open => open.push(slot),
            Word::Published(number) => note(slot, number),
        }
    }
    let mut is_under_way = false;
    for slot in open {
        match settle(&ring.slot(slot)) {
            Some(number) => note(slot, number),
            None => {
                let age_ms = now_ms - slot::opened_at_ms(&ring.slot(slot));
                is_under_way |= ring.is_live() && age_ms.abs() < UNDER_WAY_MS;
            }
        }
    }
    is_under_way.then_some(newest)
}

/// What an open slot is published as, if that happens soon.
fn settle(slot: &impl slot::SlotCells) -> Option<u64> {
    for _ in 0..LOOKS {
        if let Word::Published(number) = slot::word(slot) {
            return Some(number);
        }
        std::hint::spin_loop();
    }
    None
}

/// The last number of the row without gaps that begins after `start`, `claimed` at most.
fn first_gap(seen: &[Seen], start: u64, claimed: u64) -> u64 {
    let above = seen.iter().map(|event| event.number).skip_while(|number| *number <= start);
    let row = above.zip(start + 1..).take_while(|(number, expected)| number == expected);
    row.map(|(number, _)| number).last().unwrap_or(start).min(claimed)
}
