//! The segment's file: who may see it, what is in it after a kill, and what damage does.

mod common;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Cell, counter, open_family, options, strings, value};
use nanometer_core::{
    Aggregate, Definition, Derive, Kind, Meter, ReadError, States, reader, registry,
};
use proptest::prelude::*;

/// Set in the environment of a child: the directory in which it is to count until it is killed.
const COUNT_IN: &str = "NANOMETER_TEST_COUNT_IN";

fn a_segment(directory: &Path) -> PathBuf {
    let meter = Meter::new(&options(Some(directory))).expect("a meter");
    let placement = meter.define(counter("c")).expect("room");
    let family = meter.define(open_family("open", 100)).expect("room").family;
    let states = States { names: strings(&["on", "off"]), last: strings(&["off"]) };
    let state = Definition { states: Some(states), ..Definition::new("s", Kind::State, "", "") };
    let state = meter.define(state).expect("room");
    let elapsed = Some(Aggregate::Elapsed);
    let time = Definition { aggregate: elapsed, ..Definition::new("t", Kind::Gauge, "ns", "") };
    meter.define(time).expect("room");
    let (numerator, denominator) = ("c".to_owned(), "t".to_owned());
    let derive = Some(Derive { numerator, denominator, factor: 1e9 });
    let derived = Definition { derive, ..Definition::new("d", Kind::Derived, "", "") };
    meter.define(derived).expect("room");
    let lane = meter.attach().expect("a lane");
    Cell::of(&lane, state.position).set(1.0);
    Cell::of(&lane, placement.position).add(42.0);
    let sku = lane.bind(family, &strings(&["A-1"])).expect("room");
    Cell::of(&lane, sku).add(7.0);
    drop(lane);
    meter.segment_path().expect("a file")
}

#[test]
fn a_segment_explains_itself_to_another_reader() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let path = a_segment(&state);
    let snapshot = reader::read(&path).unwrap();
    assert_eq!(snapshot.service, "test");
    assert_eq!(value(&snapshot, "c", &[]), Some(42.0));
    assert_eq!(value(&snapshot, "open", &["A-1"]), Some(7.0));
    assert!(snapshot.processes[0].alive);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&path)), (0o700, 0o600));
}

#[test]
fn the_files_space_is_allocated_and_not_sparse() {
    let directory = tempfile::tempdir().unwrap();
    let metadata = std::fs::metadata(a_segment(&directory.path().join("state"))).unwrap();
    assert!(metadata.blocks() * 512 >= metadata.len(), "{metadata:?}");
}

#[test]
fn a_closed_meter_leaves_no_file_and_a_dead_process_leaves_few() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let meter = Meter::new(&options(Some(&state))).unwrap();
    registry::close(&meter);
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);

    let path = a_segment(&state);
    let mut bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    bytes[88..104].fill(7); // another boot: whoever wrote it is dead
    for number in 0..10 {
        std::fs::write(state.join(format!("test-{number}.nanometer")), &bytes).unwrap();
    }
    std::fs::write(state.join("no-segment.nanometer"), "what else is there is left alone").unwrap();
    let _meter = Meter::new(&options(Some(&state))).unwrap();
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 4 + 1 + 1);
}

#[test]
fn where_no_file_can_be_made_memory_serves_and_one_warning_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let a_file = directory.path().join("file");
    std::fs::write(&a_file, "").unwrap();
    let a_link = directory.path().join("link");
    symlink(directory.path(), &a_link).unwrap();
    let open_to_all = directory.path().join("open");
    std::fs::create_dir(&open_to_all).unwrap();
    std::fs::set_permissions(&open_to_all, std::fs::Permissions::from_mode(0o777)).unwrap();
    for (state, why) in [
        (a_file.join("below"), "create the directory"),
        (a_link, "not a link"),
        (open_to_all, "others can write"),
        (PathBuf::from("/proc/nanometer"), "/proc/nanometer"),
    ] {
        let meter = Meter::new(&options(Some(&state))).unwrap();
        let warnings = meter.take_warnings();
        assert_eq!(warnings.len(), 1, "{state:?}: {warnings:?}");
        assert!(warnings[0].message.contains(why), "{}", warnings[0].message);
        assert_eq!(warnings[0].code, "NANOMETER_MEMORY_ONLY");
        assert_eq!(meter.segment_path(), None);
        let placement = meter.define(counter("c")).unwrap();
        Cell::of(&meter.attach().unwrap(), placement.position).add(1.0);
        assert_eq!(value(&meter.snapshot(), "c", &[]), Some(1.0));
    }
}

