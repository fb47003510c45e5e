//! Definitions: checked, given their cells, written into the schema.

use std::sync::Arc;

use super::{Meter, State};
use crate::definition::Definition;
use crate::error::DefineError;
use crate::family::{Family, SeriesPlace, Values, combinations};
use crate::layout::CELLS_PER_BLOCK;
use crate::positions::{Gate, Range};
use crate::schema::Record;

/// Where a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Names the family in later calls.
    pub family: u32,
    /// The position of the unlabelled series; of the overflow series where there are labels.
    pub position: u32,
}

impl Meter {
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
        definition
            .check()
            .map_err(|what| DefineError::Invalid { name: definition.name.clone(), what })?;
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

    pub(super) fn take(
        &self,
        state: &mut State,
        definition: &Definition,
        native: bool,
    ) -> Option<Range> {
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
}

impl State {
    fn placement(&self, number: usize) -> Placement {
        let family = &self.families[number];
        let place = family.overflow.as_ref().or(family.series.first());
        Placement { family: number as u32, position: place.map_or(0, |place| place.range.position) }
    }
}
