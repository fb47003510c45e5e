//! What a merge needs of a lane, living or copied.

/// Cells that can be read: those of one lane.
pub(crate) trait Cells {
    /// Whether a thread writes them now.
    fn is_live(&self) -> bool;
    /// Copies the cells from a position on; false where the lane has no such block.
    fn load(&self, position: u32, cells: &mut [u64]) -> bool;
}
