//! The state directory: private to its user, and kept from filling up with the dead's segments.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::FileError;
use crate::process::Identity;
use crate::reader;

/// The suffix of segment files.
pub(crate) const SUFFIX: &str = "nanometer";

/// How many segments of dead processes a directory keeps, for a look after a crash.
const DEAD_SEGMENTS_KEPT: usize = 4;

/// Makes the directory where it is missing, with mode 0700, and refuses one that others can write.
pub(crate) fn prepare(path: &Path) -> Result<(), FileError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| {
        FileError::System { doing: "create the directory", path: path.to_owned(), source }
    })?;
    let metadata = fs::symlink_metadata(path).map_err(|source| FileError::System {
        doing: "look at the directory",
        path: path.to_owned(),
        source,
    })?;
    let refuse = |what: String| Err(FileError::Directory { path: path.to_owned(), what });
    if !metadata.is_dir() {
        return refuse("the state directory must be a directory, not a link or a file".to_owned());
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refuse(format!("the state directory belongs to user {}", metadata.uid()));
    }
    if metadata.mode() & 0o022 != 0 {
        let mode = metadata.mode() & 0o777;
        return refuse(format!(
            "others can write the state directory (mode {mode:o}); 700 is right"
        ));
    }
    Ok(())
}

/// The path of a new segment: its service, then what makes it unique.
pub(crate) fn segment_path(directory: &Path, service: &str, identity: &Identity) -> PathBuf {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }
    };
    let service: String = service.chars().take(64).map(safe).collect();
    let opened = identity.opened_at_ms as u64;
    directory.join(format!("{service}-{}-{opened}.{SUFFIX}", identity.pid))
}

/// Removes all but the newest segments of processes that have ended. Segments that cannot be read,
/// other versions' among them, are left alone.
pub(crate) fn prune(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut dead: Vec<(f64, PathBuf)> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == SUFFIX))
        .filter_map(|path| {
            let identity = reader::identity(&path).ok()?;
            (!identity.is_alive()).then_some((identity.opened_at_ms, path))
        })
        .collect();
    dead.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, path) in dead.into_iter().skip(DEAD_SEGMENTS_KEPT) {
        // Another process may have pruned it at the same time.
        let _ = fs::remove_file(path);
    }
}
