//! A meter: one service's segment, schema and lanes in this process, behind one lock.
//!
//! May be used from any thread. The lock is held for definitions, binding, attaching and changes
//! of level, never while cells are read: a snapshot takes what it needs under the lock, in time
//! that grows with the number of families only, and reads afterwards.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::block::Block;
use crate::definition::Definition;
use crate::directory;
use crate::error::{AttachError, DefineError, FileError, OpenError};
use crate::family::{Family, Released, SeriesPlace, Values, combinations, key};
use crate::lane::{Lane, LaneGuard};
use crate::layout::{
    BLOCK_BYTES, CELLS_PER_BLOCK, KIND_LANE, KIND_NATIVE, LANE_LIVE, LANE_RETIRED, MAX_LANES,
};
use crate::level::Level;
use crate::own::OwnMetrics;
use crate::positions::{Gate, Positions, Range};
use crate::process::Identity;
use crate::schema::{Record, SchemaLog};
use crate::segment::{Purpose, Segment};
use crate::warning::{Warning, Warnings};

/// How to open a meter.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// The service that it belongs to: there is one meter of a service in a process.
    pub service: String,
    /// The level to begin with.
    pub level: Level,
    /// Where the segment's file goes; `None` for memory only.
    pub state_dir: Option<PathBuf>,
    /// The most bytes that one thread maps.
    pub max_lane_bytes: usize,
    /// Resource attributes in OpenTelemetry's names.
    pub resource: serde_json::Map<String, serde_json::Value>,
}

/// Where a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Names the family in later calls.
    pub family: u32,
    /// The position of the unlabelled series; of the overflow series where there are labels.
    pub position: u32,
}

/// One service's metrics in this process.
#[derive(Debug)]
pub struct Meter {
    pub(crate) service: String,
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) identity: Identity,
    max_lane_bytes: usize,
    segment: Segment,
    pub(crate) native_lane: Arc<Lane>,
    state: Mutex<State>,
    own: OnceLock<OwnMetrics>,
    warnings: Warnings,
    lease_listener: OnceLock<LeaseListener>,
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub families: Vec<Family>,
    pub lanes: Arc<Vec<Arc<Lane>>>,
    pub level: Level,
    positions: Positions,
    native_positions: Positions,
    schema: SchemaLog,
    lease: Option<Lease>,
    /// Threads that have a lane now.
    live: Vec<u64>,
    next_tenancy: u64,
    /// Series whose removal waits for a thread that holds them.
    unwanted: Vec<(u32, Values)>,
}

/// A level that goes back by itself.
#[derive(Clone, Copy, Debug)]
struct Lease {
    back_to: Level,
    deadline: Instant,
}

struct LeaseListener(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for LeaseListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LeaseListener")
    }
}

/// Blocks of the native lane: 8 MiB of u64 cells.
const NATIVE_BLOCKS: u32 = 128;

impl Meter {
    /// A meter of its own, unknown to [`crate::registry`].
    ///
    /// # Errors
    ///
    /// [`OpenError::Option`] where an option makes no sense. A file that cannot be made is no
    /// error: memory serves, and a warning says so.
    pub fn new(options: &Options) -> Result<Arc<Meter>, OpenError> {
        let max_blocks = options.max_lane_bytes / BLOCK_BYTES;
        if !(1..=1 << 18).contains(&max_blocks) {
            return Err(OpenError::Option {
                name: "maxLaneBytes",
                what: format!("{} is not between {BLOCK_BYTES} and 16 GiB", options.max_lane_bytes),
            });
        }
        let identity = Identity::own();
        let warnings = Warnings::default();
        let segment = open_segment(options, &identity, &warnings);
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let resource = options.resource.iter().map(|(k, v)| (k.clone(), text(v))).collect();
        segment.set_lane_state(0, LANE_LIVE);
        let meter = Arc::new(Meter {
            service: options.service.clone(),
            resource,
            identity,
            max_lane_bytes: options.max_lane_bytes,
            segment,
            native_lane: Arc::new(Lane::new(0, NATIVE_BLOCKS)),
            state: Mutex::new(State {
                families: Vec::new(),
                lanes: Arc::default(),
                level: options.level,
                positions: Positions::new(max_blocks as u32),
                native_positions: Positions::new(NATIVE_BLOCKS),
                schema: SchemaLog::new(),
                lease: None,
                live: Vec::new(),
                next_tenancy: 1,
                unwanted: Vec::new(),
            }),
            own: OnceLock::new(),
            warnings,
            lease_listener: OnceLock::new(),
        });
        meter.segment.set_level(options.level);
        let first =
            Record::Service { name: meter.service.clone(), resource: meter.resource.clone() };
        meter.record(&mut meter.lock(), &first);
        if let Ok(own) = OwnMetrics::define(&meter) {
            own.warnings.add(meter.warnings.total());
            let _ = meter.own.set(own);
        }
        meter.count_segment();
        Ok(meter)
    }

