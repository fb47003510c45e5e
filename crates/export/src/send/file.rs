//! Requests as lines of a file, which is begun anew past a size: every line in it is whole.
//!
//! A line that could not be written to its end is cut off again, by whoever writes next where this
//! process has died; so several processes may write to one file, each under its lock. Writing
//! happens on the calling thread.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use tokio::time::sleep;

use super::destination::FileDestination;
use super::open_error::OpenSenderError;
use super::outcome::{Outcome, Problem, Reason};
use super::rotation::Rotation;

/// How often, and after how long each time, it is asked for a lock that another process holds. Each
/// holds it for one line.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// How much is read at once in search of the last whole line, bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// Appends lines to a file.
pub(super) struct FileSender {
    path: PathBuf,
    max_bytes: u64,
    rotation: Rotation,
    open: Mutex<Option<File>>,
}

/// What one attempt to write came to.
enum Attempt {
    Written,
    /// Another process holds the lock.
    Locked,
}

impl FileSender {
    pub(super) fn open(destination: &FileDestination) -> Result<Self, OpenSenderError> {
        let wrong = |option, what| Err(OpenSenderError { option, what });
        let FileDestination { path, max_bytes, max_files } = destination;
        if path.file_name().is_none() {
            return wrong("path", format!("{:?} names no file", path.display().to_string()));
        }
        if *max_bytes == 0 {
            return wrong("maxBytes", "0; at least 1 is accepted".to_owned());
        }
        if *max_files == 0 {
            return wrong("maxFiles", "0; at least 1 is accepted".to_owned());
        }
        Ok(FileSender {
            path: path.clone(),
            max_bytes: *max_bytes,
            rotation: Rotation::new(path, *max_files),
            open: Mutex::new(None),
        })
    }

    pub(super) async fn send(&self, body: &Bytes) -> Outcome {
        let mut line = Vec::with_capacity(body.len() + 1);
        line.extend_from_slice(body);
        line.push(b'\n');
        for _ in 0..LOCK_ATTEMPTS {
            match self.write(&line) {
                Ok(Attempt::Written) => {
                    return Outcome::Delivered { rejected: 0, warning: None };
                }
                Ok(Attempt::Locked) => sleep(LOCK_PAUSE).await,
                Err(error) => return self.problem(&error.to_string()),
            }
        }
        self.problem("another process holds its lock")
    }

    fn problem(&self, why: &str) -> Outcome {
        let message = format!("{} cannot be written: {why}", self.path.display());
        Outcome::Retry { after: None, problem: Problem::new(Reason::Io, message) }
    }

    fn write(&self, line: &[u8]) -> io::Result<Attempt> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let file = match open.take() {
                Some(file) => file,
                None => self.open_file()?,
            };
            if !file.metadata()?.is_file() {
                (&file).write_all(line)?;
                *open = Some(file);
                return Ok(Attempt::Written);
            }
            let Some(lock) = Lock::take(&file)? else {
                drop(file);
                return Ok(Attempt::Locked);
            };
            if !self.is_current(&file) {
                // Somebody has begun a new file; theirs is the one to write to.
                continue;
            }
            let end = mend(&file)?;
            if end > 0 && end.saturating_add(line.len() as u64) > self.max_bytes {
                self.rotation.turn()?;
                continue;
            }
            let written = append(&file, end, line);
            drop(lock);
            *open = Some(file);
            return written.map(|()| Attempt::Written);
        }
    }

    /// Opens the file without ever waiting, as for a pipe that nobody reads.
    fn open_file(&self) -> io::Result<File> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .custom_flags(flags.bits().cast_signed())
            .open(&self.path)?;
        if file.metadata()?.file_type().is_fifo() {
            return Err(io::Error::other("it is a pipe; a file is accepted"));
        }
        Ok(file)
    }

    fn is_current(&self, file: &File) -> bool {
        let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
        match (file.metadata(), std::fs::metadata(&self.path)) {
            (Ok(ours), Ok(there)) => identity(ours) == identity(there),
            _ => false,
        }
    }
}

/// The file is ours alone until this is dropped; file systems without locks do without.
struct Lock<'a>(&'a File);

impl<'a> Lock<'a> {
    fn take(file: &'a File) -> io::Result<Option<Self>> {
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Ok(None),
            Ok(()) | Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK | Errno::INVAL) => {
                Ok(Some(Lock(file)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // What fails here ends with the file's last descriptor.
        let _ = flock(self.0.as_fd(), FlockOperation::Unlock);
    }
}

/// Writes a line at the end, or nothing.
fn append(file: &File, end: u64, line: &[u8]) -> io::Result<()> {
    let mut file = file;
    file.write_all(line).inspect_err(|_| {
        // If that fails too, the next to write finds the half line.
        let _ = file.set_len(end);
    })
}

/// Cuts off a last line that is not whole. Gives the length that remains.
fn mend(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut chunk = vec![0; 1];
    while end > 0 {
        let from = end.saturating_sub(chunk.len() as u64);
        let read = &mut chunk[..usize::try_from(end - from).unwrap_or(1)];
        file.read_exact_at(read, from)?;
        if let Some(at) = read.iter().rposition(|&byte| byte == b'\n') {
            end = from + at as u64 + 1;
            break;
        }
        end = from;
        chunk.resize(CHUNK_BYTES, 0);
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(end)
}
