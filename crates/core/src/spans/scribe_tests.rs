//! Two scribes take turns in one lane, as JavaScript's writer and the native one do: what stands in
//! the ring and in the open table is what a model says.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::desk::Desk;
use super::ring::MappedRing;
use super::scribe::Scribe;
use super::slot::spans;
use super::test_meter::{lane_of, meter_in};
use crate::layout::desk::{
    ORDER_END, ORDER_ENTER, ORDER_LEAVE, ORDER_OPEN, ORDER_UNTIMED, ORDER_WRITE, OUTCOME_GONE,
    OUTCOME_OVER,
};
use crate::layout::spans::{
    FLIGHT_CURSOR, FLIGHT_OVERWRITTEN, FLIGHT_RECORDED, FORM_FLOW, FORM_INVOKE, SPAN_SERIAL,
    SPANS_PER_BLOCK,
};

const ENTRIES: u32 = 5;
const FLOW: u32 = 3;
const COMPONENT: u32 = 7;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Another local trace takes an entry, whatever is open there.
    Open,
    Enter,
    /// The component that entered last leaves; of an element that is gone, where `is_late`.
    Leave {
        is_late: bool,
    },
    /// The root ends: after its duration, or now.
    End {
        is_measured: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Open),
        8 => Just(Step::Enter),
        8 => prop::bool::weighted(0.1).prop_map(|is_late| Step::Leave { is_late }),
        2 => any::<bool>().prop_map(|is_measured| Step::End { is_measured }),
    ]
}

/// What is known of an entry.
#[derive(Clone, Copy, Default)]
struct Local {
    serial: u32,
    start_ns: f64,
    ids: u32,
    spans: u32,
    /// The component that entered last, and when.
    entered: Option<(u32, f64)>,
}

#[derive(Debug, PartialEq)]
struct Seen {
    serial: f64,
    id: u64,
    parent: Option<u64>,
    form: u32,
    component: u32,
    start_ns: f64,
    duration_ns: f64,
    sequence: f64,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scribes_that_take_turns_write_what_the_model_says(
        steps in prop::collection::vec((step(), 0..ENTRIES, any::<bool>()), 600..2_000),
    ) {
        let meter = meter_in(None, 1);
        let lane = lane_of(&meter);
        let desks = [Desk::default(), Desk::default()];
        // SAFETY: both outlive the scribes, and stay in this thread.
        let mut scribes = desks.each_ref().map(|desk| unsafe { lane.scribe(desk) }.expect("memory"));
        let mut locals = [Local::default(); ENTRIES as usize];
        let (mut serials, mut recorded, mut overwritten) = (0, 0u32, 0u32);
        let mut ring: VecDeque<Seen> = VecDeque::new();
        for (n, (step, number, which)) in steps.into_iter().enumerate() {
            let now_ns = 1_000.0 * (n + 1) as f64;
            let (desk, scribe): (&Desk, &mut Scribe) =
                (&desks[usize::from(which)], &mut scribes[usize::from(which)]);
            let local = &mut locals[number as usize];
            desk.entry.set(number);
            if local.serial == 0 && !matches!(step, Step::Open) {
                continue;
            }
            let seen = match step {
                Step::Open => {
                    serials += 1;
                    *local = Local { serial: serials, start_ns: now_ns, ..Local::default() };
                    for (word, id) in (0..).zip(&desk.ids) {
                        id.set(100 * serials + word);
                    }
                    desk.flow.set(FLOW);
                    desk.decision.set(0);
                    scribe.carry_out(ORDER_OPEN, now_ns);
                    prop_assert_eq!(desk.word.get(), serials);
                    continue;
                }
                Step::Enter => {
                    desk.component.set(COMPONENT);
                    scribe.carry_out(ORDER_ENTER, now_ns);
                    local.ids += 1;
                    local.entered = Some((local.ids, now_ns));
                    prop_assert_eq!((desk.id.get(), desk.word.get()), (local.ids, local.serial));
                    continue;
                }
                Step::Leave { is_late } => {
                    let Some((id, start_ns)) = local.entered else { continue };
                    desk.word.set(if is_late { local.serial - 1 + u32::MAX / 2 } else { local.serial });
                    desk.id.set(id);
                    desk.component.set(COMPONENT);
                    desk.start.set(start_ns);
                    desk.sequence.set(n as f64);
                    scribe.carry_out(ORDER_LEAVE, now_ns);
                    if is_late {
                        prop_assert_eq!(desk.outcome.get(), OUTCOME_GONE);
                        continue;
                    }
                    (id, FORM_INVOKE, COMPONENT, start_ns, now_ns - start_ns)
                }
                Step::End { is_measured } => {
                    desk.id.set(0);
                    desk.parent.set(u32::MAX);
                    desk.form.set(FORM_FLOW);
                    desk.name.set(0);
                    desk.duration.set(17.0);
                    desk.sequence.set(n as f64);
                    let order =
                        if is_measured { ORDER_WRITE | ORDER_UNTIMED } else { ORDER_END };
                    scribe.carry_out(order, now_ns);
                    let start_ns = local.start_ns;
                    let duration_ns = if is_measured { 17.0 } else { now_ns - start_ns };
                    (0, FORM_FLOW, 0, start_ns, duration_ns)
                }
            };
            let (id, form, component, start_ns, duration_ns) = seen;
            let root = u64::from(100 * local.serial + 4) << 32 | u64::from(100 * local.serial + 5);
            let above = u64::from(100 * local.serial + 6) << 32 | u64::from(100 * local.serial + 7);
            let parent = if form == FORM_FLOW { above } else { root };
            local.spans += 1;
            prop_assert_eq!(desk.outcome.get() & OUTCOME_OVER != 0, local.spans > local.ids);
            prop_assert_eq!(desk.duration.get(), duration_ns);
            recorded += 1;
            ring.push_back(Seen {
                serial: local.serial.into(),
                id: root + u64::from(id),
                parent: Some(parent),
                form,
                component,
                start_ns,
                duration_ns,
                sequence: n as f64,
            });
            if ring.len() > SPANS_PER_BLOCK as usize {
                ring.pop_front();
                overwritten += 1;
            }
        }
        let blocks = lane.lane().spans().expect("memory");
        let count = |cell| blocks.flight_count(cell);
        prop_assert_eq!(count(FLIGHT_CURSOR), f64::from(recorded));
        prop_assert_eq!(count(FLIGHT_RECORDED), f64::from(recorded));
        prop_assert_eq!(count(FLIGHT_OVERWRITTEN), f64::from(overwritten));
        let mut found: Vec<Seen> = spans(&MappedRing(&blocks.flight))
            .map(|record| Seen {
                serial: f64::from_bits(record.cells[SPAN_SERIAL as usize]),
                id: record.span_id().0,
                parent: record.parent_id().map(|id| id.0),
                form: record.form(),
                component: record.component(),
                start_ns: record.start_ns(),
                duration_ns: record.duration_ns(),
                sequence: record.sequence(),
            })
            .collect();
        found.sort_by(|a, b| a.sequence.total_cmp(&b.sequence));
        prop_assert_eq!(found, Vec::from(ring));
    }
}
