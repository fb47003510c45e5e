//! Reading the segment of another process, live or dead, from its file.
//!
//! The file is copied, never mapped: one that is truncated meanwhile would kill a reader that
//! maps it. Nothing in the file is believed before it is checked; what cannot be is an error.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

use crate::cells::Cells;
use crate::clock;
use crate::definition::{Definition, Kind};
use crate::derive::compute;
use crate::error::ReadError;
use crate::events::{self, CopiedRing, Events, settle};
use crate::layout::spans::{self, TRACING_WALL_MS};
use crate::layout::{self, BLOCK_BYTES, CELLS_PER_BLOCK};
use crate::level::Level;
use crate::merge::{Merged, Merger};
use crate::process::{Identity, unix_ms};
use crate::schema::{Line, MAX_SCHEMA_BYTES, Record};
use crate::snapshot::{Labels, Metric, Process, Series, Snapshot};
use crate::spans::{
    Entry, OpenSpanData, Renderer, TextList, last_end_ns, oldest, open_entries, settle_open,
};

/// The kinds of blocks that metrics are read from.
const METRICS: [u32; 3] = [layout::KIND_SCHEMA, layout::KIND_LANE, layout::KIND_NATIVE];
/// Those that open spans are.
const SPANS: [u32; 3] = [layout::KIND_SCHEMA, spans::KIND_OPEN, spans::KIND_FLIGHT];

/// Reads all series of a segment, reserved ones that are not switched on left out.
///
/// # Errors
///
/// See [`ReadError`]; a segment of another version, another byte order, or a damaged one is
/// refused.
pub fn read(path: &Path) -> Result<Snapshot, ReadError> {
    let mut answer = read_once(path);
    // A process that lives may have put blocks to another use between two of our reads.
    for _ in 0..2 {
        if matches!(answer, Err(ReadError::Damaged { .. })) {
            answer = read_once(path);
        }
    }
    answer
}

fn read_once(path: &Path) -> Result<Snapshot, ReadError> {
    let (file, header) = open(path)?;
    let copy = SegmentCopy::new(&file, header, &METRICS)?;
    let schema = Schema::parse(&copy.schema()?)?;
    schema.snapshot(&copy)
}

/// Reads the events of a segment with numbers above `after`, as [`crate::Meter::events`] does.
///
/// # Errors
///
/// See [`read`].
pub fn read_events(path: &Path, after: u64) -> Result<Events, ReadError> {
    let (file, header) = open(path)?;
    let copy = SegmentCopy::new(&file, header, &[layout::KIND_EVENTS])?;
    let claimed = copy.header.u64(layout::HEADER_EVENTS);
    Ok(events::read(claimed, &copy.event_rings(), after, unix_ms()))
}

/// Reads what is open in a segment, as [`crate::Meter::open_spans`] does. Of a process that has ended:
/// what was open then; ages are those at the last time that its spans tell of.
///
/// # Errors
///
/// See [`read`].
pub fn read_open_spans(path: &Path, flow: Option<&str>) -> Result<Vec<OpenSpanData>, ReadError> {
    let (file, header) = open(path)?;
    let copy = SegmentCopy::new(&file, header, &SPANS)?;
    let texts = Schema::parse(&copy.schema()?)?.texts;
    let entries = open_entries(&copy.open_tables());
    let now_ns = match identity_in(&copy.header).is_alive() {
        true => clock::now_ns(),
        false => entries.iter().map(Entry::last_ns).fold(copy.last_end_ns(), f64::max),
    };
    let wall_ms = spans::HEADER_TRACING + TRACING_WALL_MS as usize * layout::CELL_BYTES;
    let wall_ms = f64::from_bits(copy.header.u64(wall_ms));
    Ok(oldest(entries, flow, Renderer { texts: &texts }, (wall_ms, now_ns)))
}

/// Who a segment belongs to.
pub(crate) fn identity(path: &Path) -> Result<Identity, ReadError> {
    let (_, header) = open(path)?;
    Ok(identity_in(&header))
}

