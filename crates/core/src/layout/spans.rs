//! The layout of spans: two rings a lane, a table of what is open, and what all threads share.
//!
//! ```text
//! flight ring   ┌─────┬─────┬─────┬─ ─ ─    slots of 128 B in blocks of kind flight, used in turn
//!               │ span│ span│text │         by the lane's thread, the newest over the oldest
//!               └─────┴─────┴─────┴─ ─ ─
//! export ring   the same slots, in blocks of kind export: copies of the promoted ones, from the
//!               lane's thread to the one reader of the process; full means dropped and counted
//! open table    one block of kind open: what is in flight, an entry of 128 B each
//!
//! slot    word  0    word       0 never used, -1 being written or text, else the span's word
//!               1    fate       kept, promoted, dropped; of the flight ring only
//!               2    trace id   4 words, each the big-endian value of 4 bytes of the id
//!               6    span id    2 words
//!               8    parent id  2 words; both 0 for none
//!               10   form       form | kind << 8 | status << 16 | reason << 24
//!               11   name       a text's number; 0 where the text or the form names it
//!               12   flow       a text's number; 0 where it is of no flow
//!               13   component  a text's number, of a stream where the form is backpressure
//!               14   previous   the slot of the span of the same local trace that ended before
//!               15   its word   0: there is none
//!         cell  8    start      nanoseconds of the clock
//!               9    duration   nanoseconds
//!               10   sequence   which invocation, transfer or copy it is
//!               11   amount     bytes, where the form has some
//!               12   serial     the local trace's number in its lane, from 1
//!         word  26   bytes of text, UTF-8 JSON: { name?, message?, attributes?, events?, dropped? }
//!               27   slots of text, which follow in the ring; each has its text from word 1 on
//!               28   trace flags; bit 9: the parent came from another process
//!
//! slot word    0 ──write──▶ -1 ──publish──▶ n, the lane's word for it ──write──▶ -1 …
//!              plain stores on x86-64, which keeps their order, Atomics elsewhere; a reader copies
//!              a span and looks at its word before and after. Words go from 1 to 2^31 - 1 and
//!              round again. A span's own slot is overwritten before those of its text
//!
//! entry   word  0    word       0 free or being written, else how often it has been opened
//!               1    decision   0 undecided, a reason, or -1: refused by the limit
//!               2    trace id, 6 span id, 8 parent id: as in a slot; of the local root
//!               10   name, 11 flow, 12 component at work (0: none): texts' numbers
//!               13   slot and 14 word of the span that ended last; 0: none
//!               15   trace flags; bit 9: what is above the root came from another process
//!         cell  8    start      nanoseconds of the clock
//!               9    since when the component has been at work
//!               10   serial
//!         word  22   spans recorded, 23 span ids given
//!
//! decision   undecided ──head, error, latency, manual──▶ that reason     for good
//!                      └─over the limit of promotions──▶ -1              manual still promotes
//! ```

use super::{BLOCK_BYTES, BLOCK_PAYLOAD, CELL_BYTES, HEADER_EVENTS, HEADER_LANE_STATES};

/// Defines numbers that TypeScript knows too, each once, with what it is.
macro_rules! shared {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: u32 = $value;)+

        /// What TypeScript needs to know, by name, in the order of the generated file.
        pub const SHARED_WITH_TYPESCRIPT: &[(&str, &str, u32)] =
            &[$((stringify!($name), concat!($($doc),+), $name)),+];
    };
}

pub(super) use shared;

/// Header: what all threads share of tracing: settings, then the traces that are asked for.
pub const HEADER_TRACING: usize = 320;

/// Bytes of that part.
pub const TRACING_BYTES: usize = 128 + WANTED_TRACES as usize * 16;

/// A block of a lane's flight ring.
pub const KIND_FLIGHT: u32 = 5;

/// A block of a lane's export ring.
pub const KIND_EXPORT: u32 = 6;

/// A block of a lane's table of what is open.
pub const KIND_OPEN: u32 = 7;

/// Size of a slot, and of an entry of the open table: two cache lines.
pub const SPAN_BYTES: usize = 128;

/// The same in cells.
pub const SPAN_CELLS: u32 = (SPAN_BYTES / CELL_BYTES) as u32;

/// A slot's word while it is written, and that of text.
pub const SPAN_WRITING: i32 = -1;

