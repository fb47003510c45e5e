//! Exemplars: for whom a counter or a bucket of a histogram was last recorded.
//!
//! ```text
//! cells (serial, value) ──▶ candidates ──▶ found in the flight ring of their lane ──▶ one a place
//! ```
//!
//! A series' cells have the serial of a local trace; the lane's flight ring says which trace that
//! was, and which span, for as long as the spans are there. What is not found any more is no
//! exemplar. Candidates are read before the rings, so that a local trace which ends in between is
//! found; the values of the series are read after both, so that they count every exemplar's value.

use std::collections::{HashMap, HashSet};

use crate::atomic::Ordering::{Acquire, Relaxed};
use crate::atomic::fixed::fence;
use crate::cells::Cells;
use crate::definition::{Definition, Kind};
use crate::events::slot::SlotCells;
use crate::layout::spans::{FORM_FLOW, SPAN_SERIAL, SPAN_TRACE};
use crate::layout::{EXEMPLAR_CELLS, EXEMPLAR_SERIAL, EXEMPLAR_VALUE};
use crate::snapshot::Exemplar;
use crate::spans::{Record, Ring, TraceId, Word, copy, word};

/// How often a pair of cells is read again that is just being written.
const ATTEMPTS: u32 = 8;

/// A local trace: its lane's index among those that are read, and the bits of its serial.
type Local = (usize, u64);

/// What the cells of a series say in one lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The bucket; 0 of a counter.
    pub place: u32,
    pub lane: usize,
    pub serial: f64,
    pub value: f64,
}

impl Candidate {
    fn local(&self) -> Local {
        (self.lane, self.serial.to_bits())
    }
}

/// What a series has in a lane; a value that its bucket cannot have had is left out.
pub(crate) fn candidates<C: Cells>(
    definition: &Definition,
    position: u32,
    (lane, cells): (usize, &C),
    scratch: &mut Vec<u64>,
    found: &mut Vec<Candidate>,
) {
    let places = definition.exemplar_places();
    let first = position + definition.value_cells();
    scratch.clear();
    scratch.resize((places * EXEMPLAR_CELLS) as usize, 0);
    if !cells.load(first, scratch) {
        return;
    }
    for (place, pair) in (0..places).zip(scratch.chunks_exact(EXEMPLAR_CELLS as usize)) {
        if pair[EXEMPLAR_SERIAL as usize] == 0 && pair[EXEMPLAR_VALUE as usize] == 0 {
            continue;
        }
        let Some((serial, value)) = read_pair(cells, first + place * EXEMPLAR_CELLS) else {
            continue;
        };
        if is_inside(definition, place, value) {
            found.push(Candidate { place, lane, serial, value });
        }
    }
}

/// Serial and value that were left together.
fn read_pair(cells: &impl Cells, at: u32) -> Option<(f64, f64)> {
    let load = |cell| {
        let mut bits = [0];
        cells.load(cell, &mut bits).then(|| f64::from_bits(bits[0]))
    };
    for _ in 0..ATTEMPTS {
        let serial = load(at + EXEMPLAR_SERIAL)?;
        if serial < 0.0 {
            return Some((-serial, 1.0));
        }
        // Readings of the cells stay in this order.
        fence(Acquire);
        let value = load(at + EXEMPLAR_VALUE)?;
        fence(Acquire);
        if serial > 0.0 && load(at + EXEMPLAR_SERIAL)? == serial {
            return Some((serial, value));
        }
    }
    None
}

/// Whether a value can be that bucket's, or that counter's increment.
fn is_inside(definition: &Definition, place: u32, value: f64) -> bool {
    let is_value = value.is_finite() && value >= 0.0;
    let Some(buckets) = definition.buckets.as_ref().filter(|_| definition.kind == Kind::Histogram)
    else {
        return is_value;
    };
    let bound = |place: Option<u32>| buckets.bounds.get(place? as usize);
    is_value
        && bound(place.checked_sub(1)).is_none_or(|below| value > *below)
        && bound(Some(place)).is_none_or(|most| value <= *most)
}

/// A slot of a flight ring as it looked when all of them were gone through.
#[derive(Debug)]
struct Seen {
    lane: usize,
    index: u32,
    word: u32,
    serial: u64,
    trace: TraceId,
}

