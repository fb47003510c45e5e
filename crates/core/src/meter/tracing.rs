//! Tracing, as threads share it: settings, memory, texts, and the traces that are asked for.

use std::ptr::NonNull;

use super::{LaneGuard, Meter};
use crate::block::Block;
use crate::clock::wall_ms;
use crate::layout::spans::{KIND_EXPORT, KIND_FLIGHT, KIND_OPEN, SPANS_PER_BLOCK};
use crate::schema::Record;
use crate::segment::Purpose;
use crate::spans::{Desk, Scribe, SpanBlocks, TraceId, TracingOptions, TracingSettings};

/// Where a thread writes its spans; see [`crate::layout::spans`].
#[derive(Clone, Debug)]
pub struct SpanMemory {
    /// The block of the table of what is open.
    pub open: NonNull<u8>,
    /// The blocks of the export ring.
    pub exports: Vec<NonNull<u8>>,
    /// The blocks of the flight ring.
    pub flight: Vec<NonNull<u8>>,
}

impl Meter {
    /// Which traces are promoted now; `None` where nothing is traced at all.
    pub fn tracing(&self) -> Option<TracingSettings> {
        self.is_tracing().then(|| self.segment.tracing().settings())
    }

    /// Changes which traces are promoted, in all threads at once. Where nothing is traced, that
    /// stays so.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, and what is accepted; nothing has been changed then.
    pub fn set_tracing(&self, settings: &TracingSettings) -> Result<(), String> {
        settings.check()?;
        if self.is_tracing() {
            // Threads that set the same thing at once leave one of the settings whole.
            let _state = self.lock();
            self.segment.tracing().set(settings);
        }
        Ok(())
    }

    /// Where settings are, [`crate::layout::spans::TRACING_BYTES`] bytes: for the one place that
    /// hands them to JavaScript.
    pub fn tracing_memory(&self) -> NonNull<u8> {
        self.segment.tracing_base()
    }

    /// Writes down which Unix time the clock's 0 is, for who has nothing but the segment. To be
    /// called about every second.
    pub fn keep_wall_time(&self) {
        self.segment.tracing().set_wall_ms(wall_ms());
    }

    /// The number of a text, the same in all threads and for good; 0 where no more fit.
    pub fn trace_text(&self, text: &str) -> u32 {
        let mut state = self.lock();
        if let Some(number) = state.texts.number(text) {
            return number;
        }
        if state.schema.is_stale() {
            self.renew_schema(&mut state);
        }
        if !state.texts.takes(text) || !state.schema.has_room(text.len()) {
            return 0;
        }
        let number = state.texts.add(text.into());
        self.record(&mut state, &Record::Text(text.into()));
        number
    }

    /// Asks all threads to promote what they have of a trace, or will have while it is open.
    pub fn want_trace(&self, id: TraceId) {
        let _state = self.lock();
        self.segment.tracing().want(id);
    }

    pub(super) fn begin_tracing(&self, options: &TracingOptions) {
        let tracing = self.segment.tracing();
        tracing.set(&options.settings);
        if options.exemplars {
            tracing.enable_exemplars();
        }
        tracing.enable();
        self.keep_wall_time();
    }

    pub(super) fn is_tracing(&self) -> bool {
        self.flight_spans.is_some()
    }

    fn add_span_blocks<'a>(&self, lane: &'a crate::lane::Lane) -> Option<&'a SpanBlocks> {
        let flight_blocks = self.flight_spans?.div_ceil(SPANS_PER_BLOCK);
        let _state = self.lock();
        let block = |kind, number| self.new_block(Purpose { kind, lane: lane.number, number });
        let export = |number| block(KIND_EXPORT, number);
        let blocks = SpanBlocks {
            open: block(KIND_OPEN, 0)?,
            exports: [export(0)?, export(1)?, export(2)?, export(3)?],
            flight: (0..flight_blocks)
                .map(|number| block(KIND_FLIGHT, number))
                .collect::<Option<_>>()?,
        };
        Some(lane.install_spans(blocks))
    }
}

impl LaneGuard {
    /// What writes spans for this thread by what stands on a desk; `None` where it has no memory for
    /// spans, which [`LaneGuard::spans`] makes.
    ///
    /// # Safety
    ///
    /// The desk must stay where it is while the scribe is used, and both must be used by this thread
    /// alone, while it has the lane.
    pub unsafe fn scribe(&self, desk: *const Desk) -> Option<Scribe> {
        // SAFETY: the caller's promise.
        unsafe { Scribe::new(self.share_lane(), desk) }
    }

    /// Where this thread's spans go, made at first use: it stays there while the guard lives.
    /// `None` where nothing is traced, or the system has no memory left for it.
    pub fn spans(&self) -> Option<SpanMemory> {
        let blocks = match self.lane().spans() {
            Some(blocks) => blocks,
            None => {
                let blocks = self.meter().add_span_blocks(self.lane())?;
                self.meter().stir();
                blocks
            }
        };
        Some(SpanMemory {
            open: blocks.open.base(),
            exports: blocks.exports.iter().map(Block::base).collect(),
            flight: blocks.flight.iter().map(Block::base).collect(),
        })
    }
}
