//! The layout of the desk: what a thread of JavaScript says of a span to the scribe that writes it,
//! in memory of the thread's own that nobody else sees. See [`crate::spans::Scribe`].
//!
//! ```text
//! bell   word  2   beside the clock's cell, which is cell 0: 0, or an order and whose it is
//!
//! desk   word  0   entry      of the open table, below 511: the local trace
//!              1   word       of the entry, as its holder knows it; 0 where that is still the same
//!              2   id         what is added to the root's id
//!              3   form       of the span, with kind and status
//!              4   parent     the same as `id`, or -1: that of the root
//!              5   component  a text's number
//!              6   name       a text's number
//!              7   marks      of the entry, which the thread keeps for itself
//!              8   flow       a text's number
//!              9   flags      of the trace
//!              10  decision   of a local trace that is opened
//!              11  outcome    bits, of what was written
//!              12  ids        8 words: of the trace, of its root, of what is above that
//!        cell  10  start      nanoseconds of the clock
//!              11  duration   nanoseconds
//!              12  sequence   which invocation, transfer or copy it is
//!              13  amount     bytes, where the form has some
//! ```
//!
//! Words that end up in one cell of a slot are kept apart here: two stores of four bytes that are
//! loaded as eight stall a processor for 5 ns.

use super::spans::shared;

shared! {
    /// Word, behind the clock's cell, of the order that is given with the next reading.
    BELL_ORDER = 2;
    /// How far the number of the scribe that an order is for is shifted left in it.
    BELL_SCRIBE_SHIFT = 8;
    /// How far the number of the tally that goes with an order is shifted left in it; 0 is none.
    BELL_TALLY_SHIFT = 18;
    /// The most tallies of a scribe.
    MOST_TALLIES = 16383;
    /// The most scribes of a thread, whose numbers go from 1 on; all bits of a number.
    MOST_SCRIBES = 1023;
    /// Bytes of the clock's cell and the bell.
    BELL_BYTES = 64;
    /// Order: open a local trace that begins now.
    ORDER_OPEN = 1;
    /// Order: a component begins to work now.
    ORDER_ENTER = 2;
    /// Order: it ends now, and well, if its local trace has not been given up.
    ORDER_LEAVE = 3;
    /// Order: a span ends now.
    ORDER_END = 4;
    /// Order: a span is over, and has the duration that stands on the desk; the clock is not read.
    ORDER_WRITE = 5;
    /// Bits of an order that say which it is.
    ORDER_MASK = 127;
    /// Bit of the order that leaves the clock unread.
    ORDER_UNTIMED = 128;
    /// Outcome: the local trace is decided.
    OUTCOME_DECIDED = 1;
    /// Outcome: all spans of the local trace have ended.
    OUTCOME_OVER = 2;
    /// Outcome: the local trace has been given up.
    OUTCOME_GONE = 4;
    /// Outcome: what was tallied took longer than is usual.
    OUTCOME_SLOW = 8;
    /// Bytes of a desk.
    DESK_BYTES = 112;
    /// Word of the entry.
    DESK_ENTRY = 0;
    /// Word of the entry's word.
    DESK_WORD = 1;
    /// Word of the span's id, less the root's.
    DESK_ID = 2;
    /// Word of form, kind and status.
    DESK_FORM = 3;
    /// Word of its parent's id, less the root's; -1: the root's parent.
    DESK_PARENT = 4;
    /// Word of the component's number.
    DESK_COMPONENT = 5;
    /// Word of the name's number.
    DESK_NAME = 6;
    /// Word of the entry's marks.
    DESK_MARKS = 7;
    /// Word of the flow's number.
    DESK_FLOW = 8;
    /// Word of the trace flags.
    DESK_FLAGS = 9;
    /// Word of the decision.
    DESK_DECISION = 10;
    /// Word of the outcome.
    DESK_OUTCOME = 11;
    /// First word of the ids: trace, root, and what is above it.
    DESK_IDS = 12;
    /// Cell of the start.
    DESK_START = 10;
    /// Cell of the duration.
    DESK_DURATION = 11;
    /// Cell of the sequence number.
    DESK_SEQUENCE = 12;
    /// Cell of the amount.
    DESK_AMOUNT = 13;
}