/// Opens a segment and checks its first words.
fn open(path: &Path) -> Result<(File, Bytes), ReadError> {
    // Not to wait for a writer where the path is a pipe.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(std::io::Error::from)?;
    let file = File::from(file);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile);
    }
    if metadata.len() < BLOCK_BYTES as u64 {
        return Err(ReadError::NotASegment);
    }
    let mut bytes = vec![0; BLOCK_BYTES];
    file.read_exact_at(&mut bytes, 0)?;
    let header = Bytes(bytes);
    if header.u64(layout::HEADER_MAGIC) != layout::MAGIC {
        return Err(ReadError::NotASegment);
    }
    match header.u32(layout::HEADER_BYTE_ORDER) {
        layout::BYTE_ORDER_MARK => {}
        other if other.swap_bytes() == layout::BYTE_ORDER_MARK => return Err(ReadError::ByteOrder),
        other => return Err(damaged(format!("{other:#x} is no byte order mark"))),
    }
    let found = header.u32(layout::HEADER_VERSION);
    if found != layout::LAYOUT_VERSION {
        return Err(ReadError::Version { found, readable: layout::LAYOUT_VERSION });
    }
    if header.u64(layout::HEADER_LAYOUT_HASH) != layout::LAYOUT_HASH {
        return Err(damaged("its layout has the right version and the wrong hash".to_owned()));
    }
    Ok((file, header))
}

fn damaged(what: String) -> ReadError {
    ReadError::Damaged { what }
}

fn identity_in(header: &Bytes) -> Identity {
    let mut boot_id = [0; 16];
    boot_id.copy_from_slice(&header.0[layout::HEADER_BOOT_ID..][..16]);
    Identity {
        pid: header.u32(layout::HEADER_PID),
        start_time_ticks: header.u64(layout::HEADER_START_TIME),
        boot_id,
        opened_at_ms: f64::from_bits(header.u64(layout::HEADER_OPENED_AT_MS)),
    }
}

/// Copied bytes, read by offset.
pub(crate) struct Bytes(Vec<u8>);

impl Bytes {
    #[cfg(all(test, not(loom)))]
    pub(crate) fn new(bytes: Vec<u8>) -> Bytes {
        Bytes(bytes)
    }

    fn u32(&self, offset: usize) -> u32 {
        let mut word = [0; 4];
        word.copy_from_slice(&self.0[offset..offset + 4]);
        u32::from_le_bytes(word)
    }

    pub(crate) fn u64(&self, offset: usize) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.0[offset..offset + 8]);
        u64::from_le_bytes(word)
    }

    pub(crate) fn set_u64(&mut self, offset: usize, word: u64) {
        self.0[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
    }
}

/// A segment, copied.
struct SegmentCopy {
    header: Bytes,
    /// By kind, lane (or generation) and number.
    blocks: HashMap<(u32, u32, u32), Bytes>,
}

impl SegmentCopy {
    /// The blocks of some kinds: rings of spans are large, and few ask for them.
    fn new(file: &File, header: Bytes, wanted: &[u32]) -> Result<SegmentCopy, ReadError> {
        let count = header.u64(layout::HEADER_BLOCKS);
        let there = file.metadata()?.len() / BLOCK_BYTES as u64;
        if count == 0 || count > there {
            return Err(damaged(format!("it counts {count} blocks and has {there}")));
        }
        let mut blocks = HashMap::new();
        for index in 1..count {
            let read = |bytes: usize| {
                let mut copied = vec![0; bytes];
                file.read_exact_at(&mut copied, index * BLOCK_BYTES as u64)?;
                Ok::<Bytes, ReadError>(Bytes(copied))
            };
            let head = read(layout::BLOCK_PAYLOAD)?;
            let (kind, lane) = (head.u32(layout::BLOCK_KIND), head.u32(layout::BLOCK_LANE));
            let is_lane = (1..layout::MAX_LANES).contains(&lane);
            let known = match kind {
                layout::KIND_SCHEMA | layout::KIND_NATIVE => true,
                layout::KIND_LANE | layout::KIND_EVENTS => is_lane,
                spans::KIND_FLIGHT | spans::KIND_EXPORT | spans::KIND_OPEN => is_lane,
                _ => false,
            };
            if !known {
                return Err(damaged(format!("block {index} is of kind {kind}, lane {lane}")));
            }
            if !wanted.contains(&kind) {
                continue;
            }
            let mut block = read(BLOCK_BYTES)?;
            match kind {
                layout::KIND_EVENTS => settle(&mut block, &read(BLOCK_BYTES)?),
                spans::KIND_OPEN => settle_open(&mut block, &read(BLOCK_BYTES)?),
                _ => {}
            }
            // A schema block may have gone to the next generation since.
            let lane = block.u32(layout::BLOCK_LANE);
            let place = (kind, lane, block.u32(layout::BLOCK_NUMBER));
            // A ring that could not be made whole has been made anew.
            let is_ring =
                ![layout::KIND_SCHEMA, layout::KIND_NATIVE, layout::KIND_LANE].contains(&kind);
            if blocks.insert(place, block).is_some() && !is_ring {
                return Err(damaged(format!("block {index} is there twice")));
            }
        }
        Ok(SegmentCopy { header, blocks })
    }

