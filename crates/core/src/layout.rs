//! The memory layout: offsets, sizes and states; no memory is touched here.
//!
//! Written once, here; `src/generated/layout.ts` is rendered from it, and a test fails when that
//! file is stale. All integers are little-endian; all offsets are in bytes unless a name says
//! cells.
//!
//! ```text
//! segment   ┌────────────┬────────────┬────────────┬─ ─ ─
//!           │ block 0    │ block 1    │ block 2    │        64 KiB each, in order of allocation
//!           │ header     │ schema,    │ …          │        nothing moves, nothing shrinks
//!           └────────────┴─lane, native─────────────┴─ ─ ─
//!
//! header    0    magic         u64   never changes
//!           8    version       u32   LAYOUT_VERSION
//!           12   byte order    u32   BYTE_ORDER_MARK as the writer stores it
//!           16   layout hash   u64   LAYOUT_HASH
//!           64   pid           u32
//!           72   start time    u64   of the process, clock ticks since boot; 0 where unknown
//!           80   opened at     f64   Unix time, milliseconds
//!           88   boot id       16 B  zero where unknown
//!           128  level         u32   the shared word: 0 off, 1 production, 2 diagnostic
//!           192  schema        u64   generation << 48 | complete bytes of its stream (Release)
//!           200  blocks        u64   how many blocks are initialised (Release)
//!           256  events        i64   how many events have been given a number, in all lanes
//!           320  tracing       settings and traces that are asked for: see [`spans`]
//!           4096 lane states   u32 × MAX_LANES
//!
//! block     0    kind          u32   schema, lane, native, events, flight, export or open
//!           4    lane          u32   whose it is; for schema blocks, the generation
//!           8    number        u32   its place among the blocks of its kind in its lane
//!           32   gate          f64   lane blocks: above zero when the block records. The level's
//!                                    number; where the block is diagnostic, one less
//!           40   written       f64   the first block of events: how many its lane has published
//!           64   cells, bytes of the schema's stream, or 127 slots of events
//!
//! slot      0    word          i64   see below; what else is in the slot is under it as a lock
//!           8    opened at     f64   Unix time, milliseconds: when it was last opened
//!           16   at            f64   Unix time, milliseconds: when the event happened
//!           24   length        f64   bytes of its text
//!           32   text                JSON, UTF-8: name, kind, level, attributes
//!
//! slot word    0 never used ──open──▶ -1 being written ──publish──▶ n, the event's number
//!                                      ▲──────────open, 508 events later────┘
//!              only the lane's thread moves it. It counts the header's word of events up just
//!              before it publishes, so that numbers order the events of all lanes
//!
//! lane state   unused ──attach──▶ live ──the thread ends──▶ retired ──attach──▶ live
//!              only the process that owns the segment moves it, under its meter's lock
//! ```
//!
//! A *position* names a cell: `number * CELLS_PER_BLOCK + index`. A series has the same position
//! in every lane and never crosses a block.

pub mod desk;
pub mod spans;

/// The first eight bytes of a segment: `nanometr`.
pub const MAGIC: u64 = u64::from_le_bytes(*b"nanometr");
/// The version of this layout; a reader refuses any other.
pub const LAYOUT_VERSION: u32 = 3;
/// Reads otherwise on a machine of the other byte order.
pub const BYTE_ORDER_MARK: u32 = 0x0102_0304;

/// Size of a cell.
pub const CELL_BYTES: usize = 8;
/// Size of a block. A multiple of every page size in use (4, 16 and 64 KiB).
pub const BLOCK_BYTES: usize = 65_536;
/// Cells in a block, those under its header included.
pub const CELLS_PER_BLOCK: u32 = (BLOCK_BYTES / CELL_BYTES) as u32;
/// Cells at the start of a block that its header takes: one cache line.
pub const BLOCK_HEADER_CELLS: u32 = 8;
/// The most cells that one series can have.
pub const MAX_SERIES_CELLS: u32 = CELLS_PER_BLOCK - BLOCK_HEADER_CELLS;
/// Index, in cells, of a lane block's gate.
pub const GATE: u32 = 4;

