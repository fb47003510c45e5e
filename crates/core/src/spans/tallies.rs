//! The tallies of a scribe, by the numbers that orders have for them, from 1 on.

use std::ptr::NonNull;
use std::sync::Arc;

use super::buckets::Buckets;
use super::tally::{Part, Tally};
use crate::lane::Lane;
use crate::layout::desk::MOST_TALLIES;

/// See the file.
#[derive(Default)]
pub(super) struct Tallies {
    all: Vec<Option<Tally>>,
    /// Numbers that were given back.
    free: Vec<u32>,
}

impl Tallies {
    /// One over these bounds: its number; 0 where no order could name it. See
    /// [`super::Scribe::add_tally`].
    pub(super) fn add(&mut self, bounds: &[f64], most_ns: f64) -> u32 {
        if self.free.is_empty() {
            if self.all.len() == MOST_TALLIES as usize {
                return 0;
            }
            self.all.push(None);
            self.free.push(self.all.len() as u32);
        }
        let known = self.all.iter().flatten().find_map(|tally| tally.shares(bounds));
        let buckets = known.unwrap_or_else(|| Arc::new(Buckets::new(bounds)));
        let number = self.free.pop().unwrap_or(0);
        if let Some(place) = self.all.get_mut((number as usize).wrapping_sub(1)) {
            *place = Some(Tally::new(buckets, most_ns));
        }
        number
    }

    /// See [`super::Scribe::place_tally`].
    ///
    /// # Safety
    ///
    /// The tally must not be used once the lane is gone.
    pub(super) unsafe fn place(
        &mut self,
        number: u32,
        lane: &Lane,
        part: Part,
        base: NonNull<u8>,
        first: usize,
    ) {
        if let Some(Some(tally)) = self.all.get_mut((number as usize).wrapping_sub(1)) {
            // SAFETY: the caller's promise.
            unsafe { tally.place(lane, part, base, first) };
        }
    }

    /// It records nothing any more, and its number may become another's.
    pub(super) fn remove(&mut self, number: u32) {
        let place = self.all.get_mut((number as usize).wrapping_sub(1));
        if place.is_some_and(|place| place.take().is_some()) {
            self.free.push(number);
        }
    }

    /// That of a number, if there is one.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Tally> {
        self.all.get((number as usize).wrapping_sub(1))?.as_ref()
    }
}