    fn lanes(&self) -> Vec<LaneCopy<'_>> {
        let all = self.blocks.keys().filter(|(kind, ..)| *kind == layout::KIND_LANE);
        let numbers: BTreeSet<u32> = all.map(|(_, lane, _)| *lane).collect();
        let copy = |lane| LaneCopy { segment: self, kind: layout::KIND_LANE, lane };
        numbers.into_iter().map(copy).collect()
    }

    fn event_rings(&self) -> Vec<CopiedRing<'_>> {
        let all = self.blocks.keys().filter(|(kind, ..)| *kind == layout::KIND_EVENTS);
        let lanes: BTreeSet<u32> = all.map(|(_, lane, _)| *lane).collect();
        let ring = |lane| {
            let block = |number| self.blocks.get(&(layout::KIND_EVENTS, lane, number));
            let blocks = (0..layout::EVENT_BLOCKS).map(block).collect();
            CopiedRing { blocks, is_live: self.is_live(lane) }
        };
        lanes.into_iter().map(ring).collect()
    }

    /// Those of live lanes.
    fn open_tables(&self) -> BTreeMap<u32, &Bytes> {
        let all = self.blocks.iter().filter(|((kind, ..), _)| *kind == spans::KIND_OPEN);
        let live = all.filter(|((_, lane, _), _)| self.is_live(*lane));
        live.map(|((_, lane, _), block)| (*lane, block)).collect()
    }

    fn last_end_ns(&self) -> f64 {
        let flights = self.blocks.iter().filter(|((kind, ..), _)| *kind == spans::KIND_FLIGHT);
        flights.map(|(_, block)| last_end_ns(block)).fold(0.0, f64::max)
    }

    fn is_live(&self, lane: u32) -> bool {
        let state = layout::HEADER_LANE_STATES + lane as usize * 4;
        self.header.u32(state) == layout::LANE_LIVE
    }

    /// The schema's stream, as far as it was complete when the header was copied.
    fn schema(&self) -> Result<Vec<u8>, ReadError> {
        let word = self.header.u64(layout::HEADER_SCHEMA);
        let bytes = (word & ((1 << layout::SCHEMA_BYTES_BITS) - 1)) as usize;
        // Beyond its bound there can only be lines that say what is gone: fewer than what came.
        if bytes > 2 * MAX_SCHEMA_BYTES {
            return Err(damaged(format!("a schema of {bytes} bytes")));
        }
        let generation = (word >> layout::SCHEMA_BYTES_BITS) as u32;
        let mut stream = Vec::with_capacity(bytes);
        for number in 0.. {
            let missing = bytes - stream.len();
            if missing == 0 {
                break;
            }
            let block = self.blocks.get(&(layout::KIND_SCHEMA, generation, number));
            let block =
                block.ok_or_else(|| damaged(format!("schema block {number} is missing")))?;
            let payload = &block.0[layout::BLOCK_PAYLOAD..];
            stream.extend_from_slice(&payload[..missing.min(payload.len())]);
        }
        Ok(stream)
    }
}

/// One lane of a copied segment.
struct LaneCopy<'a> {
    segment: &'a SegmentCopy,
    kind: u32,
    lane: u32,
}

impl Cells for LaneCopy<'_> {
    fn is_live(&self) -> bool {
        self.segment.is_live(self.lane)
    }

    fn load(&self, position: u32, cells: &mut [u64]) -> bool {
        let place = (self.kind, self.lane, position / CELLS_PER_BLOCK);
        let Some(block) = self.segment.blocks.get(&place) else { return false };
        let first = (position % CELLS_PER_BLOCK) as usize;
        for (index, cell) in (first..).zip(cells) {
            *cell = block.u64(index * layout::CELL_BYTES);
        }
        true
    }
}

/// A schema, replayed.
#[derive(Default)]
struct Schema {
    service: String,
    resource: Vec<(String, String)>,
    families: Vec<FamilyRecord>,
    values: Vec<Arc<str>>,
    texts: TextList,
}

struct FamilyRecord {
    definition: Arc<Definition>,
    native: bool,
    enabled: bool,
    overflow: Option<u32>,
    series: Vec<(Arc<[Arc<str>]>, u32)>,
}