    /// The service that it belongs to.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The segment's file, if it has one.
    pub fn segment_path(&self) -> Option<PathBuf> {
        self.segment.path().map(PathBuf::from)
    }

    /// Allocates a definition for JavaScript lanes, or finds the one that is there.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; nothing has been changed then.
    pub fn define(&self, definition: Definition) -> Result<Placement, DefineError> {
        self.define_in(definition, false)
    }

    pub(crate) fn define_in(
        &self,
        definition: Definition,
        native: bool,
    ) -> Result<Placement, DefineError> {
        definition.check()?;
        let mut state = self.lock();
        let known =
            state.families.iter().position(|family| family.definition.name == definition.name);
        if let Some(number) = known {
            let family = &state.families[number];
            if *family.definition != definition || family.native != native {
                return Err(DefineError::Conflict {
                    existing: Box::new(Definition::clone(&family.definition)),
                    refused: Box::new(definition),
                });
            }
            return Ok(state.placement(number));
        }
        let planned = self.plan(&mut state, &definition, native)?;
        Ok(self.install(&mut state, definition, native, planned))
    }

    /// Takes all ranges that a definition needs; those taken go back when one is missing.
    fn plan(
        &self,
        state: &mut State,
        definition: &Definition,
        native: bool,
    ) -> Result<Vec<(Option<Values>, Range)>, DefineError> {
        let full = || DefineError::Capacity {
            name: definition.name.clone(),
            max_lane_bytes: self.max_lane_bytes,
        };
        let series = match &definition.values {
            Some(lists) => {
                let count = lists.iter().try_fold(1usize, |all, list| all.checked_mul(list.len()));
                let most = self.max_lane_bytes / 8 / definition.cells() as usize;
                if count.is_none_or(|count| count > most) {
                    return Err(full());
                }
                combinations(lists)
            }
            None if definition.labels.is_empty() => vec![Values::default()],
            None => Vec::new(),
        };
        let bytes = serde_json::to_vec(definition).map_or(0, |json| json.len());
        let label_bytes: usize =
            series.iter().flat_map(|values| values.iter()).map(|v| v.len() + 64).sum();
        if !state.schema.has_room(bytes + label_bytes) {
            return Err(full());
        }
        let overflow = (!definition.labels.is_empty()).then_some(None);
        let wanted = overflow.into_iter().chain(series.into_iter().map(Some));
        wanted
            .map(|values| Some((values, self.take(state, definition, native)?)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(full)
    }

    fn take(&self, state: &mut State, definition: &Definition, native: bool) -> Option<Range> {
        let gate = if definition.diagnostic { Gate::Diagnostic } else { Gate::Production };
        let positions = if native { &mut state.native_positions } else { &mut state.positions };
        let (range, used) = positions.take(gate, definition.cells())?;
        if native {
            self.add_native_block(range.position / CELLS_PER_BLOCK)?;
            if used {
                self.native_lane.clear(range.position, range.cells);
            }
        } else if used {
            state.lanes.iter().for_each(|lane| lane.clear(range.position, range.cells));
        }
        Some(range)
    }

    fn install(
        &self,
        state: &mut State,
        definition: Definition,
        native: bool,
        planned: Vec<(Option<Values>, Range)>,
    ) -> Placement {
        let number = state.families.len();
        let mut family = Family::new(definition, native);
        let overflow = planned.iter().find(|(values, _)| values.is_none());
        self.record(
            state,
            &Record::Family {
                definition: Arc::clone(&family.definition),
                native,
                overflow: overflow.map(|(_, range)| range.position),
            },
        );
        for (values, range) in planned {
            match values {
                None => {
                    let values = Values::default();
                    family.overflow = Some(Arc::new(SeriesPlace { values, range }));
                }
                Some(values) => {
                    let position = range.position;
                    family.insert(Arc::clone(&values), range);
                    self.record(state, &Record::Series { family: number as u32, values, position });
                }
            }
        }
        state.families.push(family);
        state.placement(number)
    }

    /// Gives this thread a lane: one that a thread has left, else a new one.
    ///
    /// # Errors
    ///
    /// [`AttachError::Full`] when [`MAX_LANES`] threads record already.
    pub fn attach(self: &Arc<Self>) -> Result<LaneGuard, AttachError> {
        let mut state = self.lock();
        let retired = state.lanes.iter().find(|lane| lane.state() == LANE_RETIRED).cloned();
        let lane = match retired {
            Some(lane) => {
                state.withdraw_readings(&lane);
                lane
            }
            None => {
                let number = state.lanes.len() as u32 + 1;
                if number >= MAX_LANES {
                    return Err(AttachError::Full { lanes: MAX_LANES - 1 });
                }
                let max_blocks = (self.max_lane_bytes / BLOCK_BYTES) as u32;
                let lane = Arc::new(Lane::new(number, max_blocks));
                Arc::make_mut(&mut state.lanes).push(Arc::clone(&lane));
                lane
            }
        };
        lane.set_state(LANE_LIVE);
        self.segment.set_lane_state(lane.number, LANE_LIVE);
        let tenancy = state.next_tenancy;
        state.next_tenancy += 1;
        state.live.push(tenancy);
        self.count_lanes(&state);
        drop(state);
        Ok(LaneGuard::new(Arc::clone(self), lane, tenancy))
    }

    pub(crate) fn detach(&self, lane: &Lane, tenancy: u64) {
        let mut state = self.lock();
        lane.set_state(LANE_RETIRED);
        self.segment.set_lane_state(lane.number, LANE_RETIRED);
        state.live.retain(|live| *live != tenancy);
        for (family, values) in std::mem::take(&mut state.unwanted) {
            if state.families[family as usize].is_unwanted(&values) {
                self.release_held(&mut state, tenancy, family, values);
            }
        }
        self.count_lanes(&state);
    }

    pub(crate) fn bind(&self, tenancy: u64, family: u32, values: &[String]) -> Option<u32> {
        let values_key = key(values);
        let mut state = self.lock();
        let known = state.families.get_mut(family as usize)?;
        if let Some(position) = known.hold(tenancy, &values_key) {
            return Some(position);
        }
        let position = self.add_series(&mut state, family, values, values_key.clone());
        let known = &mut state.families[family as usize];
        match position {
            Some(_) => known.hold(tenancy, &values_key),
            None => {
                known.overflowed += 1;
                if let Some(own) = self.own.get() {
                    own.series_overflowed.add(1);
                }
                None
            }
        }
    }

    fn add_series(
        &self,
        state: &mut State,
        number: u32,
        values: &[String],
        values_key: Values,
    ) -> Option<u32> {
        let family = &state.families[number as usize];
        if !family.accepts(values) || family.is_full() {
            return None;
        }
        let (definition, native) = (Arc::clone(&family.definition), family.native);
        let bytes: usize = values.iter().map(|value| value.len() + 8).sum();
        if state.schema.is_stale() {
            let lines = state.describe(&self.first_record());
            let refused = state.schema.renew(&self.segment, &lines);
            self.warn_of(refused);
        }
        let range = match state.schema.has_room(bytes) {
            true => self.take(state, &definition, native),
            false => None,
        };
        let Some(range) = range else {
            self.warn(
                "NANOMETER_CAPACITY",
                &format!(
                    "metric '{}' has no room for another series and counts it in its overflow series; \
                     raise the option maxLaneBytes ({} now)",
                    definition.name, self.max_lane_bytes
                ),
            );
            return None;
        };
        let position = state.families[number as usize].insert(Arc::clone(&values_key), range);
        self.record(state, &Record::Series { family: number, values: values_key, position });
        Some(position)
    }

    pub(crate) fn release(&self, tenancy: u64, family: u32, values: &[String]) -> bool {
        let mut state = self.lock();
        if family as usize >= state.families.len() {
            return false;
        }
        self.release_held(&mut state, tenancy, family, key(values))
    }

    fn release_held(&self, state: &mut State, tenancy: u64, family: u32, values: Values) -> bool {
        let State { families, live, .. } = &mut *state;
        let is_live = |tenancy| live.contains(&tenancy);
        match families[family as usize].release(&values, tenancy, is_live) {
            Released::Unknown => false,
            Released::StillHeld => {
                state.unwanted.push((family, values));
                false
            }
            Released::Gone { position } => {
                self.record(state, &Record::Removed { family, position });
                true
            }
        }
    }

    /// Switches a reserved metric on; false when there is none of that name.
    pub fn enable(&self, name: &str) -> bool {
        let mut state = self.lock();
        let number = state.families.iter().position(|family| family.definition.name == name);
        let Some(number) = number else { return false };
        if !state.families[number].enabled {
            state.families[number].enabled = true;
            self.record(&mut state, &Record::Enabled { family: number as u32 });
        }
        true
    }

    /// The level now.
    pub fn level(&self) -> Level {
        self.lock().level
    }

    /// Sets the level in all threads at once. With a time, it goes back after it to the level that
    /// was set without one.
    pub fn set_level(&self, level: Level, lease: Option<Duration>) {
        let mut state = self.lock();
        let back_to = state.lease.map_or(state.level, |lease| lease.back_to);
        // A lease too long for the clock to hold never ends.
        state.lease = lease
            .and_then(|time| Instant::now().checked_add(time))
            .map(|deadline| Lease { back_to, deadline });
        self.apply_level(&mut state, level);
        drop(state);
        if let Some(LeaseListener(listener)) = self.lease_listener.get() {
            listener();
        }
    }

    /// When a leased level ends, if the level is leased.
    pub fn level_lease_deadline(&self) -> Option<Instant> {
        self.lock().lease.map(|lease| lease.deadline)
    }

    /// Ends a lease whose time is up. A native thread calls this: no event loop is needed.
    pub fn revert_expired_level(&self) {
        let mut state = self.lock();
        if let Some(lease) = state.lease.filter(|lease| lease.deadline <= Instant::now()) {
            state.lease = None;
            self.apply_level(&mut state, lease.back_to);
        }
    }

    /// Has that function called, on the thread that sets it, when a lease begins or is given up.
    /// The first listener stays.
    pub fn on_level_lease(&self, listener: impl Fn() + Send + Sync + 'static) {
        let _ = self.lease_listener.set(LeaseListener(Box::new(listener)));
    }

    fn apply_level(&self, state: &mut State, level: Level) {
        state.level = level;
        self.segment.set_level(level);
        for lane in state.lanes.iter() {
            for (number, block) in lane.blocks() {
                block.set_gate(state.is_open(number));
            }
        }
    }

    pub(crate) fn add_lane_block<'a>(&self, lane: &'a Lane, number: u32) -> Option<&'a Block> {
        let state = self.lock();
        state.positions.gate(number)?;
        let block = self.new_block(Purpose { kind: KIND_LANE, lane: lane.number, number })?;
        block.set_gate(state.is_open(number));
        lane.install(number, block)
    }

