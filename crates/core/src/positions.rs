//! Hands out positions: ranges of cells that never cross a block, the same in every lane.
//!
//! Diagnostic metrics get blocks of their own, so that one gate answers for all of a block.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::layout::{BLOCK_HEADER_CELLS, CELLS_PER_BLOCK};
use crate::level::Level;

/// Which gate a block has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Gate {
    /// Open unless the level is off.
    Production,
    /// Open at the diagnostic level only.
    Diagnostic,
}

impl Gate {
    /// What the gate's cell holds at a level. In a production block it is the level's number, so
    /// that a handle there can tell diagnostic from production without another load.
    pub(crate) fn at(self, level: Level) -> f64 {
        let number = f64::from(level.to_word());
        match self {
            Gate::Production => number,
            Gate::Diagnostic => number - 1.0,
        }
    }
}

/// A range of cells. Its owner dropped, the range can be handed out again.
#[derive(Debug)]
pub(crate) struct Range {
    pub position: u32,
    pub cells: u32,
    gate: Gate,
    freed: Arc<Mutex<Freed>>,
}

type Freed = HashMap<(Gate, u32), Vec<u32>>;

impl Drop for Range {
    fn drop(&mut self) {
        let mut freed = self.freed.lock().unwrap_or_else(PoisonError::into_inner);
        freed.entry((self.gate, self.cells)).or_default().push(self.position);
    }
}

/// The ranges of one kind of lane.
#[derive(Debug)]
pub(crate) struct Positions {
    gates: Vec<Gate>,
    open: [Option<u32>; 2],
    max_blocks: u32,
    freed: Arc<Mutex<Freed>>,
}

impl Positions {
    pub(crate) fn new(max_blocks: u32) -> Positions {
        Positions { gates: Vec::new(), open: [None; 2], max_blocks, freed: Arc::default() }
    }

    /// A range that nobody has; `true` with one that somebody had, whose cells are to be cleared.
    /// `None` when all blocks are taken.
    pub(crate) fn take(&mut self, gate: Gate, cells: u32) -> Option<(Range, bool)> {
        let freed = {
            let mut freed = self.freed.lock().unwrap_or_else(PoisonError::into_inner);
            freed.get_mut(&(gate, cells)).and_then(Vec::pop)
        };
        let used = freed.is_some();
        let position = match freed {
            Some(position) => position,
            None => self.advance(gate, cells)?,
        };
        Some((Range { position, cells, gate, freed: Arc::clone(&self.freed) }, used))
    }

    fn advance(&mut self, gate: Gate, cells: u32) -> Option<u32> {
        let slot = gate as usize;
        if let Some(next) = self.open[slot]
            && next % CELLS_PER_BLOCK + cells <= CELLS_PER_BLOCK
            && next % CELLS_PER_BLOCK != 0
        {
            self.open[slot] = Some(next + cells);
            return Some(next);
        }
        let block = self.gates.len() as u32;
        if block >= self.max_blocks || cells > CELLS_PER_BLOCK - BLOCK_HEADER_CELLS {
            return None;
        }
        self.gates.push(gate);
        let first = block * CELLS_PER_BLOCK + BLOCK_HEADER_CELLS;
        self.open[slot] = Some(first + cells);
        Some(first)
    }

    /// The gate of a block; `None` for a block that holds nothing.
    pub(crate) fn gate(&self, block: u32) -> Option<Gate> {
        self.gates.get(block as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_disjoint_inside_a_block_and_behind_their_own_gate(
            wishes in prop::collection::vec((any::<bool>(), 1u32..3_000), 1..60),
        ) {
            let mut positions = Positions::new(64);
            let mut taken = std::collections::HashSet::new();
            let mut kept = Vec::new();
            for (diagnostic, cells) in wishes {
                let gate = if diagnostic { Gate::Diagnostic } else { Gate::Production };
                let Some((range, used)) = positions.take(gate, cells) else { break };
                prop_assert!(!used);
                let block = range.position / CELLS_PER_BLOCK;
                prop_assert_eq!(positions.gate(block), Some(gate));
                prop_assert!(range.position % CELLS_PER_BLOCK >= BLOCK_HEADER_CELLS);
                prop_assert_eq!((range.position + cells - 1) / CELLS_PER_BLOCK, block);
                for cell in range.position..range.position + cells {
                    prop_assert!(taken.insert(cell), "cell {} handed out twice", cell);
                }
                kept.push(range);
            }
        }
    }

    #[test]
    fn a_dropped_range_is_handed_out_again_and_called_used() {
        let mut positions = Positions::new(1);
        let (range, used) = positions.take(Gate::Production, 29).expect("room");
        let position = range.position;
        assert!(!used);
        drop(range);
        let (again, used) = positions.take(Gate::Production, 29).expect("room");
        assert_eq!((again.position, used), (position, true));
    }

    #[test]
    fn a_full_lane_refuses() {
        let mut positions = Positions::new(1);
        assert!(positions.take(Gate::Production, 8_184).is_some_and(|_| true));
        let _kept = positions.take(Gate::Production, 8_184);
        assert!(positions.take(Gate::Production, 1).is_none());
        assert!(positions.take(Gate::Diagnostic, 1).is_none());
    }
}
