//! What is open: the tables of the lanes, read while their threads write them.

use super::data::OpenSpanData;
use super::ids::{SpanId, TraceId};
use super::record::Record;
use super::render::{Renderer, UNNAMED};
use crate::atomic::Ordering::{Acquire, Relaxed};
use crate::atomic::fence;
use crate::events::slot::SlotCells;
use crate::layout::spans::{
    OPEN_COMPONENT, OPEN_COMPONENT_START, OPEN_FLOW, OPEN_ID, OPEN_NAME, OPEN_START, OPEN_TRACE,
    SPAN_CELLS,
};

/// The most that are answered.
const MOST_OPEN: usize = 100;

/// An entry, copied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    cells: Record,
    pub lane: u32,
}

/// What an entry holds; `None` where it is free, or changes hands.
pub(crate) fn entry(slot: &impl SlotCells, lane: u32) -> Option<Entry> {
    // Pairs with the store of the generation, which comes last.
    let generation = slot.load(0, Acquire) as u32;
    if generation == 0 {
        return None;
    }
    let mut cells = [0; SPAN_CELLS as usize];
    for (cell, bits) in (0..).zip(&mut cells) {
        *bits = slot.load(cell, Relaxed);
    }
    // Pairs with the fence after the store of 0: if a cell was of the next, so is the generation.
    fence(Acquire);
    let is_same = slot.load(0, Relaxed) as u32 == generation;
    is_same.then_some(Entry { cells: Record { cells, text: Box::default() }, lane })
}

impl Entry {
    pub(super) fn word(&self, word: u32) -> u32 {
        self.cells.word(word)
    }

    fn words<const N: usize>(&self, first: u32) -> [u32; N] {
        std::array::from_fn(|index| self.word(first + index as u32))
    }

    pub(super) fn time(&self, cell: u32) -> f64 {
        f64::from_bits(self.cells.cells[cell as usize])
    }

    /// The last time that it tells of.
    pub(crate) fn last_ns(&self) -> f64 {
        self.time(OPEN_START).max(self.time(OPEN_COMPONENT_START))
    }

    fn data(&self, renderer: Renderer<'_>, wall_ms: f64, now_ns: f64) -> OpenSpanData {
        let text = |word| renderer.texts.get(self.word(word)).map(|text| text.to_string());
        let age_ns = |cell| (now_ns - self.time(cell)).max(0.0);
        let (flow, component) = (text(OPEN_FLOW), text(OPEN_COMPONENT));
        let name = match (text(OPEN_NAME), &flow) {
            (Some(name), _) => name,
            (None, Some(flow)) => format!("flow:{flow}"),
            (None, None) => UNNAMED.to_owned(),
        };
        OpenSpanData {
            trace_id: TraceId::of_words(self.words(OPEN_TRACE)),
            span_id: SpanId::of_words(self.words(OPEN_ID)),
            name,
            flow,
            component_age_ns: component.is_some().then(|| age_ns(OPEN_COMPONENT_START)),
            component,
            start_ms: wall_ms + self.time(OPEN_START) / 1e6,
            age_ns: age_ns(OPEN_START),
            lane: self.lane,
        }
    }
}

/// The oldest of some entries, of one flow or of all.
pub(crate) fn oldest(
    mut entries: Vec<Entry>,
    flow: Option<&str>,
    renderer: Renderer<'_>,
    (wall_ms, now_ns): (f64, f64),
) -> Vec<OpenSpanData> {
    let is_of = |entry: &Entry, flow: &str| {
        renderer.texts.get(entry.word(OPEN_FLOW)).is_some_and(|text| **text == *flow)
    };
    entries.retain(|entry| flow.is_none_or(|flow| is_of(entry, flow)));
    entries.sort_by(|a, b| a.time(OPEN_START).total_cmp(&b.time(OPEN_START)));
    entries.truncate(MOST_OPEN);
    entries.iter().map(|entry| entry.data(renderer, wall_ms, now_ns)).collect()
}
