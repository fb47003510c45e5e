//! The Unix socket and the port: what is bound, what is left alone, what is cleaned up.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nanometer_core::{Level, Warning};
use nanometer_export::{Inspection, InspectionOptions};
use support::*;
use tempfile::TempDir;

fn at(path: impl Into<PathBuf>) -> InspectionOptions {
    InspectionOptions { socket: Some(path.into()), ..InspectionOptions::default() }
}

fn refused(path: &Path) -> Warning {
    let (inspection, mut warnings) = Inspection::start(meter(), at(path));
    assert_eq!((warnings.len(), inspection.socket_path.as_deref()), (1, None));
    warnings.remove(0)
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn the_socket_is_for_its_owner_and_needs_no_token_to_write() {
    let folder = TempDir::new().unwrap();
    let meter = meter();
    let inspection = serve(&meter, at(folder.path().join("nanometer.sock")));
    assert_eq!((inspection.url.as_deref(), inspection.port), (None, None));
    let path = inspection.socket_path.clone().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(raw_unix(&path, &put_level("diagnostic", "")).status, 200);
    assert_eq!(meter.level(), Level::Diagnostic);
    inspection.stop();
    assert!(!path.exists(), "the file is left behind");
}

#[test]
fn a_configured_token_guards_the_socket_too() {
    let folder = TempDir::new().unwrap();
    let options =
        InspectionOptions { token: Some("s3cret".to_owned()), ..at(folder.path().join("s")) };
    let inspection = serve(&meter(), options);
    let path = inspection.socket_path.clone().unwrap();
    assert_eq!(raw_unix(&path, HEALTH).status, 401);
    assert_eq!(raw_unix(&path, &put_level("off", "Authorization: Bearer s3cret\r\n")).status, 200);
}

#[test]
fn a_stale_socket_is_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nanometer.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let inspection = serve(&meter(), at(&path));
    assert_eq!(raw_unix(inspection.socket_path.as_deref().unwrap(), HEALTH).status, 200);
}

#[test]
fn a_live_socket_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nanometer.sock");
    let first = serve(&meter(), at(&path));
    assert_eq!(refused(&path).code, "NANOMETER_SOCKET_IN_USE");
    assert_eq!(raw_unix(&path, HEALTH).status, 200);
    first.stop();
    serve(&meter(), at(&path));
}

#[test]
fn files_links_and_folders_are_never_removed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    let link = folder.path().join("link");
    symlink(&file, &link).unwrap();
    let stale = folder.path().join("stale");
    drop(UnixListener::bind(&stale).unwrap());
    let link_to_socket = folder.path().join("link_to_socket");
    symlink(&stale, &link_to_socket).unwrap();
    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("nowhere"), &dangling).unwrap();
    let directory = folder.path().join("directory");
    fs::create_dir(&directory).unwrap();
    for path in [&file, &link, &link_to_socket, &dangling, &directory] {
        let warning = refused(path);
        assert_eq!(warning.code, "NANOMETER_SOCKET_BLOCKED", "{path:?}: {}", warning.message);
        assert!(fs::symlink_metadata(path).is_ok(), "{path:?} is gone");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert!(stale.exists());
}

#[test]
fn paths_that_cannot_be_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let base = fs::canonicalize(folder.path()).unwrap();
    let longest = base.join("s".repeat(107 - base.as_os_str().len() - 1));
    let warning = refused(
        &longest.with_file_name(format!("{}s", longest.file_name().unwrap().to_str().unwrap())),
    );
    assert_eq!(warning.code, "NANOMETER_SOCKET_PATH");
    assert!(warning.message.contains("108 bytes"), "{}", warning.message);
    serve(&meter(), at(&longest)).stop();
    assert_eq!(refused(&folder.path().join("..")).code, "NANOMETER_SOCKET_PATH");
    assert_eq!(refused(&folder.path().join("no/such/folder/s")).code, "NANOMETER_LISTEN");
}

#[test]
fn dots_in_the_path_are_resolved() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    let inspection = serve(&meter(), at(folder.path().join("deep/../deep/./../s")));
    let expected = fs::canonicalize(folder.path()).unwrap().join("s");
    assert_eq!(inspection.socket_path.as_deref(), Some(&*expected));
    assert_eq!(raw_unix(&expected, HEALTH).status, 200);
}

#[test]
fn a_file_put_in_the_sockets_place_survives_its_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("s");
    let inspection = serve(&meter(), at(&path));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "another's").unwrap();
    inspection.stop();
    assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
}

#[test]
fn a_port_in_use_is_a_warning_and_the_rest_works() {
    let folder = TempDir::new().unwrap();
    let first = serve(&meter(), on_tcp());
    let options =
        InspectionOptions { port: first.port, socket: Some(folder.path().join("s")), ..on_tcp() };
    let (second, warnings) = Inspection::start(meter(), options);
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["NANOMETER_PORT_IN_USE"]);
    assert!(warnings[0].message.contains(&first.port.unwrap().to_string()));
    assert_eq!((second.url.as_deref(), second.port), (None, None));
    assert_eq!(raw_unix(second.socket_path.as_deref().unwrap(), HEALTH).status, 200);
    assert_eq!(get(&first, "/healthz").status, 200);
}

#[test]
fn a_host_that_cannot_be_is_a_warning() {
    let options = InspectionOptions { host: "192.0.2.1".to_owned(), ..on_tcp() };
    let (_, warnings) = Inspection::start(meter(), options);
    assert_eq!(
        warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
        ["NANOMETER_LISTEN"]
    );
}

#[test]
fn the_port_is_free_when_stop_returns() {
    let first = serve(&meter(), on_tcp());
    let port = first.port;
    assert_eq!(first.url.as_deref(), Some(&*format!("http://127.0.0.1:{}", port.unwrap())));
    let mut open = connect(&first);
    first.stop();
    first.stop();
    assert_eq!(read_to_close(&mut open), 0);
    let again = serve(&meter(), InspectionOptions { port, ..on_tcp() });
    assert_eq!(get(&again, "/healthz").status, 200);
}

#[test]
fn several_meters_are_served_by_one_thread() {
    let meters = [meter(), meter(), meter()];
    let inspections: Vec<Inspection> = meters.iter().map(|meter| serve(meter, on_tcp())).collect();
    for (meter, inspection) in meters.iter().zip(&inspections) {
        meter
            .counter(&nanometer_core::Definition::new(
                "mine",
                nanometer_core::Kind::Counter,
                "",
                "",
            ))
            .unwrap();
        assert!(get(inspection, "/metrics").text().contains("mine_total 0"));
        assert!(Arc::strong_count(meter) > 1);
    }
    // One that ends and one that begins may be seen together.
    eventually("there is one thread", || threads_named("nanometer") == 1);
    inspections[1].stop();
    assert_eq!(get(&inspections[0], "/healthz").status, 200);
    assert_eq!(get(&inspections[2], "/healthz").status, 200);
}

fn threads_named(name: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|found| found.trim() == name).count()
}
