//! Files of lines: whole ones only, whatever the file system does.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod send_support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use nanometer_export::send::{Destination, Reason, Sender, Signal};
use proptest::prelude::*;
use send_support::{delivered, message, short};
use serde_json::{Value, json};
use tempfile::TempDir;

fn destination(path: &Path, max_bytes: u64, max_files: u32) -> Destination {
    let value = json!({ "path": path, "maxBytes": max_bytes, "maxFiles": max_files });
    serde_json::from_value(value).unwrap()
}

fn sender(path: &Path, max_bytes: u64, max_files: u32) -> Sender {
    Sender::open(&destination(path, max_bytes, max_files), Signal::Metrics).unwrap()
}

fn line(number: usize) -> Bytes {
    format!(r#"{{"resourceMetrics":[{number}]}}"#).into()
}

/// The numbers of the lines of a file, each of which must be JSON and end properly.
fn numbers(path: &Path) -> Vec<u64> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    text.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            value["resourceMetrics"][0].as_u64().unwrap()
        })
        .collect()
}

fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otlp.jsonl");
    (directory, path)
}

#[tokio::test]
async fn each_request_is_a_line() {
    let (_directory, path) = directory();
    for round in 0..2 {
        let sender = sender(&path, 1 << 20, 5);
        for number in 0..3 {
            assert_eq!(sender.send(&line(round * 3 + number)).await, delivered());
        }
    }
    assert_eq!(numbers(&path), [0, 1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_full_file_is_followed_by_another_and_the_oldest_goes() {
    let (directory, path) = directory();
    let sender = sender(&path, 2 * line(0).len() as u64 + 2, 3);
    for number in 0..9 {
        assert_eq!(sender.send(&line(number)).await, delivered());
    }
    assert_eq!(numbers(&path), [8]);
    assert_eq!(numbers(&directory.path().join("otlp.1.jsonl")), [6, 7]);
    assert_eq!(numbers(&directory.path().join("otlp.2.jsonl")), [4, 5]);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
}

#[tokio::test]
async fn a_line_that_is_larger_than_a_file_may_be_is_a_file_of_its_own() {
    let (directory, path) = directory();
    let sender = sender(&path, 1, 3);
    for number in 0..3 {
        assert_eq!(sender.send(&line(number)).await, delivered());
    }
    assert_eq!(numbers(&path), [2]);
    assert_eq!(numbers(&directory.path().join("otlp.1.jsonl")), [1]);
    assert_eq!(numbers(&directory.path().join("otlp.2.jsonl")), [0]);
}

#[tokio::test]
async fn a_file_that_is_moved_or_deleted_under_the_writer_is_made_anew() {
    let (directory, path) = directory();
    let moved = directory.path().join("moved");
    let sender = sender(&path, 1 << 20, 5);
    sender.send(&line(0)).await;
    fs::rename(&path, &moved).unwrap();
    sender.send(&line(1)).await;
    fs::remove_file(&path).unwrap();
    assert_eq!(sender.send(&line(2)).await, delivered());
    assert_eq!(numbers(&path), [2]);
    assert_eq!(numbers(&moved), [0]);
}

#[tokio::test]
async fn a_half_line_is_cut_off() {
    let (_directory, path) = directory();
    for half in ["", "{\"half", &"x".repeat(200_000)] {
        for whole in ["", "{\"resourceMetrics\":[7]}\n"] {
            fs::write(&path, format!("{whole}{half}")).unwrap();
            let sender = sender(&path, 1 << 20, 5);
            assert_eq!(sender.send(&line(8)).await, delivered());
            let expected: &[u64] = if whole.is_empty() { &[8] } else { &[7, 8] };
            assert_eq!(numbers(&path), expected);

            // Another process died while this one had the file open.
            let torn = fs::read_to_string(&path).unwrap() + half;
            fs::write(&path, torn).unwrap();
            assert_eq!(sender.send(&line(9)).await, delivered());
            assert_eq!(numbers(&path).last(), Some(&9));
        }
    }
}

#[tokio::test]
async fn what_the_file_system_refuses_is_tried_again() {
    let (directory, _) = directory();
    let missing = directory.path().join("missing").join("otlp.jsonl");
    let pipe = directory.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let full = directory.path().join("full");
    symlink("/dev/full", &full).unwrap();
    for (path, words) in [
        (directory.path(), "directory"),
        (&missing, "No such file"),
        (&pipe, "pipe"),
        (&full, "No space left"),
        (Path::new("/proc/version"), "cannot be written"),
        (Path::new("/sys/otlp.jsonl"), "cannot be written"),
    ] {
        let outcome = sender(path, 1_000, 2).send(&line(0)).await;
        assert_eq!(short(&outcome), ("retry", Some(Reason::Io), None), "{outcome:?}");
        assert!(message(&outcome).contains(words), "{outcome:?}");
        assert!(message(&outcome).contains(&path.display().to_string()), "{outcome:?}");
    }

    fs::create_dir(missing.parent().unwrap()).unwrap();
    let sender = sender(&missing, 1_000, 2);
    assert_eq!(sender.send(&line(0)).await, delivered());
}

#[tokio::test]
async fn a_file_that_cannot_be_followed_by_another_takes_no_more() {
    let (directory, path) = directory();
    let sender = sender(&path, 30, 2);
    assert_eq!(sender.send(&line(0)).await, delivered());
    let in_the_way = directory.path().join("otlp.1.jsonl");
    fs::create_dir(&in_the_way).unwrap();
    let outcome = sender.send(&line(1)).await;
    assert_eq!(short(&outcome), ("retry", Some(Reason::Io), None), "{outcome:?}");
    assert_eq!(numbers(&path), [0]);

    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(sender.send(&line(1)).await, delivered());
    assert_eq!(numbers(&path), [1]);
    assert_eq!(numbers(&in_the_way), [0]);
}

fn large() -> Bytes {
    format!(r#"{{"resourceMetrics":[1,"{}"]}}"#, "x".repeat(100_000)).into()
}

#[tokio::test]
async fn a_disk_that_is_full_half_way_through_a_line_keeps_whole_lines() {
    let (_directory, path) = directory();
    let sender = sender(&path, 1 << 30, 2);
    assert_eq!(sender.send(&line(0)).await, delivered());
    // A limit on the size of files acts as a full disk does: some bytes fit, the rest do not.
    let limited = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 40; exec "$0" --exact --ignored half_a_line"#])
        .arg(std::env::current_exe().unwrap())
        .env("NANOMETER_TEST_FILE", &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&limited.stdout);
    assert!(limited.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(numbers(&path), [0]);
    assert_eq!(sender.send(&large()).await, delivered());
    assert_eq!(numbers(&path), [0, 1]);
}

#[tokio::test]
#[ignore = "run by the test above, in a process whose files are limited"]
async fn half_a_line() {
    let path = PathBuf::from(std::env::var_os("NANOMETER_TEST_FILE").unwrap());
    let outcome = sender(&path, 1 << 30, 2).send(&large()).await;
    assert_eq!(short(&outcome), ("retry", Some(Reason::Io), None), "{outcome:?}");
}

#[tokio::test]
async fn writers_of_one_file_do_not_tear_each_others_lines() {
    let (directory, path) = directory();
    let each = 300;
    let writers: Vec<_> = (0..4_usize)
        .map(|writer| {
            let path = path.clone();
            std::thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let sender = sender(&path, 4_000, 1_000);
                    for number in 0..each {
                        assert_eq!(sender.send(&line(writer * each + number)).await, delivered());
                    }
                });
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let mut found: Vec<u64> = fs::read_dir(directory.path())
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            assert!(fs::metadata(&path).unwrap().len() <= 4_000);
            numbers(&path)
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, (0..4 * each as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lock_that_is_never_given_back_does_not_hold_the_sender_for_ever() {
    let (_directory, path) = directory();
    let held = fs::File::create(&path).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let sender = sender(&path, 1_000, 2);
    let outcome = sender.send(&line(0)).await;
    assert_eq!(short(&outcome), ("retry", Some(Reason::Io), None), "{outcome:?}");
    drop(held);
    assert_eq!(sender.send(&line(0)).await, delivered());
}

#[test]
fn wrong_values_are_refused_by_name() {
    for (destination, option) in [
        (destination(Path::new(""), 1, 1), "path"),
        (destination(Path::new("/"), 1, 1), "path"),
        (destination(Path::new("/tmp/x"), 0, 1), "maxBytes"),
        (destination(Path::new("/tmp/x"), 1, 0), "maxFiles"),
    ] {
        assert_eq!(Sender::open(&destination, Signal::Metrics).unwrap_err().option, option);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_line_of_every_file_is_whole(
        lengths in prop::collection::vec(0_usize..400, 1..40),
        max_bytes in 1_u64..1_000,
        max_files in 1_u32..5,
        torn in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let (directory, path) = directory();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let torn: Vec<_> = torn.iter().map(|at| at.index(lengths.len())).collect();
        runtime.block_on(async {
            let sender = sender(&path, max_bytes, max_files);
            for (number, length) in lengths.iter().enumerate() {
                if torn.contains(&number) && path.exists() {
                    let text = fs::read_to_string(&path).unwrap();
                    fs::write(&path, text + "{\"half").unwrap();
                }
                let line = json!({ "resourceMetrics": [number, "x".repeat(*length)] });
                assert_eq!(sender.send(&line.to_string().into()).await, delivered());
            }
        });
        let mut files: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        prop_assert!(files.len() <= max_files as usize);
        files.sort();
        // In order of age: otlp.3.jsonl, otlp.2.jsonl, otlp.1.jsonl, otlp.jsonl.
        let current = files.pop().unwrap();
        files.reverse();
        files.push(current);
        let found: Vec<u64> = files.iter().flat_map(|path| numbers(path)).collect();
        let all: Vec<u64> = (0..lengths.len() as u64).collect();
        prop_assert_eq!(&found[..], &all[all.len() - found.len()..]);
        prop_assert!(!found.is_empty());
    }
}
