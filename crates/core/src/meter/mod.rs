//! A meter: one service's segment, schema and lanes in this process, behind one lock.
//!
//! May be used from any thread. The lock is held for definitions, binding, attaching and changes
//! of level, never while cells are read: a snapshot takes what it needs under the lock, in time
//! that grows with the number of families only, and reads afterwards.

mod bind;
mod define;
pub(crate) mod events;
#[cfg(all(test, not(loom)))]
mod exemplar_tests;
pub(crate) mod exemplars;
mod guard;
mod hooks;
mod lanes;
mod levels;
mod native;
mod own;
pub(crate) mod take;
mod traces;
pub(crate) mod tracing;
mod values;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::Deserialize;

use crate::directory;
use crate::error::{FileError, OpenError};
use crate::family::{Family, Values};
use crate::lane::Lane;
use crate::layout::{BLOCK_BYTES, LANE_LIVE};
use crate::level::Level;
use crate::positions::Positions;
use crate::process::Identity;
use crate::schema::{Record, SchemaLog};
use crate::segment::Segment;
use crate::spans::{Store, Texts, TracingOptions};
use crate::warning::{Warning, Warnings};

pub use define::Placement;
pub use guard::LaneGuard;
use hooks::Hooks;
use levels::{Lease, StirListener};
use own::OwnMetrics;

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
    /// How tracing begins; `None` for no tracing.
    pub tracing: Option<TracingOptions>,
}

/// One service's metrics in this process.
#[derive(Debug)]
pub struct Meter {
    pub(crate) service: String,
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) identity: Identity,
    max_lane_bytes: usize,
    /// The least spans of a flight ring; `None` where nothing is traced.
    flight_spans: Option<u32>,
    segment: Segment,
    pub(crate) native_lane: Arc<Lane>,
    state: Mutex<State>,
    /// Promoted spans. Locked before the state where both are.
    spans: Mutex<Store>,
    own: OnceLock<OwnMetrics>,
    warnings: Warnings,
    stir_listener: OnceLock<StirListener>,
    hooks: Hooks,
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
    texts: Texts,
    lease: Option<Lease>,
    /// Threads that have a lane now.
    live: Vec<u64>,
    next_tenancy: u64,
    /// Series whose removal waits for a thread that holds them.
    unwanted: HashSet<(u32, Values)>,
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
        if let Some(tracing) = &options.tracing {
            tracing.check()?;
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
            flight_spans: options.tracing.map(|tracing| tracing.flight_spans),
            segment,
            native_lane: Arc::new(Lane::new(0, NATIVE_BLOCKS)),
            state: Mutex::new(State {
                families: Vec::new(),
                lanes: Arc::default(),
                level: options.level,
                positions: Positions::new(max_blocks as u32),
                native_positions: Positions::new(NATIVE_BLOCKS),
                schema: SchemaLog::new(),
                texts: Texts::default(),
                lease: None,
                live: Vec::new(),
                next_tenancy: 1,
                unwanted: HashSet::new(),
            }),
            spans: Mutex::default(),
            own: OnceLock::new(),
            warnings,
            stir_listener: OnceLock::new(),
            hooks: Hooks::default(),
        });
        meter.segment.set_level(options.level);
        if let Some(tracing) = &options.tracing {
            meter.begin_tracing(tracing);
        }
        meter.record(&mut meter.lock(), &meter.first_record());
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

    /// Resource attributes in OpenTelemetry's names.
    pub fn resource(&self) -> &[(String, String)] {
        &self.resource
    }

    /// The segment's file, if it has one.
    pub fn segment_path(&self) -> Option<PathBuf> {
        self.segment.path().map(PathBuf::from)
    }

    fn first_record(&self) -> Record {
        Record::Service { name: self.service.clone(), resource: self.resource.clone() }
    }

    fn record(&self, state: &mut State, record: &Record) {
        let refused = state.schema.add(&self.segment, record);
        state.schema.publish(&self.segment);
        self.warn_of(refused);
    }

    fn record_series(&self, state: &mut State, family: u32, position: u32, values: &Values) {
        let refused = state.schema.add_series(&self.segment, family, position, values);
        state.schema.publish(&self.segment);
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

    /// As [`Meter::warn`], however often that has been said: for who says it rarely.
    pub fn warn_again(&self, code: &'static str, message: &str) {
        if self.warnings.add_again(code, message)
            && let Some(own) = self.own.get()
        {
            own.warnings.add(1);
        }
    }

    /// Warnings that nobody has taken yet.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.take()
    }

    fn count_segment(&self) {
        if let Some(own) = self.own.get() {
            own.segment_size.set(self.segment.bytes() as f64);
        }
    }

    /// Gives up the segment's file; see [`crate::registry::close`]. Threads that still record do so
    /// into memory that nobody reads.
    pub(crate) fn give_up_file(&self) {
        self.segment.unlink();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a defect, but the data are counters: serving on is right.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