/// Cells of a gauge, or of a state, whose reading is the index of its name.
pub const GAUGE_CELLS: u32 = 2;
/// Cell of a gauge's reading.
pub const GAUGE_VALUE: u32 = 0;
/// Cell of a gauge's stamp: 0 while the thread has not set it. Above 0 (when, for `last` and for
/// states, else 1) for a reading that goes with its thread; below 0 for one that is settled and
/// stays, the earlier the lower.
pub const GAUGE_STAMP: u32 = 1;

/// Cells of a counter.
pub const COUNTER_CELLS: u32 = 1;

/// Cells of an exemplar: what a counter, or a bucket of a histogram, was last recorded for. They
/// come after all other cells of the series, where its definition wants them.
pub const EXEMPLAR_CELLS: u32 = 2;
/// Cell of the serial of an exemplar's local trace in its lane; 0: none, or being written. Of a
/// counter, below 0 where the increment was 1, which is then not stored.
pub const EXEMPLAR_SERIAL: u32 = 0;
/// Cell of an exemplar's value: one of a bucket, or a counter's increment.
pub const EXEMPLAR_VALUE: u32 = 1;

/// The most buckets, the last one to `+Inf` included, that one histogram may have.
pub const MAX_BUCKETS: usize = 2_048;
/// Cells of a histogram before its buckets.
pub const HISTOGRAM_HEAD_CELLS: u32 = 3;
/// Cell of the sum of a histogram's values.
pub const HISTOGRAM_SUM: u32 = 0;
/// Cell of the smallest value, negated; +0 while there is none (a smallest value of 0 is -0), so
/// that fresh memory needs no preparation.
pub const HISTOGRAM_NEGATED_MIN: u32 = 1;
/// Cell of the largest value; values are never negative.
pub const HISTOGRAM_MAX: u32 = 2;

/// Header: magic.
pub const HEADER_MAGIC: usize = 0;
/// Header: layout version.
pub const HEADER_VERSION: usize = 8;
/// Header: byte order mark.
pub const HEADER_BYTE_ORDER: usize = 12;
/// Header: layout hash.
pub const HEADER_LAYOUT_HASH: usize = 16;
/// Header: process id.
pub const HEADER_PID: usize = 64;
/// Header: start time of the process.
pub const HEADER_START_TIME: usize = 72;
/// Header: when the meter was opened.
pub const HEADER_OPENED_AT_MS: usize = 80;
/// Header: boot id, 16 bytes.
pub const HEADER_BOOT_ID: usize = 88;
/// Header: the level word.
pub const HEADER_LEVEL: usize = 128;
/// Header: the schema's generation and the complete bytes of its stream.
pub const HEADER_SCHEMA: usize = 192;
/// Bits of the schema's word that count its bytes; its generation is above them.
pub const SCHEMA_BYTES_BITS: u32 = 48;
/// Header: initialised blocks.
pub const HEADER_BLOCKS: usize = 200;
/// Header: how many events have been given a number. In a cache line of its own.
pub const HEADER_EVENTS: usize = 256;
/// Header: lane states.
pub const HEADER_LANE_STATES: usize = 4_096;

/// The most lanes of a segment: threads that record at the same time.
pub const MAX_LANES: u32 = 1_024;
/// A lane that no thread has had.
pub const LANE_UNUSED: u32 = 0;
/// A lane that a thread writes.
pub const LANE_LIVE: u32 = 1;
/// A lane whose thread has ended; what it counted still counts.
pub const LANE_RETIRED: u32 = 2;

/// Block: its kind.
pub const BLOCK_KIND: usize = 0;
/// Block: its lane.
pub const BLOCK_LANE: usize = 4;
/// Block: its number.
pub const BLOCK_NUMBER: usize = 8;
/// Where a block's payload begins.
pub const BLOCK_PAYLOAD: usize = BLOCK_HEADER_CELLS as usize * CELL_BYTES;
/// A block that holds a part of the schema's stream.
pub const KIND_SCHEMA: u32 = 1;
/// A block of a JavaScript lane: its cells are float64.
pub const KIND_LANE: u32 = 2;
/// A block of the native lane: its cells are u64.
pub const KIND_NATIVE: u32 = 3;
/// A block of a JavaScript lane's ring of events.
pub const KIND_EVENTS: u32 = 4;

