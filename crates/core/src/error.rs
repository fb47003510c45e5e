//! What can go wrong, one type for each thing that can be asked for.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::definition::Definition;
use crate::json::to_string;

/// Why a meter could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// An option makes no sense.
    Option {
        /// The option's name.
        name: &'static str,
        /// What was given, and what is accepted.
        what: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Option { name, what } => write!(f, "option {name}: {what}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why a definition was refused. Nothing has been changed.
#[derive(Debug)]
pub enum DefineError {
    /// The definition contradicts itself.
    Invalid {
        /// The metric's name.
        name: String,
        /// What is wrong, and what is accepted.
        what: String,
    },
    /// The name is taken by another definition.
    Conflict {
        /// What the name stands for.
        existing: Box<Definition>,
        /// What it was to stand for as well.
        refused: Box<Definition>,
    },
    /// There is no room left for it.
    Capacity {
        /// The metric's name.
        name: String,
        /// The bound that was reached, and what to do.
        what: String,
    },
}

impl fmt::Display for DefineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefineError::Invalid { name, what } => write!(f, "metric '{name}': {what}"),
            DefineError::Conflict { existing, refused } => {
                write!(
                    f,
                    "metric '{}' is defined already, and differently: it is {} and was to be {}",
                    existing.name,
                    to_string(existing),
                    to_string(refused)
                )
            }
            DefineError::Capacity { name, what } => {
                write!(f, "metric '{name}' does not fit: {what}")
            }
        }
    }
}

impl std::error::Error for DefineError {}

/// Why a thread got no lane.
#[derive(Debug)]
pub enum AttachError {
    /// Every lane has a live thread.
    Full {
        /// How many lanes there are.
        lanes: u32,
    },
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachError::Full { lanes } => write!(f, "{lanes} threads record already; no more can"),
        }
    }
}

impl std::error::Error for AttachError {}

/// Why no file could be made for a segment. Memory serves then.
#[derive(Debug)]
pub enum FileError {
    /// The state directory is not one that only this user can write.
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The system refused.
    System {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    pub(crate) fn system(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(rustix::io::Errno) -> FileError {
        let path = path.into();
        move |errno| FileError::System { doing, path, source: errno.into() }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Directory { path, what } => write!(f, "{}: {what}", path.display()),
            FileError::System { doing, path, source } => {
                write!(f, "cannot {doing} {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for FileError {}

/// Why a segment of another process could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file could not be opened or read.
    Io(io::Error),
    /// It is no regular file.
    NotAFile,
    /// It is no segment: its first bytes say so.
    NotASegment,
    /// It was written on a machine of the other byte order.
    ByteOrder,
    /// It has another layout than the one that this build reads.
    Version {
        /// The version found.
        found: u32,
        /// The version that is read.
        readable: u32,
    },
    /// It claims this layout, but what is in it cannot be.
    Damaged {
        /// Where and how.
        what: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "cannot read the segment: {error}"),
            ReadError::NotAFile => write!(f, "not a regular file"),
            ReadError::NotASegment => write!(f, "not a nanometer segment"),
            ReadError::ByteOrder => write!(f, "a segment of the other byte order"),
            ReadError::Version { found, readable } => {
                write!(f, "a segment of layout {found}; this build reads layout {readable}")
            }
            ReadError::Damaged { what } => write!(f, "a damaged segment: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}
