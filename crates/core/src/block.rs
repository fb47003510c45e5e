//! One block of mapped memory; nothing here knows what its cells mean.
//!
//! The memory is written by one JavaScript thread (or by native code) and read by others at the
//! same time, so Rust touches it through atomics on raw pointers and never forms a slice over it.
//! A block stays mapped, at one address, until it is dropped.

use std::os::fd::BorrowedFd;
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use crate::atomic::Ordering::Relaxed;
use crate::atomic::fixed::{AtomicU32, AtomicU64};
use crate::layout::{BLOCK_BYTES, CELL_BYTES, CELLS_PER_BLOCK, GATE};

/// 64 KiB of mapped memory, zero when new, aligned to a page.
#[derive(Debug)]
pub struct Block {
    base: NonNull<u8>,
}

// SAFETY: all access goes through atomics; the mapping is owned by this value alone.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    /// Maps a block of a file, which must have that space allocated.
    pub(crate) fn of_file(file: BorrowedFd<'_>, offset: u64) -> rustix::io::Result<Block> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice; nothing aliases it.
        let base = unsafe {
            mmap(std::ptr::null_mut(), BLOCK_BYTES, access, MapFlags::SHARED, file, offset)
        }?;
        Ok(Block { base: NonNull::new(base.cast()).ok_or(rustix::io::Errno::NOMEM)? })
    }

    /// A block of memory only.
    pub(crate) fn of_memory() -> rustix::io::Result<Block> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: as in `of_file`.
        let base = unsafe {
            mmap_anonymous(std::ptr::null_mut(), BLOCK_BYTES, access, MapFlags::PRIVATE)
        }?;
        Ok(Block { base: NonNull::new(base.cast()).ok_or(rustix::io::Errno::NOMEM)? })
    }

    /// Where the block is: for the one place that hands it to JavaScript. Valid while it lives.
    pub fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The cell of that index, as bits.
    pub(crate) fn cell(&self, index: u32) -> &AtomicU64 {
        assert!(index < CELLS_PER_BLOCK, "cell {index} is outside its block");
        self.u64_at(index as usize * CELL_BYTES)
    }

    /// Sets the block's gate: above zero, it records.
    pub(crate) fn set_gate(&self, gate: f64) {
        self.cell(GATE).store(gate.to_bits(), Relaxed);
    }

    /// The eight bytes at that offset.
    pub(crate) fn u64_at(&self, offset: usize) -> &AtomicU64 {
        assert!(
            offset.is_multiple_of(8) && offset + 8 <= BLOCK_BYTES,
            "offset {offset} is outside the block"
        );
        // SAFETY: in bounds and aligned, by the check above, of memory that lives as long as self
        // and is reached through atomics only.
        unsafe { AtomicU64::from_ptr(self.base.as_ptr().add(offset).cast()) }
    }

    /// The four bytes at that offset.
    pub(crate) fn u32_at(&self, offset: usize) -> &AtomicU32 {
        assert!(
            offset.is_multiple_of(4) && offset + 4 <= BLOCK_BYTES,
            "offset {offset} is outside the block"
        );
        // SAFETY: as in `u64_at`.
        unsafe { AtomicU32::from_ptr(self.base.as_ptr().add(offset).cast()) }
    }

    /// Copies bytes to an offset that no reader looks at yet.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= BLOCK_BYTES, "a write past the block");
        // SAFETY: in bounds; readers wait for the count that is published after this write.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.base.as_ptr().add(offset),
                bytes.len(),
            );
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the mapping made by the constructor, with its size; nobody can reach it any more.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), BLOCK_BYTES) };
        debug_assert!(unmapped.is_ok(), "a block was not mapped");
    }
}
