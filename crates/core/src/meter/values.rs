//! Single values, read straight into the caller's memory.

use crate::clock;
use crate::layout::{BLOCK_HEADER_CELLS, CELLS_PER_BLOCK};
use crate::merge::number;
use crate::meter::Meter;

impl Meter {
    /// Reads series of JavaScript lanes that are one number each, merged across lanes: of a counter
    /// its sum, of a gauge its reading, of a state its index. `pairs` names each by its family and
    /// its position; `write` gets the index of the pair and the value, NaN where the pair names
    /// nothing of that sort.
    ///
    /// All are read at one time, under the meter's lock: nothing is defined, bound or removed
    /// meanwhile. Allocates nothing; takes some 10 ns for each pair and lane.
    pub fn read_values(&self, pairs: &[[u32; 2]], mut write: impl FnMut(usize, f64)) {
        let now_ns = clock::now_ns();
        let state = self.lock();
        for (index, [family, position]) in pairs.iter().enumerate() {
            let family = state.families.get(*family as usize).filter(|family| !family.native);
            let value = family.and_then(|family| {
                let definition = &family.definition;
                let first = position % CELLS_PER_BLOCK;
                let fits =
                    first >= BLOCK_HEADER_CELLS && first + definition.cells() <= CELLS_PER_BLOCK;
                let lanes = state.lanes.iter().map(AsRef::as_ref);
                if fits { number(definition, *position, lanes, now_ns) } else { None }
            });
            write(index, value.unwrap_or(f64::NAN));
        }
    }
}