    fn add_native_block(&self, number: u32) -> Option<()> {
        if self.native_lane.block(number).is_none() {
            let block = self.new_block(Purpose { kind: KIND_NATIVE, lane: 0, number })?;
            self.native_lane.install(number, block);
        }
        Some(())
    }

    fn new_block(&self, purpose: Purpose) -> Option<Block> {
        let (block, refused) = self.segment.add_block(purpose);
        self.warn_of(refused);
        self.count_segment();
        block
    }

    fn first_record(&self) -> Record {
        Record::Service { name: self.service.clone(), resource: self.resource.clone() }
    }

    fn record(&self, state: &mut State, record: &Record) {
        let refused = state.schema.append(&self.segment, record);
        self.warn_of(refused);
    }

    fn warn_of(&self, refused: Option<FileError>) {
        if let Some(error) = refused {
            self.warn(
                "NANOMETER_MEMORY_ONLY",
                &format!("{error}; what is new is recorded in memory only"),
            );
        }
    }

    /// Tells the user something once, on the JavaScript side.
    pub fn warn(&self, code: &'static str, message: &str) {
        if self.warnings.add(code, message)
            && let Some(own) = self.own.get()
        {
            own.warnings.add(1);
        }
    }

    /// Warnings that nobody has taken yet.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.take()
    }

    fn count_lanes(&self, state: &State) {
        if let Some(own) = self.own.get() {
            let live = state.lanes.iter().filter(|lane| lane.state() == LANE_LIVE).count();
            own.lanes_live.set(live as f64);
            own.lanes_retired.set((state.lanes.len() - live) as f64);
        }
    }

    fn count_segment(&self) {
        if let Some(own) = self.own.get() {
            own.segment_size.set(self.segment.bytes() as f64);
        }
    }

    /// Gives up the segment's file and leaves the registry. Threads that still record do so into
    /// memory that nobody reads.
    pub fn close(&self) {
        crate::registry::forget(self);
        self.segment.unlink();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a defect, but the data are counters: serving on is right.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_open(&self, block: u32) -> bool {
        match self.positions.gate(block) {
            Some(Gate::Diagnostic) => self.level == Level::Diagnostic,
            _ => self.level != Level::Off,
        }
    }

    /// The schema as it would be if all that is defined now had been so from the start.
    fn describe(&self, first: &Record) -> Vec<Record> {
        let mut lines = vec![first.clone()];
        for (number, family) in (0..).zip(&self.families) {
            lines.push(Record::Family {
                definition: Arc::clone(&family.definition),
                native: family.native,
                overflow: family.overflow.as_ref().map(|place| place.range.position),
            });
            if family.definition.reserved && family.enabled {
                lines.push(Record::Enabled { family: number });
            }
            lines.extend(family.series.iter().map(|place| Record::Series {
                family: number,
                values: Arc::clone(&place.values),
                position: place.range.position,
            }));
        }
        lines
    }

    fn placement(&self, number: usize) -> Placement {
        let family = &self.families[number];
        let place = family.overflow.as_ref().or(family.series.first());
        Placement { family: number as u32, position: place.map_or(0, |place| place.range.position) }
    }

    /// Takes back what a thread that has ended had set, before another writes its lane.
    fn withdraw_readings(&self, lane: &Lane) {
        use crate::layout::GAUGE_STAMP;
        use crate::merge::Cells;
        let gauges = self.families.iter().filter(|family| {
            family.definition.kind == crate::definition::Kind::Gauge && !family.native
        });
        for place in gauges.flat_map(|family| family.series.iter().chain(&family.overflow)) {
            let Range { position, cells, .. } = place.range;
            let mut stamp = [0];
            if lane.load(position + GAUGE_STAMP, &mut stamp) && stamp[0] != 0 {
                lane.clear(position, cells);
            }
        }
    }
}

fn open_segment(options: &Options, identity: &Identity, warnings: &Warnings) -> Segment {
    let Some(directory) = &options.state_dir else {
        return Segment::in_memory(identity);
    };
    let file = directory::prepare(directory).and_then(|()| {
        directory::prune(directory);
        Segment::in_file(&directory::segment_path(directory, &options.service, identity), identity)
    });
    file.unwrap_or_else(|error| {
        warnings.add(
            "NANOMETER_MEMORY_ONLY",
            &format!(
                "{error}; everything is recorded in memory only and ends with the process \
                 (set the option stateDir, or stateDir: false to want it so)"
            ),
        );
        Segment::in_memory(identity)
    })
}