/// Blocks of a lane's ring of events, all made with its first event.
pub const EVENT_BLOCKS: u32 = 4;
/// Size of a slot, which holds one event.
pub const EVENT_SLOT_BYTES: usize = 512;
/// Cells of a slot.
pub const EVENT_SLOT_CELLS: u32 = (EVENT_SLOT_BYTES / CELL_BYTES) as u32;
/// Slots in one block of a ring.
pub const EVENT_SLOTS_PER_BLOCK: u32 = MAX_SERIES_CELLS / EVENT_SLOT_CELLS;
/// Slots in a lane's ring.
pub const EVENT_SLOTS: u32 = EVENT_BLOCKS * EVENT_SLOTS_PER_BLOCK;
/// Index, in cells, of what a ring's first block says of all of it: how many events the lane has
/// published.
pub const EVENTS_WRITTEN: u32 = 5;
/// Cell of a slot's word.
pub const EVENT_WORD: u32 = 0;
/// A slot's word while it is written.
pub const EVENT_OPEN: i64 = -1;
/// Cell of the time when a slot was last opened. Written before the word says so.
pub const EVENT_OPENED_AT: u32 = 1;
/// Cell of the time of a slot's event.
pub const EVENT_AT: u32 = 2;
/// Cell of the length of an event's text.
pub const EVENT_LENGTH: u32 = 3;
/// First cell of an event's text.
pub const EVENT_TEXT: u32 = 4;
/// The most bytes of an event's text.
pub const EVENT_TEXT_BYTES: usize = EVENT_SLOT_BYTES - EVENT_TEXT as usize * CELL_BYTES;

/// What TypeScript needs to know, by name, in the order of the generated file.
pub const SHARED_WITH_TYPESCRIPT: [(&str, &str, u32); 26] = [
    ("LAYOUT_VERSION", "The version of the layout.", LAYOUT_VERSION),
    ("BLOCK_BYTES", "Size of a block in bytes.", BLOCK_BYTES as u32),
    ("CELLS_PER_BLOCK", "Cells in a block, its header's included.", CELLS_PER_BLOCK),
    (
        "BLOCK_HEADER_CELLS",
        "Cells at the start of a block that its header takes.",
        BLOCK_HEADER_CELLS,
    ),
    ("GATE", "Index of a block's gate: above zero when the block records.", GATE),
    ("GAUGE_CELLS", "Cells of a gauge.", GAUGE_CELLS),
    ("GAUGE_VALUE", "Cell of a gauge's reading.", GAUGE_VALUE),
    ("GAUGE_STAMP", "Cell of a gauge's stamp: 0 while the thread has not set it.", GAUGE_STAMP),
    ("COUNTER_CELLS", "Cells of a counter.", COUNTER_CELLS),
    ("EXEMPLAR_CELLS", "Cells of an exemplar, after all others of its series.", EXEMPLAR_CELLS),
    (
        "EXEMPLAR_SERIAL",
        "Cell of an exemplar's serial; below 0 where it is a counter's, and 1 the increment.",
        EXEMPLAR_SERIAL,
    ),
    ("EXEMPLAR_VALUE", "Cell of an exemplar's value.", EXEMPLAR_VALUE),
    ("HISTOGRAM_HEAD_CELLS", "Cells of a histogram before its buckets.", HISTOGRAM_HEAD_CELLS),
    ("HISTOGRAM_SUM", "Cell of the sum of a histogram's values.", HISTOGRAM_SUM),
    (
        "HISTOGRAM_NEGATED_MIN",
        "Cell of the smallest value, negated; +0 while there is none.",
        HISTOGRAM_NEGATED_MIN,
    ),
    ("HISTOGRAM_MAX", "Cell of the largest value.", HISTOGRAM_MAX),
    ("EVENT_BLOCKS", "Blocks of a lane's ring of events.", EVENT_BLOCKS),
    ("EVENT_SLOT_CELLS", "Cells of a slot, which holds one event.", EVENT_SLOT_CELLS),
    ("EVENT_SLOTS_PER_BLOCK", "Slots in one block of a ring.", EVENT_SLOTS_PER_BLOCK),
    (
        "EVENTS_WRITTEN",
        "Index, in a ring's first block, of how many events were published.",
        EVENTS_WRITTEN,
    ),
    (
        "EVENT_WORD",
        "Cell of a slot's word: 0 never used, -1 being written, else the event's number.",
        EVENT_WORD,
    ),
    ("EVENT_OPENED_AT", "Cell of when a slot was last opened, Unix milliseconds.", EVENT_OPENED_AT),
    ("EVENT_AT", "Cell of when an event happened, Unix milliseconds.", EVENT_AT),
    ("EVENT_LENGTH", "Cell of the length of an event's text in bytes.", EVENT_LENGTH),
    ("EVENT_TEXT", "First cell of an event's text.", EVENT_TEXT),
    ("EVENT_TEXT_BYTES", "The most bytes of an event's text.", EVENT_TEXT_BYTES as u32),
];

