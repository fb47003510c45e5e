//! The memory of one process: a file where one can be made, else memory only; no metric meaning.
//!
//! Blocks are added at the end and never move. The file's space is allocated before it is mapped:
//! a full disk is an error here, not a SIGBUS later. A file that cannot grow leaves what it has
//! as it is, and further blocks are of memory only.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{FallocateFlags, Mode, OFlags, fallocate};

use crate::atomic::Ordering::{Relaxed, Release};
use crate::block::Block;
use crate::error::FileError;
use crate::events::slot::claimed;
use crate::layout;
use crate::level::Level;
use crate::process::Identity;
use crate::spans::SharedTracing;

/// What a new block is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose {
    pub kind: u32,
    pub lane: u32,
    pub number: u32,
}

/// The memory of one process.
#[derive(Debug)]
pub(crate) struct Segment {
    header: Block,
    backing: Mutex<Backing>,
    path: Option<PathBuf>,
}

#[derive(Debug)]
struct Backing {
    /// The file while it can grow.
    file: Option<File>,
    /// Blocks in the file, the header included.
    file_blocks: u64,
    /// All blocks, those of memory only included.
    blocks: u64,
}

impl Segment {
    /// A segment in a new file of that path. Its mode is 0600; a file that is there is refused.
    pub(crate) fn in_file(path: &Path, identity: &Identity) -> Result<Segment, FileError> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(FileError::system("create", path))?;
        let file = File::from(file);
        let header = allocate(&file, 0)
            .and_then(|()| Block::of_file(file.as_fd(), 0))
            .map_err(FileError::system("allocate space for", path));
        let header = header.inspect_err(|_| drop(std::fs::remove_file(path)))?;
        let backing = Backing { file: Some(file), file_blocks: 1, blocks: 1 };
        let segment = Segment { header, backing: Mutex::new(backing), path: Some(path.to_owned()) };
        segment.write_header(identity);
        Ok(segment)
    }

    /// A segment that no other process can see.
    ///
    /// # Panics
    ///
    /// When the system has no 64 KiB of memory left.
    pub(crate) fn in_memory(identity: &Identity) -> Segment {
        let header = Block::of_memory().expect("64 KiB of memory");
        let backing = Backing { file: None, file_blocks: 0, blocks: 1 };
        let segment = Segment { header, backing: Mutex::new(backing), path: None };
        segment.write_header(identity);
        segment
    }

    fn write_header(&self, identity: &Identity) {
        let header = &self.header;
        header.u32_at(layout::HEADER_VERSION).store(layout::LAYOUT_VERSION, Relaxed);
        header.u32_at(layout::HEADER_BYTE_ORDER).store(layout::BYTE_ORDER_MARK, Relaxed);
        header.u64_at(layout::HEADER_LAYOUT_HASH).store(layout::LAYOUT_HASH, Relaxed);
        header.u32_at(layout::HEADER_PID).store(identity.pid, Relaxed);
        header.u64_at(layout::HEADER_START_TIME).store(identity.start_time_ticks, Relaxed);
        header.u64_at(layout::HEADER_OPENED_AT_MS).store(identity.opened_at_ms.to_bits(), Relaxed);
        header.write(layout::HEADER_BOOT_ID, &identity.boot_id);
        header.u64_at(layout::HEADER_BLOCKS).store(1, Relaxed);
        // Last: a file without it is no segment. Pairs with the reader's check of the magic.
        header.u64_at(layout::HEADER_MAGIC).store(layout::MAGIC, Release);
    }

    /// The segment's file, if it has one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// All bytes of the segment, those of memory only included.
    pub(crate) fn bytes(&self) -> u64 {
        self.backing().blocks * layout::BLOCK_BYTES as u64
    }

    /// The shared word: the level that every thread and every reader sees.
    pub(crate) fn set_level(&self, level: Level) {
        self.header.u32_at(layout::HEADER_LEVEL).store(level.to_word(), Relaxed);
    }

    /// How many events have been given a number.
    pub(crate) fn events_claimed(&self) -> u64 {
        claimed(|order| self.header.u64_at(layout::HEADER_EVENTS).load(order))
    }

    /// Where that is counted: for the one place that hands it to JavaScript.
    pub(crate) fn events_word(&self) -> NonNull<u8> {
        // SAFETY: inside the header's block.
        unsafe { self.header.base().add(layout::HEADER_EVENTS) }
    }

    /// What threads share of tracing.
    pub(crate) fn tracing(&self) -> SharedTracing<'_> {
        SharedTracing(&self.header)
    }

    /// Where that is: for the one place that hands it to JavaScript.
    pub(crate) fn tracing_base(&self) -> NonNull<u8> {
        // SAFETY: inside the header's block.
        unsafe { self.header.base().add(layout::spans::HEADER_TRACING) }
    }

    /// Publishes the state of a lane.
    pub(crate) fn set_lane_state(&self, lane: u32, state: u32) {
        assert!(lane < layout::MAX_LANES);
        self.header.u32_at(layout::HEADER_LANE_STATES + lane as usize * 4).store(state, Relaxed);
    }

    /// Publishes which generation of the schema counts, and how much of its stream is complete.
    pub(crate) fn set_schema(&self, generation: u16, bytes: u64) {
        let word = u64::from(generation) << layout::SCHEMA_BYTES_BITS | bytes;
        // Pairs with the Acquire load of a reader: the bytes are in place before they are counted.
        self.header.u64_at(layout::HEADER_SCHEMA).store(word, Release);
    }

    /// A new block, of memory only where the file cannot take it; and why it cannot, the first
    /// time. There is none where the system has no 64 KiB left.
    pub(crate) fn add_block(&self, purpose: Purpose) -> (Option<Block>, Option<FileError>) {
        match self.add_file_block(purpose) {
            Ok(block) => (Some(block), None),
            Err(refused) => {
                let block = Block::of_memory().ok();
                if let Some(block) = &block {
                    self.dedicate(block, purpose);
                    self.backing().blocks += 1;
                }
                (block, refused)
            }
        }
    }

    /// A new block of the file; else why there is none, the first time.
    pub(crate) fn add_file_block(&self, purpose: Purpose) -> Result<Block, Option<FileError>> {
        let mut backing = self.backing();
        let file = backing.file.as_ref().ok_or(None)?;
        let offset = backing.file_blocks * layout::BLOCK_BYTES as u64;
        let block =
            allocate(file, backing.file_blocks).and_then(|()| Block::of_file(file.as_fd(), offset));
        match block {
            Ok(block) => {
                self.dedicate(&block, purpose);
                backing.file_blocks += 1;
                backing.blocks += 1;
                // Pairs with the Acquire load of a reader: the block's header is in place.
                self.header.u64_at(layout::HEADER_BLOCKS).store(backing.file_blocks, Release);
                Ok(block)
            }
            Err(errno) => {
                backing.file = None;
                let path = self.path.clone().unwrap_or_default();
                Err(Some(FileError::system("allocate space for", path)(errno)))
            }
        }
    }

    /// Says in a block's header what it is for.
    pub(crate) fn dedicate(&self, block: &Block, purpose: Purpose) {
        block.u32_at(layout::BLOCK_LANE).store(purpose.lane, Relaxed);
        block.u32_at(layout::BLOCK_NUMBER).store(purpose.number, Relaxed);
        block.u32_at(layout::BLOCK_KIND).store(purpose.kind, Relaxed);
    }

    /// Removes the file; the memory stays, for those who still write to it.
    pub(crate) fn unlink(&self) {
        if let Some(path) = &self.path {
            // A file that somebody else has removed is as gone as it should be.
            let _ = std::fs::remove_file(path);
        }
    }

    fn backing(&self) -> MutexGuard<'_, Backing> {
        self.backing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Allocates the space of one block. File systems that cannot do it get zeroes written.
fn allocate(file: &File, block: u64) -> rustix::io::Result<()> {
    let offset = block * layout::BLOCK_BYTES as u64;
    match fallocate(file, FallocateFlags::empty(), offset, layout::BLOCK_BYTES as u64) {
        Err(rustix::io::Errno::OPNOTSUPP) => {
            use std::os::unix::fs::FileExt;
            let zeroes = vec![0; layout::BLOCK_BYTES];
            file.write_all_at(&zeroes, offset).map_err(|error| {
                error
                    .raw_os_error()
                    .map_or(rustix::io::Errno::IO, rustix::io::Errno::from_raw_os_error)
            })
        }
        result => result,
    }
}