/// A decision: refused by the limit.
pub const DECISION_REFUSED: i32 = -1;

shared! {
    /// Cell of the sample rate, 0 to 1.
    TRACING_SAMPLE_RATE = 0;
    /// Cell that is 1 where failed elements are promoted.
    TRACING_PROMOTE_ERRORS = 1;
    /// Cell of the latency from which on elements are promoted, nanoseconds; Infinity: none are.
    TRACING_PROMOTE_LATENCY_NS = 2;
    /// Cell of the most promotions a second of the process; Infinity: no limit.
    TRACING_MOST_PROMOTIONS = 3;
    /// Cell of how many traces have been asked for; published after the id.
    TRACING_WANTED = 4;
    /// Word of the second, by the clock, whose promotions are counted; the word after counts them.
    TRACING_WINDOW = 10;
    /// Cell that is 1 where spans are recorded at all.
    TRACING_ENABLED = 6;
    /// Cell of the Unix time, milliseconds, at which the clock was 0; kept up to date.
    TRACING_WALL_MS = 7;
    /// Word of the first trace id that is asked for: four words each, used in turn.
    WANTED_FIRST = 16;
    /// How many traces that are asked for are remembered.
    WANTED_TRACES = 64;
    /// Cell, behind those, that is 1 where counters and histograms have cells for exemplars.
    TRACING_EXEMPLARS = 136;
    /// Words, of four bytes, of a slot.
    SPAN_WORDS = 32;
    /// Slots, or entries, in one block.
    SPANS_PER_BLOCK = 511;
    /// Blocks of an export ring.
    EXPORT_BLOCKS = 4;
    /// Cell, in the first block of a flight ring: how many slots have been used since it began.
    FLIGHT_CURSOR = 2;
    /// Cell: how many spans were recorded.
    FLIGHT_RECORDED = 3;
    /// Cell: how many spans were overwritten that were neither promoted nor dropped.
    FLIGHT_OVERWRITTEN = 4;
    /// Cell: how many spans were promoted, into the export ring.
    FLIGHT_PROMOTED = 5;
    /// Cell: how many spans were dropped because the export ring was full.
    FLIGHT_DROPPED_FULL = 6;
    /// Cell: how many spans were dropped because there were too many promotions.
    FLIGHT_DROPPED_LIMIT = 7;
    /// Cell, in the first block of an export ring: how many slots were published since it began.
    EXPORT_HEAD = 2;
    /// Cell: how many spans had been overwritten when their trace was promoted.
    EXPORT_MISSED = 3;
    /// Cell, in the second block of an export ring, written by its reader: how many slots were read.
    EXPORT_TAIL = 2;
    /// Cell, in the open table's block: how many local traces were begun.
    OPEN_SERIALS = 2;
    /// Cell: how many promotions were refused because there were too many.
    OPEN_REFUSED = 3;
    /// Cell: how many traces were asked for, of which the thread did not see the id in time.
    OPEN_WANTED_MISSED = 4;
    /// Word of a slot's word.
    SPAN_WORD = 0;
    /// Word of a span's fate.
    SPAN_FATE = 1;
    /// First word of the trace id.
    SPAN_TRACE = 2;
    /// First word of the span id.
    SPAN_ID = 6;
    /// First word of the parent's id.
    SPAN_PARENT = 8;
    /// Word of form, kind, status and reason.
    SPAN_FORM = 10;
    /// Word of the name's number.
    SPAN_NAME = 11;
    /// Word of the flow's number.
    SPAN_FLOW = 12;
    /// Word of the component's number.
    SPAN_COMPONENT = 13;
    /// Word of the slot of the span before.
    SPAN_PREVIOUS_SLOT = 14;
    /// Word of the word of the span before.
    SPAN_PREVIOUS_WORD = 15;
    /// Cell of the start.
    SPAN_START = 8;
    /// Cell of the duration.
    SPAN_DURATION = 9;
    /// Cell of the sequence number.
    SPAN_SEQUENCE = 10;
    /// Cell of the amount.
    SPAN_AMOUNT = 11;
    /// Cell of the serial.
    SPAN_SERIAL = 12;
    /// Word of the length of the text.
    SPAN_TEXT_BYTES = 26;
    /// Word of the number of slots of text.
    SPAN_TEXT_SLOTS = 27;
    /// Word of the trace flags.
    SPAN_TRACE_FLAGS = 28;
    /// The most slots of text of one span.
    MOST_TEXT_SLOTS = 32;
    /// Bytes of text in a slot of text.
    TEXT_SLOT_BYTES = 124;
    /// Fate: in the flight ring only.
    FATE_KEPT = 0;
    /// Fate: copied to the export ring.
    FATE_PROMOTED = 1;
    /// Fate: dropped, by a full export ring or by the limit; counted.
    FATE_DROPPED = 2;
    /// Form: named by the span itself.
    FORM_PLAIN = 0;
    /// Form: `flow:{flow}`.
    FORM_FLOW = 1;
    /// Form: `component:{component}:invoke:{sequence}`.
    FORM_INVOKE = 2;
    /// Form: `resource:transfer:{sequence}`.
    FORM_TRANSFER = 3;
    /// Form: `resource:copy:{sequence}`; its name is the reason, its amount the bytes.
    FORM_COPY = 4;
    /// Form: `backpressure:{component}`, which is the stream's id.
    FORM_BACKPRESSURE = 5;
    /// Status, in OpenTelemetry's numbers: unset.
    STATUS_UNSET = 0;
    /// Status: it went well, somebody said.
    STATUS_OK = 1;
    /// Status: it failed.
    STATUS_ERROR = 2;
    /// Reason of a promotion: sampled at the head, here or by the caller.
    REASON_HEAD = 1;
    /// Reason: an error.
    REASON_ERROR = 2;
    /// Reason: slow.
    REASON_LATENCY = 3;
    /// Reason: asked for.
    REASON_MANUAL = 4;
    /// Reason: an exemplar names it. Given by the reader, which takes the spans from flight rings.
    REASON_EXEMPLAR = 5;
    /// Word of an entry's word.
    OPEN_WORD = 0;
    /// Word of an entry's decision.
    OPEN_DECISION = 1;
    /// First word of the trace id.
    OPEN_TRACE = 2;
    /// First word of the local root's span id.
    OPEN_ID = 6;
    /// First word of its parent's.
    OPEN_PARENT = 8;
    /// Word of the name's number.
    OPEN_NAME = 10;
    /// Word of the flow's number.
    OPEN_FLOW = 11;
    /// Word of the number of the component at work.
    OPEN_COMPONENT = 12;
    /// Word of the slot of the span that ended last.
    OPEN_LAST_SLOT = 13;
    /// Word of that span's word.
    OPEN_LAST_WORD = 14;
    /// Word of the trace flags.
    OPEN_TRACE_FLAGS = 15;
    /// Cell of the start.
    OPEN_START = 8;
    /// Cell of since when the component has been at work.
    OPEN_COMPONENT_START = 9;
    /// Cell of the serial.
    OPEN_SERIAL = 10;
    /// Word of how many of its spans were recorded.
    OPEN_SPANS = 22;
    /// Word of how many span ids it has given.
    OPEN_IDS = 23;
    /// The most texts that a segment has numbers for; they begin at 1.
    MOST_TEXTS = 65_535;
    /// The most bytes of such a text.
    MOST_TEXT_BYTES = 1_024;
}

/// Every number of a part of the layout, for its hash.
pub(super) const fn fold(mut state: u64, shared: &[(&str, &str, u32)]) -> u64 {
    let mut at = 0;
    while at < shared.len() {
        state = state.rotate_left(5).wrapping_mul(31) ^ shared[at].2 as u64;
        at += 1;
    }
    state
}

const _: () = {
    assert!(SPAN_WORDS as usize * 4 == SPAN_BYTES);
    assert!((BLOCK_BYTES - BLOCK_PAYLOAD) / SPAN_BYTES == SPANS_PER_BLOCK as usize);
    assert!(HEADER_TRACING.is_multiple_of(64) && HEADER_TRACING >= HEADER_EVENTS + 64);
    assert!(HEADER_TRACING + TRACING_BYTES <= HEADER_LANE_STATES);
    assert!(TEXT_SLOT_BYTES as usize == SPAN_BYTES - 4);
    assert!(WANTED_FIRST * 4 == 64);
    assert!(TRACING_EXEMPLARS * 8 == (WANTED_FIRST + WANTED_TRACES * 4) * 4);
    assert!(TRACING_EXEMPLARS as usize * 8 < TRACING_BYTES);
};
