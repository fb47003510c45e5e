//! Definitions: checked, given their cells, written into the schema.

use std::sync::Arc;

use super::{Meter, State};
use crate::definition::{Definition, Derive, Kind};
use crate::derive::refusal;
use crate::error::DefineError;
use crate::family::{Family, SeriesPlace, Values, combinations};
use crate::layout::CELLS_PER_BLOCK;
use crate::positions::{Gate, Range};
use crate::schema::{MAX_SCHEMA_BYTES, Record};

/// Where a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Names the family in later calls.
    pub family: u32,
    /// The position of the unlabelled series; of the overflow series where there are labels. 0
    /// for a derived metric, which has no cells.
    pub position: u32,
}

/// The cells of a definition that is about to be made; dropped, they are free again.
struct Plan {
    overflow: Option<Range>,
    series: Vec<(Values, Range)>,
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
        state.check_operands(&definition)?;
        let plan = self.plan(&mut state, &definition, native)?;
        Ok(self.install(&mut state, definition, native, plan))
    }

    /// Takes all ranges that a definition needs; those taken go back when one is missing.
    fn plan(
        &self,
        state: &mut State,
        definition: &Definition,
        native: bool,
    ) -> Result<Plan, DefineError> {
        let full = || DefineError::Capacity {
            name: definition.name.clone(),
            what: format!(
                "a thread's {} bytes are taken; raise the option maxLaneBytes",
                self.max_lane_bytes
            ),
        };
        let series = match &definition.values {
            Some(lists) if definition.kind != Kind::Derived => {
                let count = lists.iter().try_fold(1usize, |all, list| all.checked_mul(list.len()));
                let most = self.max_lane_bytes / 8 / definition.cells() as usize;
                if count.is_none_or(|count| count > most) {
                    return Err(full());
                }
                combinations(lists)
            }
            _ if definition.kind == Kind::Derived => Vec::new(),
            None if definition.labels.is_empty() => vec![Values::default()],
            _ => Vec::new(),
        };
        let bytes = serde_json::to_vec(definition).map_or(0, |json| json.len());
        let label_bytes: usize =
            series.iter().flat_map(|values| values.iter()).map(|v| v.len() + 64).sum();
        if !state.schema.has_room(bytes + label_bytes) {
            return Err(DefineError::Capacity {
                name: definition.name.clone(),
                what: format!(
                    "what names the resource and describes all metrics and series takes \
                     {MAX_SCHEMA_BYTES} bytes at most"
                ),
            });
        }
        let overflow = match definition.labels.is_empty() || definition.kind == Kind::Derived {
            true => None,
            false => Some(self.take(state, definition, native).ok_or_else(full)?),
        };
        let mut take = |values| Some((values, self.take(state, definition, native)?));
        let series: Option<Vec<_>> = series.into_iter().map(&mut take).collect();
        Ok(Plan { overflow, series: series.ok_or_else(full)? })
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
        plan: Plan,
    ) -> Placement {
        let number = state.families.len();
        let mut family = Family::new(definition, native);
        family.overflow =
            plan.overflow.map(|range| Arc::new(SeriesPlace { values: Values::default(), range }));
        self.record(state, &family.record());
        for (values, range) in plan.series {
            self.record_series(state, number as u32, range.position, &values);
            family.insert(values, range);
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
    /// That a derived metric fits those of its operands that are there already.
    fn check_operands(&self, definition: &Definition) -> Result<(), DefineError> {
        let Some(Derive { numerator, denominator, .. }) = &definition.derive else {
            return Ok(());
        };
        let operands = self.families.iter().map(|family| &family.definition);
        let mut operands =
            operands.filter(|operand| [numerator, denominator].contains(&&operand.name));
        match operands.find_map(|operand| refusal(definition, operand)) {
            Some(what) => Err(DefineError::Invalid { name: definition.name.clone(), what }),
            None => Ok(()),
        }
    }

    fn placement(&self, number: usize) -> Placement {
        let family = &self.families[number];
        let place = family.overflow.as_ref().or(family.series.first());
        Placement { family: number as u32, position: place.map_or(0, |place| place.range.position) }
    }
}