/// What the flight rings of all lanes have, gone through once.
#[derive(Debug)]
pub(crate) struct Flights<'a, R> {
    rings: &'a [Option<R>],
    seen: Vec<Seen>,
    wall_ms: f64,
}

impl<'a, R: Ring> Flights<'a, R> {
    /// `rings`: one a lane, where it has one. `wall_ms`: the Unix time at which the clock was 0.
    pub(crate) fn new(rings: &'a [Option<R>], wall_ms: f64) -> Flights<'a, R> {
        let mut seen = Vec::new();
        for (lane, ring) in rings.iter().enumerate() {
            let Some(ring) = ring else { continue };
            for index in 0..ring.slots() {
                let slot = ring.slot(index);
                match word(&slot) {
                    Word::Unused => break,
                    Word::NoSpan => {}
                    Word::Published(word) => seen.push(Seen {
                        lane,
                        index,
                        word,
                        serial: slot.load(SPAN_SERIAL, Relaxed),
                        trace: trace_of(&slot),
                    }),
                }
            }
        }
        Flights { rings, seen, wall_ms }
    }

    fn copy(&self, seen: &Seen) -> Option<Record> {
        copy(self.rings.get(seen.lane)?.as_ref()?, seen.index, seen.word)
    }

    /// The exemplars of all series: for each place the newest of its lanes. A series' are in the
    /// order of their places.
    pub(crate) fn resolve(&self, series: &[Vec<Candidate>]) -> Vec<Vec<Exemplar>> {
        let wanted = series.iter().flatten().map(Candidate::local).collect();
        let roots = self.roots(&wanted);
        let one = |candidates: &Vec<Candidate>| self.resolve_series(candidates, &roots);
        series.iter().map(one).collect()
    }

    fn resolve_series(
        &self,
        candidates: &[Candidate],
        roots: &HashMap<Local, Record>,
    ) -> Vec<Exemplar> {
        let mut found: Vec<(Candidate, &Record)> = candidates
            .iter()
            .filter_map(|candidate| Some((*candidate, roots.get(&candidate.local())?)))
            .collect();
        found.sort_by(|(a, one), (b, other)| {
            a.place.cmp(&b.place).then(other.start_ns().total_cmp(&one.start_ns()))
        });
        found.dedup_by_key(|(candidate, _)| candidate.place);
        let exemplar = |(candidate, record): (Candidate, &Record)| Exemplar {
            place: candidate.place,
            value: candidate.value,
            trace_id: record.trace_id(),
            span_id: record.span_id(),
            at_ms: self.wall_ms + (record.start_ns() + record.duration_ns()) / 1e6,
        };
        found.into_iter().map(exemplar).collect()
    }

    /// Of each local trace the span that stands for it: its element's, else the one that began
    /// first, which is the root where that has ended.
    fn roots(&self, wanted: &HashSet<Local>) -> HashMap<Local, Record> {
        let mut roots: HashMap<Local, Record> = HashMap::new();
        for seen in &self.seen {
            let local = (seen.lane, seen.serial);
            if !wanted.contains(&local) {
                continue;
            }
            let Some(record) = self.copy(seen) else { continue };
            let rank = |record: &Record| (record.form() != FORM_FLOW, record.start_ns());
            if roots.get(&local).is_none_or(|root| rank(&record) < rank(root)) {
                roots.insert(local, record);
            }
        }
        roots
    }

    /// All spans of some traces that are there.
    pub(crate) fn spans_of(&self, traces: &HashSet<TraceId>) -> HashMap<TraceId, Vec<Record>> {
        let mut found: HashMap<TraceId, Vec<Record>> = HashMap::new();
        for seen in self.seen.iter().filter(|seen| traces.contains(&seen.trace)) {
            if let Some(record) = self.copy(seen) {
                found.entry(seen.trace).or_default().push(record);
            }
        }
        found
    }
}

/// The trace of a slot, as it looks: it may be written at this moment.
fn trace_of(slot: &impl SlotCells) -> TraceId {
    let halves = [SPAN_TRACE / 2, SPAN_TRACE / 2 + 1].map(|cell| slot.load(cell, Relaxed));
    let [a, b] = halves.map(|cell| [cell as u32, (cell >> 32) as u32]);
    TraceId::of_words([a[0], a[1], b[0], b[1]])
}