impl Schema {
    fn parse(stream: &[u8]) -> Result<Schema, ReadError> {
        let mut schema = Schema::default();
        for (number, line) in stream.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let replayed = serde_json::from_slice(line)
                .map_err(|error| error.to_string())
                .and_then(|line| schema.replay(line));
            replayed.map_err(|what| damaged(format!("line {number} of the schema: {what}")))?;
        }
        Ok(schema)
    }

    fn replay(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Value(value) => self.values.push(value),
            Line::Series(numbers) => self.replay_series(&numbers)?,
            Line::Record(record) => self.replay_record(record)?,
        }
        Ok(())
    }

    fn replay_series(&mut self, numbers: &[u32]) -> Result<(), String> {
        let [family, position, numbers @ ..] = numbers else {
            return Err("a series without a place".to_owned());
        };
        let value = |number: &u32| self.values.get(*number as usize).cloned();
        let values: Option<Arc<[Arc<str>]>> = numbers.iter().map(value).collect();
        let values = values.ok_or("a series with a label value that is not there")?;
        let family = self.family(*family)?;
        check_place(&family.definition, *position)?;
        if values.len() != family.definition.labels.len() {
            return Err(format!("{} label values", values.len()));
        }
        family.series.push((values, *position));
        Ok(())
    }

    fn replay_record(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::Service { name, resource } => (self.service, self.resource) = (name, resource),
            Record::Family { definition, native, overflow } => {
                definition.check()?;
                if let Some(position) = overflow {
                    check_place(&definition, position)?;
                }
                let enabled = !definition.reserved;
                let series = Vec::new();
                self.families.push(FamilyRecord { definition, native, enabled, overflow, series });
            }
            Record::Removed { family, position } => {
                self.family(family)?.series.retain(|(_, at)| *at != position);
            }
            Record::Enabled { family } => self.family(family)?.enabled = true,
            Record::Text(text) => {
                self.texts.push(text);
            }
        }
        Ok(())
    }

    fn family(&mut self, number: u32) -> Result<&mut FamilyRecord, String> {
        self.families.get_mut(number as usize).ok_or_else(|| format!("there is no family {number}"))
    }

    fn snapshot(self, copy: &SegmentCopy) -> Result<Snapshot, ReadError> {
        let word = copy.header.u32(layout::HEADER_LEVEL);
        let level = Level::from_word(word).ok_or_else(|| damaged(format!("{word} is no level")))?;
        let identity = identity_in(&copy.header);
        let alive = identity.is_alive();
        // Nobody knows when a dead process stopped: at the beginning of all time, nothing has run.
        let mut merger = Merger::at(if alive { clock::now_ns() } else { 0.0 });
        let lanes = copy.lanes();
        let native = LaneCopy { segment: copy, kind: layout::KIND_NATIVE, lane: 0 };
        let enabled = self.families.into_iter().filter(|family| family.enabled);
        let mut metrics: Vec<Metric> =
            enabled.map(|family| family.read(&lanes, &native, &mut merger)).collect();
        compute(&mut metrics);
        Ok(Snapshot {
            service: self.service,
            taken_at_ms: unix_ms(),
            level,
            processes: vec![Process {
                pid: identity.pid,
                started_at_ms: identity.opened_at_ms,
                alive,
            }],
            resource: self.resource,
            metrics,
        })
    }
}

impl FamilyRecord {
    fn read(self, lanes: &[LaneCopy<'_>], native: &LaneCopy<'_>, merger: &mut Merger) -> Metric {
        let definition = self.definition;
        let mut read = |position| {
            if self.native {
                merger.native(&definition, position, native)
            } else {
                merger.lanes(&definition, position, lanes.iter())
            }
        };
        let places = self.series.into_iter().map(|(values, at)| (Labels::Values(values), at));
        let mut series: Vec<Series> =
            places.map(|(labels, at)| Series::new(labels, read(at).value)).collect();
        if let Some(Merged { value, recorded: true }) = self.overflow.map(&mut read) {
            series.push(Series::new(Labels::Overflow, value));
        }
        Metric { definition: Arc::clone(&definition), series }
    }
}

/// That a series is where one can be: inside one block, behind its header.
fn check_place(definition: &Definition, position: u32) -> Result<(), String> {
    if definition.kind == Kind::Derived {
        return Err("a derived metric has no cells".to_owned());
    }
    let first = position % CELLS_PER_BLOCK;
    let fits = first >= layout::BLOCK_HEADER_CELLS && first + definition.cells() <= CELLS_PER_BLOCK;
    if fits { Ok(()) } else { Err(format!("no series can be at {position}")) }
}