/// The other half of the next test: counts for ever, saying how far it has come.
#[test]
fn counting_child() {
    let Some(directory) = std::env::var_os(COUNT_IN) else {
        return;
    };
    let meter = Meter::new(&options(Some(Path::new(&directory)))).unwrap();
    let placement = meter.define(counter("c")).unwrap();
    let family = meter.define(open_family("open", 1_000_000)).unwrap().family;
    let lane = meter.attach().unwrap();
    let cell = Cell::of(&lane, placement.position);
    println!("\n{}", meter.segment_path().unwrap().display());
    for number in 1.. {
        cell.add(1.0);
        if number % 64 == 0 {
            lane.bind(family, &[number.to_string()]);
            println!("{number}");
        }
    }
}

#[test]
fn after_a_kill_the_file_holds_every_value_that_was_confirmed() {
    for round in 0..25 {
        let directory = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "counting_child", "--nocapture"])
            .env(COUNT_IN, directory.path().join("state"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let path = lines.find(|line| line.ends_with(".nanometer")).expect("the segment's path");
        let mut confirmed: f64 =
            lines.nth(round * 3).and_then(|line| line.parse().ok()).expect("a number");
        child.kill().unwrap();
        child.wait().unwrap();
        // What is still in the pipe was confirmed too; the last line may be cut.
        let rest: Vec<String> = lines.collect();
        if let Some(last) = rest.iter().rev().nth(1).and_then(|line| line.parse().ok()) {
            confirmed = last;
        }
        let snapshot = reader::read(Path::new(&path)).unwrap();
        let found = value(&snapshot, "c", &[]).unwrap();
        assert!(found >= confirmed, "{found} found, {confirmed} confirmed");
        assert!(found.fract() == 0.0 && found <= confirmed + 1e6);
        assert!(!snapshot.processes[0].alive);
    }
}

#[test]
fn every_truncation_is_a_typed_error() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(a_segment(&directory.path().join("state"))).unwrap();
    let cut = directory.path().join("cut");
    let header_bytes = (0..256).map(|at| at * 16);
    let pages = (0..bytes.len() / 4_096).map(|page| page * 4_096);
    for length in header_bytes.chain(pages) {
        std::fs::write(&cut, &bytes[..length]).unwrap();
        assert!(reader::read(&cut).is_err(), "cut to {length} bytes");
    }
}

