//! Requests that are no larger than they may be, written item by item from the last to the first.
//!
//! ```text
//! request ─ of a resource ─ of a scope ─┬─ item                         a span
//!                                       └─ group ─ its data ─ item      a data point of a metric
//! ```
//!
//! An item that would make a request too large is taken back, and is the last of the request before
//! it. Each request has the resource and the scope, and of a group what its items need.

use std::ops::Range;

use bytes::Bytes;
use prost::Message;
use prost::encoding::encoded_len_varint;

use super::attributes::{resource_of, scope};
use super::backwards::Backwards;

// The fields of a request, of what it has of a resource, and of what that has of a scope: of both
// signals the same.
const OF_RESOURCE: u32 = 1;
const RESOURCE: u32 = 1;
const OF_SCOPE: u32 = 2;
const SCOPE: u32 = 1;
/// The metrics, or the spans, of a scope.
pub(super) const IN_SCOPE: u32 = 2;

/// The bytes of a key.
const KEY: usize = 1;

/// A request of its own, encoded.
#[derive(Debug)]
pub(super) struct Part {
    pub body: Bytes,
    /// Which items of the whole it has; never none.
    pub items: Range<usize>,
}

/// What stands around items that belong together.
#[derive(Debug)]
pub(super) struct Group {
    /// What comes before its data, encoded.
    pub head: Vec<u8>,
    /// The field of its data.
    pub data: u32,
    /// What comes after the items in its data, encoded.
    pub tail: Vec<u8>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Requests {
    max_bytes: usize,
    /// How many bytes are still to come, as far as is known.
    about: usize,
    resource: Vec<u8>,
    scope: Vec<u8>,
    group: Option<Group>,
    out: Backwards,
    /// Where the group begins in the request that is being written, once it has an item there.
    opened: Option<usize>,
    /// How many items that request has.
    items: usize,
    /// How many items there have been.
    told: usize,
    too_large: u64,
    /// Those that are written, the last first; their items are counted from the last.
    parts: Vec<Part>,
}

impl Requests {
    /// `resource`: a snapshot's; `about`: how many bytes there will be in all, as far as is known
    pub(super) fn new(resource: &[(String, String)], max_bytes: usize, about: usize) -> Requests {
        let field = |field, encoded: Vec<u8>| {
            let mut out = Backwards::with_room(encoded.len() + 8);
            out.bytes(field, &encoded);
            out.finish().into()
        };
        Requests {
            max_bytes,
            about,
            resource: field(RESOURCE, resource_of(resource).encode_to_vec()),
            scope: field(SCOPE, scope().encode_to_vec()),
            group: None,
            out: Backwards::with_room(about.min(max_bytes)),
            opened: None,
            items: 0,
            told: 0,
            too_large: 0,
            parts: Vec::new(),
        }
    }

    /// What comes is in that group, until the next.
    pub(super) fn begin(&mut self, group: Group) {
        self.end();
        self.group = Some(group);
    }

    /// Writes the item that comes before all that are written.
    ///
    /// `write`: may be called twice
    pub(super) fn item(&mut self, write: impl Fn(&mut Backwards)) {
        self.told += 1;
        loop {
            let (written, opened) = (self.out.len(), self.opened);
            if let (Some(group), None) = (&self.group, opened) {
                self.opened = Some(written);
                self.out.raw(&group.tail);
            }
            write(&mut self.out);
            if self.whole() <= self.max_bytes {
                self.items += 1;
                return;
            }
            self.out.take_back(written);
            self.opened = opened;
            if self.items == 0 {
                self.too_large += 1;
                return;
            }
            self.close(self.told - 1);
        }
    }

    /// The requests in order, and how many items are in none, because each alone is larger.
    pub(super) fn finish(mut self) -> (Vec<Part>, u64) {
        self.close(self.told);
        let told = self.told;
        let forwards =
            |Part { body, items }| Part { body, items: told - items.end..told - items.start };
        (self.parts.into_iter().rev().map(forwards).collect(), self.too_large)
    }

    /// How many bytes the request has if it has no more items.
    fn whole(&self) -> usize {
        let wrapped = |bytes: usize| KEY + encoded_len_varint(bytes as u64) + bytes;
        let mut bytes = self.out.len();
        if let (Some(group), Some(mark)) = (&self.group, self.opened) {
            bytes = mark + wrapped(wrapped(bytes - mark) + group.head.len());
        }
        wrapped(wrapped(bytes + self.scope.len()) + self.resource.len())
    }

    /// Ends the group where it is open.
    fn end(&mut self) {
        if let (Some(group), Some(mark)) = (&self.group, self.opened.take()) {
            self.out.wrap(group.data, mark);
            self.out.raw(&group.head);
            self.out.wrap(IN_SCOPE, mark);
        }
    }

    /// Ends the request, if there is anything in it.
    ///
    /// `told`: how many items there have been by then
    fn close(&mut self, told: usize) {
        self.end();
        if self.items == 0 {
            return;
        }
        self.out.raw(&self.scope);
        self.out.wrap(OF_SCOPE, 0);
        self.out.raw(&self.resource);
        self.out.wrap(OF_RESOURCE, 0);
        self.about = self.about.saturating_sub(self.out.len());
        let next = Backwards::with_room(self.about.min(self.max_bytes));
        let body = std::mem::replace(&mut self.out, next).finish();
        self.parts.push(Part { body, items: told - self.items..told });
        self.items = 0;
    }
}
