//! Series of label families: bound, given up, and what happens when there is no room.

use std::sync::Arc;

use super::{Meter, State};
use crate::family::{Released, SeriesPlace, Values, key};
use crate::schema::{MAX_SCHEMA_BYTES, Record};

impl Meter {
    pub(crate) fn bind(&self, tenancy: u64, family: u32, values: &[String]) -> Option<u32> {
        let values_key = key(values);
        let mut state = self.lock();
        let known = state.families.get_mut(family as usize)?;
        if let Some(position) = known.hold(tenancy, &values_key) {
            return Some(position);
        }
        if self.add_series(&mut state, family, values, values_key.clone()).is_some() {
            return state.families[family as usize].hold(tenancy, &values_key);
        }
        drop(state);
        self.count_overflow(family, 1);
        None
    }

    /// The position of a series that no thread holds, made at first use; `None` where the family is
    /// full, which is counted.
    pub(super) fn series_of(&self, family: u32, values: &[String]) -> Option<u32> {
        let key = key(values);
        let mut state = self.lock();
        let known = state.families.get(family as usize)?.position(&key);
        let position = known.or_else(|| self.add_series(&mut state, family, values, key));
        drop(state);
        if position.is_none() {
            self.count_overflow(family, 1);
        }
        position
    }

    /// Counts label sets that went to a family's overflow series.
    pub fn count_overflow(&self, family: u32, times: u64) {
        if let Some(family) = self.lock().families.get_mut(family as usize) {
            family.overflowed += times;
        }
        if let Some(own) = self.own.get() {
            own.series_overflowed.add(times);
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
            self.renew_schema(state);
        }
        let has_room = state.schema.has_room(bytes);
        let range = if has_room { self.take(state, &definition, native) } else { None };
        let Some(range) = range else {
            let why = match has_room {
                true => format!("raise the option maxLaneBytes ({} now)", self.max_lane_bytes),
                false => format!("the label values of all series take {MAX_SCHEMA_BYTES} bytes"),
            };
            self.warn(
                "NANOMETER_CAPACITY",
                &format!(
                    "metric '{}' has no room for another series and counts it in its overflow \
                     series; {why}",
                    definition.name
                ),
            );
            return None;
        };
        let position = state.families[number as usize].insert(Arc::clone(&values_key), range);
        self.record_series(state, number, position, &values_key);
        Some(position)
    }

    pub(crate) fn release(&self, tenancy: u64, family: u32, values: &[String]) -> bool {
        let mut state = self.lock();
        if family as usize >= state.families.len() {
            return false;
        }
        self.release_held(&mut state, tenancy, family, key(values))
    }

    pub(super) fn release_held(
        &self,
        state: &mut State,
        tenancy: u64,
        family: u32,
        values: Values,
    ) -> bool {
        let State { families, live, .. } = &mut *state;
        let is_live = |tenancy| live.contains(&tenancy);
        match families[family as usize].release(&values, tenancy, is_live) {
            Released::Unknown => false,
            Released::StillHeld => {
                state.unwanted.insert((family, values));
                false
            }
            Released::Gone { position } => {
                self.record(state, &Record::Removed { family, position });
                true
            }
        }
    }

    /// Writes the schema as if all that is defined now had been so from the start.
    pub(super) fn renew_schema(&self, state: &mut State) {
        let segment = &self.segment;
        let State { schema, families, texts, .. } = state;
        let refused = schema.renew(segment, |schema| {
            let mut refused = schema.add(segment, &self.first_record());
            for text in texts.list().iter() {
                refused = refused.or(schema.add(segment, &Record::Text(Arc::clone(text))));
            }
            for (number, family) in (0..).zip(families) {
                refused = refused.or(schema.add(segment, &family.record()));
                if family.definition.reserved && family.enabled {
                    refused = refused.or(schema.add(segment, &Record::Enabled { family: number }));
                }
                for SeriesPlace { values, range } in family.series.iter().map(Arc::as_ref) {
                    let added = schema.add_series(segment, number, range.position, values);
                    refused = refused.or(added);
                }
            }
            refused
        });
        self.warn_of(refused);
    }
}
