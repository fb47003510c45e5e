//! The native thread: leases end by themselves, panics are survived.
//!
//! One test, because a panic that is asked for strikes whichever server of the process is next.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::time::{Duration, Instant};

use nanometer_core::Level;
use nanometer_export::fault::{Fault, inject};
use nanometer_export::{Inspection, InspectionOptions};
use support::*;

#[test]
fn the_thread_keeps_leases_and_survives_panics() {
    let meter = meter();
    // Neither port nor socket: the meter is looked after all the same.
    let (only_kept, warnings) = Inspection::start(meter.clone(), InspectionOptions::default());
    assert_eq!(warnings, []);
    assert!(only_kept.url.is_none() && only_kept.socket_path.is_none());

    let lease = Duration::from_millis(60);
    let began = Instant::now();
    meter.set_level(Level::Diagnostic, Some(lease));
    assert_eq!(meter.level(), Level::Diagnostic);
    eventually("the lease ends", || meter.level() == Level::Production);
    assert!(began.elapsed() >= lease);
    assert_eq!(meter.level_lease_deadline(), None);

    let inspection = serve(&meter, on_tcp());
    inject(Fault::Request);
    let failed = get(&inspection, "/healthz");
    assert_eq!((failed.status, failed.error_code().as_str()), (500, "INTERNAL"));
    let text = get(&inspection, "/metrics").text();
    assert_eq!(sample(&text, "nanometer_panics_total"), Some(1.0));

    let mut open = connect(&inspection);
    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut open, false).status, 200);
    inject(Fault::Keeper);
    meter.set_level(Level::Production, None);
    // The thread falls, and takes its connections with it.
    assert_eq!(read_to_close(&mut open), 0);
    let text = get(&inspection, "/metrics").text();
    assert_eq!(sample(&text, "nanometer_panics_total"), Some(2.0));
    meter.set_level(Level::Off, Some(Duration::from_millis(10)));
    eventually("leases are kept again", || meter.level() == Level::Production);

    only_kept.stop();
    inspection.stop();
    eventually("the thread ends", || !is_running("nanometer"));
    let again = serve(&meter, on_tcp());
    assert_eq!(get(&again, "/healthz").status, 200);
}

fn is_running(name: &str) -> bool {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let mut names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.any(|found| found.trim() == name)
}