/// Guards against a reader whose offsets differ though its version does not.
pub const LAYOUT_HASH: u64 = hash(&[
    LAYOUT_VERSION as u64,
    BLOCK_BYTES as u64,
    BLOCK_HEADER_CELLS as u64,
    GATE as u64,
    GAUGE_CELLS as u64,
    GAUGE_VALUE as u64,
    GAUGE_STAMP as u64,
    COUNTER_CELLS as u64,
    EXEMPLAR_CELLS as u64,
    EXEMPLAR_SERIAL as u64,
    EXEMPLAR_VALUE as u64,
    HISTOGRAM_HEAD_CELLS as u64,
    HISTOGRAM_SUM as u64,
    HISTOGRAM_NEGATED_MIN as u64,
    HISTOGRAM_MAX as u64,
    HEADER_PID as u64,
    HEADER_START_TIME as u64,
    HEADER_OPENED_AT_MS as u64,
    HEADER_BOOT_ID as u64,
    HEADER_LEVEL as u64,
    HEADER_SCHEMA as u64,
    HEADER_BLOCKS as u64,
    HEADER_EVENTS as u64,
    HEADER_LANE_STATES as u64,
    MAX_LANES as u64,
    BLOCK_KIND as u64,
    BLOCK_LANE as u64,
    BLOCK_NUMBER as u64,
    EVENT_BLOCKS as u64,
    EVENT_SLOT_BYTES as u64,
    EVENTS_WRITTEN as u64,
    EVENT_WORD as u64,
    EVENT_OPENED_AT as u64,
    EVENT_AT as u64,
    EVENT_LENGTH as u64,
    EVENT_TEXT as u64,
    spans::fold(spans::HEADER_TRACING as u64, spans::SHARED_WITH_TYPESCRIPT),
    spans::fold(desk::DESK_BYTES as u64, desk::SHARED_WITH_TYPESCRIPT),
]);

/// FNV-1a over the words' bytes.
const fn hash(words: &[u64]) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let mut word = 0;
    while word < words.len() {
        let bytes = words[word].to_le_bytes();
        let mut byte = 0;
        while byte < bytes.len() {
            state = (state ^ bytes[byte] as u64).wrapping_mul(0x0100_0000_01b3);
            byte += 1;
        }
        word += 1;
    }
    state
}

const _: () = {
    assert!(BLOCK_PAYLOAD == 64, "cells start on a cache line");
    assert!((GATE as usize) * CELL_BYTES >= BLOCK_NUMBER + 4 && GATE < BLOCK_HEADER_CELLS);
    assert!(HEADER_LANE_STATES + MAX_LANES as usize * 4 <= BLOCK_BYTES);
    assert!(HEADER_BLOCKS + 8 <= HEADER_EVENTS && HEADER_EVENTS + 64 <= HEADER_LANE_STATES);
    assert!(HEADER_EVENTS.is_multiple_of(64), "counted up by all threads: no neighbours");
    assert!(EVENTS_WRITTEN > GATE && EVENTS_WRITTEN < BLOCK_HEADER_CELLS);
    assert!(EVENT_SLOTS_PER_BLOCK == 127 && EVENT_SLOTS == 508, "the drawing says so");
    assert!(EVENT_TEXT_BYTES == 480);
    assert!(HISTOGRAM_HEAD_CELLS + MAX_BUCKETS as u32 <= MAX_SERIES_CELLS);
};
