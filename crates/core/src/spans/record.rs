//! A span as its slot has it: numbers, and text that nobody has read yet.

use super::data::{PromotionReason, SpanKind, SpanStatus};
use super::ids::{SpanId, TraceId};
use crate::layout::spans::{
    REASON_EXEMPLAR, SPAN_AMOUNT, SPAN_CELLS, SPAN_COMPONENT, SPAN_DURATION, SPAN_FLOW, SPAN_FORM,
    SPAN_ID, SPAN_NAME, SPAN_PARENT, SPAN_SEQUENCE, SPAN_START, SPAN_TEXT_SLOTS, SPAN_TRACE,
    SPAN_TRACE_FLAGS,
};

/// Beside the flags of the trace: the span's parent came from another process. OTLP's number.
const REMOTE_PARENT: u32 = 0x200;

/// A copied span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub cells: [u64; SPAN_CELLS as usize],
    /// JSON, as the thread wrote it.
    pub text: Box<[u8]>,
}

impl Record {
    pub(crate) fn word(&self, word: u32) -> u32 {
        (self.cells[(word / 2) as usize] >> (word % 2 * 32)) as u32
    }

    fn words<const N: usize>(&self, first: u32) -> [u32; N] {
        std::array::from_fn(|index| self.word(first + index as u32))
    }

    fn number(&self, cell: u32) -> f64 {
        f64::from_bits(self.cells[cell as usize])
    }

    pub(crate) fn trace_id(&self) -> TraceId {
        TraceId::of_words(self.words(SPAN_TRACE))
    }

    pub(crate) fn span_id(&self) -> SpanId {
        SpanId::of_words(self.words(SPAN_ID))
    }

    pub(crate) fn parent_id(&self) -> Option<SpanId> {
        Some(SpanId::of_words(self.words(SPAN_PARENT))).filter(|id| id.0 != 0)
    }

    /// Those of its trace, by W3C.
    pub(crate) fn trace_flags(&self) -> u8 {
        self.word(SPAN_TRACE_FLAGS).to_le_bytes()[0]
    }

    pub(crate) fn is_parent_remote(&self) -> bool {
        self.word(SPAN_TRACE_FLAGS) & REMOTE_PARENT != 0
    }

    fn form_byte(&self, byte: usize) -> u8 {
        self.word(SPAN_FORM).to_le_bytes()[byte]
    }

    pub(crate) fn form(&self) -> u32 {
        self.form_byte(0).into()
    }

    pub(crate) fn kind(&self) -> SpanKind {
        SpanKind::of(self.form_byte(1))
    }

    pub(crate) fn status(&self) -> SpanStatus {
        SpanStatus::of(self.form_byte(2))
    }

    /// Why it was promoted, where this is the promoted copy.
    pub(crate) fn reason(&self) -> Option<PromotionReason> {
        PromotionReason::of(self.form_byte(3))
    }

    /// The same, promoted because an exemplar names its trace.
    pub(crate) fn for_exemplar(mut self) -> Record {
        let form = u64::from(self.word(SPAN_FORM) & 0x00ff_ffff | REASON_EXEMPLAR << 24);
        let (cell, shift) = ((SPAN_FORM / 2) as usize, SPAN_FORM % 2 * 32);
        self.cells[cell] = self.cells[cell] & !(0xffff_ffff << shift) | form << shift;
        self
    }

    pub(crate) fn name(&self) -> u32 {
        self.word(SPAN_NAME)
    }

    pub(crate) fn flow(&self) -> u32 {
        self.word(SPAN_FLOW)
    }

    pub(crate) fn component(&self) -> u32 {
        self.word(SPAN_COMPONENT)
    }

    pub(crate) fn start_ns(&self) -> f64 {
        self.number(SPAN_START)
    }

    /// Never negative, whatever the clock did.
    pub(crate) fn duration_ns(&self) -> f64 {
        Some(self.number(SPAN_DURATION)).filter(|ns| ns.is_finite()).map_or(0.0, |ns| ns.max(0.0))
    }

    pub(crate) fn sequence(&self) -> f64 {
        self.number(SPAN_SEQUENCE)
    }

    pub(crate) fn amount(&self) -> f64 {
        self.number(SPAN_AMOUNT)
    }

    pub(crate) fn text_slots(&self) -> u32 {
        self.word(SPAN_TEXT_SLOTS)
    }
}