#[test]
fn what_is_no_segment_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let good = std::fs::read(a_segment(&at("state"))).unwrap();
    let with = |name: &str, offset: usize, patch: &[u8]| {
        let mut bytes = good.clone();
        bytes[offset..offset + patch.len()].copy_from_slice(patch);
        std::fs::write(at(name), bytes).unwrap();
        reader::read(&at(name)).unwrap_err()
    };
    assert!(matches!(with("magic", 0, b"NANOMETR"), ReadError::NotASegment));
    assert!(matches!(with("future", 8, &[99, 0, 0, 0]), ReadError::Version { found: 99, .. }));
    assert!(matches!(with("endian", 12, &[1, 2, 3, 4]), ReadError::ByteOrder));
    assert!(matches!(with("hash", 16, &[0; 8]), ReadError::Damaged { .. }));

    std::fs::write(at("empty"), "").unwrap();
    assert!(matches!(reader::read(&at("empty")), Err(ReadError::NotASegment)));
    assert!(matches!(reader::read(directory.path()), Err(ReadError::NotAFile)));
    assert!(matches!(reader::read(&at("missing")), Err(ReadError::Io(_))));
    assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    assert!(matches!(reader::read(&at("fifo")), Err(ReadError::NotAFile)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Flipped bits are a typed error or other values, never a panic.
    #[test]
    fn flipped_bits_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..20)) {
        static GOOD: std::sync::OnceLock<(tempfile::TempDir, Vec<u8>)> = std::sync::OnceLock::new();
        let (directory, good) = GOOD.get_or_init(|| {
            let directory = tempfile::tempdir().unwrap();
            let bytes = std::fs::read(a_segment(&directory.path().join("state"))).unwrap();
            (directory, bytes)
        });
        let mut bytes = good.clone();
        // Most of a segment is zero and means nothing yet: aim at what is written.
        let written: Vec<usize> = (0..bytes.len()).filter(|at| good[*at] != 0).collect();
        for (where_, bit) in flips {
            bytes[written[where_.index(written.len())]] ^= 1 << bit;
        }
        let path = directory.path().join("flipped");
        std::fs::write(&path, &bytes).unwrap();
        let _ = reader::read(&path).map(|snapshot| serde_json::to_string(&snapshot).unwrap());
    }
}

/// Sessions that come and go: what the schema says of those that are gone is given up in time.
#[test]
fn series_that_come_and_go_do_not_fill_the_segment() {
    let directory = tempfile::tempdir().unwrap();
    let meter = Meter::new(&options(Some(&directory.path().join("state")))).unwrap();
    let family = meter.define(open_family("sessions", 10)).unwrap().family;
    let lane = meter.attach().unwrap();
    let kept = lane.bind(family, &strings(&["kept"])).unwrap();
    Cell::of(&lane, kept).add(5.0);
    for session in 0..100_000 {
        let session = [format!("a session with a rather long name, number {session}")];
        let position = lane.bind(family, &session).expect("room");
        Cell::of(&lane, position).add(1.0);
        assert!(lane.release(family, &session));
    }
    let snapshot = reader::read(&meter.segment_path().unwrap()).unwrap();
    assert_eq!(value(&snapshot, "sessions", &["kept"]), Some(5.0));
    let sessions = snapshot.metrics.iter().find(|m| m.definition.name == "sessions").unwrap();
    assert_eq!(sessions.series.len(), 1);
    assert!(value(&snapshot, "nanometer.segment.size", &[]).unwrap() < 4e6);
    assert!(meter.take_warnings().is_empty());
}

/// A small file system of its own; unmounted when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(size: &str) -> Option<Disk> {
        let directory = tempfile::tempdir().ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"]);
        let mounted = mount.arg(directory.path()).stderr(Stdio::null()).status().ok()?.success();
        mounted.then_some(Disk(directory))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_a_warning_where_this_user_may_mount_one_to_fill() {
    let (Some(none), Some(small)) = (Disk::of("32k"), Disk::of("640k")) else { return };

    let meter = Meter::new(&options(Some(none.0.path()))).unwrap();
    assert_eq!(meter.segment_path(), None);
    assert_eq!(meter.take_warnings().len(), 1);

    // Room for a beginning: what came after it is recorded too, but in memory only.
    let meter = Meter::new(&options(Some(small.0.path()))).unwrap();
    let family = meter.define(open_family("open", 100_000)).unwrap().family;
    let lane = meter.attach().unwrap();
    for key in 0..50_000 {
        let position = lane.bind(family, &[key.to_string()]).expect("room in memory");
        Cell::of(&lane, position).add(1.0);
    }
    let warnings = meter.take_warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(value(&meter.snapshot(), "open", &["49999"]), Some(1.0));
    let seen = reader::read(&meter.segment_path().unwrap()).unwrap();
    assert_eq!(value(&seen, "open", &["0"]), Some(1.0));
    assert_eq!(value(&seen, "open", &["49999"]), None);
}
