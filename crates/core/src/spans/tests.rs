//! The account of spans: each is promoted, overwritten, dropped, or still there; none is two of it.

use std::collections::HashMap;

use proptest::prelude::*;

use super::data::PromotionReason;
use super::export::drain;
use super::ids::TraceId;
use super::record::Record;
use super::slot::spans;
use super::test_ring::TestRing;
use super::writer::{Counts, Local, Writer, Written};
use crate::layout::spans::{
    FATE_KEPT, REASON_ERROR, REASON_LATENCY, REASON_MANUAL, SPAN_FATE, TEXT_SLOT_BYTES,
};

const LOCALS: usize = 4;
/// Prime, so that no step of the writer divides them; the export ring is the shorter one.
const FLIGHT_SLOTS: u32 = 13;
const EXPORT_SLOTS: u32 = 7;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Another local trace takes the place of one.
    Begin {
        local: usize,
    },
    /// A span with text in so many slots ends.
    Record {
        local: usize,
        text_slots: u32,
    },
    Promote {
        local: usize,
        reason: u32,
    },
    Refuse {
        local: usize,
    },
    /// The native thread comes by.
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let local = 0..LOCALS;
    let reason = prop::sample::select(vec![REASON_ERROR, REASON_LATENCY, REASON_MANUAL]);
    let text_slots = prop_oneof![4 => Just(0u32), 1 => 1..4u32];
    prop_oneof![
        2 => local.clone().prop_map(|local| Step::Begin { local }),
        12 => (local.clone(), text_slots)
            .prop_map(|(local, text_slots)| Step::Record { local, text_slots }),
        2 => (local.clone(), reason).prop_map(|(local, reason)| Step::Promote { local, reason }),
        1 => local.prop_map(|local| Step::Refuse { local }),
        2 => Just(Step::Drain),
    ]
}

/// One thread with its rings, and all that it ever recorded.
struct World<'a> {
    writer: Writer<&'a TestRing, &'a TestRing>,
    locals: Vec<Local>,
    serials: u64,
    /// By span id.
    written: HashMap<u64, (TraceId, Written)>,
    /// Span ids, in the order in which they arrived.
    drained: Vec<u64>,
}

impl<'a> World<'a> {
    fn new(flight: &'a TestRing, exports: &'a TestRing, word: u32) -> World<'a> {
        let mut world = World {
            writer: Writer::new(flight, exports, word),
            locals: Vec::new(),
            serials: 0,
            written: HashMap::new(),
            drained: Vec::new(),
        };
        world.locals = (0..LOCALS).map(|_| world.next_local()).collect();
        world
    }

    fn next_local(&mut self) -> Local {
        self.serials += 1;
        Local::new(TraceId(u128::from(self.serials) << 64 | 1), self.serials as f64)
    }

    fn record(&mut self, local: usize, text_slots: u32) {
        let id = self.written.len() as u64 + 1;
        let text = match text_slots {
            0 => String::new(),
            slots => {
                let bytes = (slots * TEXT_SLOT_BYTES) as usize - (id % 100) as usize;
                format!("{id:0bytes$}")
            }
        };
        let span = Written {
            span: id,
            parent: id + 1,
            flow: id as u32,
            start_ns: id as f64 * 10.0,
            duration_ns: id as f64,
            sequence: id as f64,
            text,
            ..Written::default()
        };
        self.writer.record(&mut self.locals[local], &span);
        self.written.insert(id, (self.locals[local].trace, span));
    }

    fn check(&self, record: &Record) -> u64 {
        let id = record.span_id().0;
        let (trace, span) = &self.written[&id];
        assert_eq!(record.trace_id(), *trace);
        assert_eq!(record.parent_id().map(|parent| parent.0), Some(span.parent));
        assert_eq!(record.flow(), span.flow);
        assert_eq!(
            (record.start_ns(), record.duration_ns(), record.sequence()),
            (span.start_ns, span.duration_ns, span.sequence)
        );
        assert_eq!(*record.text, *span.text.as_bytes());
        id
    }

    fn drain(&mut self) {
        let exports = self.writer.exports;
        let mut records = Vec::new();
        drain(&exports, |record| records.push(record));
        for record in records {
            assert!(record.reason().is_some_and(|reason| reason != PromotionReason::Head));
            self.drained.push(self.check(&record));
        }
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Begin { local } => self.locals[local] = self.next_local(),
            Step::Record { local, text_slots } => self.record(local, text_slots),
            Step::Promote { local, reason } => self.writer.promote(&mut self.locals[local], reason),
            Step::Refuse { local } => self.writer.refuse(&mut self.locals[local]),
            Step::Drain => self.drain(),
        }
        self.account();
    }

    /// All that was recorded is in one place.
    fn account(&self) {
        let there: Vec<Record> = spans(&self.writer.flight).collect();
        for record in &there {
            self.check(record);
        }
        let kept = there.iter().filter(|record| record.word(SPAN_FATE) == FATE_KEPT).count() as u64;
        let Counts { recorded, overwritten, promoted, dropped_full, dropped_limit, .. } =
            self.writer.counts;
        assert_eq!(recorded, self.written.len() as u64);
        assert_eq!(recorded, promoted + overwritten + dropped_full + dropped_limit + kept);
    }

    /// How often the flight ring was gone round.
    fn laps(&self) -> u64 {
        self.writer.cursor / u64::from(FLIGHT_SLOTS)
    }

    fn finish(mut self) {
        self.drain();
        self.account();
        assert_eq!(self.drained.len() as u64, self.writer.counts.promoted);
        let distinct: std::collections::HashSet<_> = self.drained.iter().collect();
        assert_eq!(distinct.len(), self.drained.len(), "a span arrived twice");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_span_is_promoted_overwritten_dropped_or_there(
        steps in prop::collection::vec(step(), 300..400),
        word in prop_oneof![Just(0u32), i32::MAX as u32 - 60..=i32::MAX as u32],
    ) {
        let (flight, exports) = (TestRing::new(FLIGHT_SLOTS), TestRing::new(EXPORT_SLOTS));
        let mut world = World::new(&flight, &exports, word);
        steps.into_iter().for_each(|step| world.apply(step));
        prop_assert!(world.laps() >= 10, "{} times round", world.laps());
        world.finish();
    }
}

/// What is gone from a trace that is promoted late is counted, to the span.
#[test]
fn spans_that_were_overwritten_before_their_promotion_are_missed() {
    let (flight, exports) = (TestRing::new(FLIGHT_SLOTS), TestRing::new(FLIGHT_SLOTS));
    let mut world = World::new(&flight, &exports, 0);
    (0..FLIGHT_SLOTS * 10 + 3).for_each(|_| world.record(0, 0));
    (0..4).for_each(|_| world.record(1, 0));
    world.writer.promote(&mut world.locals[0], REASON_ERROR);
    let Counts { promoted, missed, overwritten, .. } = world.writer.counts;
    let slots = u64::from(FLIGHT_SLOTS);
    assert_eq!((promoted, missed), (slots - 4, slots * 9 + 7));
    assert_eq!(overwritten, missed);
    assert_eq!(world.laps(), 10);
    world.finish();
}
