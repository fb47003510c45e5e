//! Older files beside the one that is written: `name.jsonl` becomes `name.1.jsonl`, that becomes
//! `name.2.jsonl`, and the oldest goes.
//!
//! Each step is one rename, so a crash between two of them loses nothing.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How the files of one path follow each other.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    path: PathBuf,
    max_files: u32,
}

impl Rotation {
    /// `max_files` counts the current one.
    pub(super) fn new(path: &Path, max_files: u32) -> Self {
        Rotation { path: path.to_owned(), max_files }
    }

    /// Moves all files on by one; afterwards there is none at the path itself. The caller holds the
    /// lock of the file there.
    ///
    /// # Errors
    ///
    /// Where the file itself cannot be moved. An older one that cannot is overwritten.
    pub(super) fn turn(&self) -> io::Result<()> {
        let kept = self.max_files - 1;
        for number in (1..kept).rev() {
            // Mostly there is none yet.
            let _ = fs::rename(self.older(number), self.older(number + 1));
        }
        if kept == 0 { fs::remove_file(&self.path) } else { fs::rename(&self.path, self.older(1)) }
            .map_err(|error| {
                io::Error::new(error.kind(), format!("it is full, and a new one fails: {error}"))
            })?;
        // Those from when more were to be kept.
        let mut number = kept + 1;
        while fs::remove_file(self.older(number)).is_ok() {
            number += 1;
        }
        Ok(())
    }

    /// `dir/name.jsonl` to `dir/name.3.jsonl`, `dir/name` to `dir/name.3`.
    fn older(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(self.path.file_stem().unwrap_or_default());
        name.push(format!(".{number}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_ending() {
        for (path, older) in [
            ("/tmp/otlp.jsonl", "/tmp/otlp.2.jsonl"),
            ("otlp", "otlp.2"),
            ("/tmp/a.b.jsonl", "/tmp/a.b.2.jsonl"),
            ("/tmp/.hidden", "/tmp/.hidden.2"),
        ] {
            assert_eq!(Rotation::new(Path::new(path), 5).older(2), PathBuf::from(older));
        }
    }

    #[test]
    fn files_move_on_and_the_oldest_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("otlp.jsonl");
        let names = || {
            let mut names: Vec<_> = fs::read_dir(directory.path())
                .unwrap()
                .map(|entry| {
                    let entry = entry.unwrap();
                    let text = fs::read_to_string(entry.path()).unwrap();
                    (entry.file_name().into_string().unwrap(), text)
                })
                .collect();
            names.sort();
            names
        };
        let expected = |names: &[(&str, &str)]| -> Vec<(String, String)> {
            names.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
        };
        for text in ["a", "b", "c", "d"] {
            fs::write(&path, text).unwrap();
            Rotation::new(&path, 4).turn().unwrap();
        }
        assert_eq!(
            names(),
            expected(&[("otlp.1.jsonl", "d"), ("otlp.2.jsonl", "c"), ("otlp.3.jsonl", "b")])
        );
        fs::write(&path, "e").unwrap();
        Rotation::new(&path, 2).turn().unwrap();
        assert_eq!(names(), expected(&[("otlp.1.jsonl", "e")]));
        fs::write(&path, "f").unwrap();
        Rotation::new(&path, 1).turn().unwrap();
        assert_eq!(names(), expected(&[]));
        assert!(Rotation::new(&path, 3).turn().is_err());
    }
}
