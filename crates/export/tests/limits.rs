//! Bounds of the server, from outside: what is too large, too slow or too much.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nanometer_core::{Definition, Kind, Meter};
use nanometer_export::{Inspection, InspectionOptions, Limits};
use support::*;

fn limited(limits: Limits) -> InspectionOptions {
    InspectionOptions { limits, ..on_tcp() }
}

/// Limits of time that nothing here reaches, for tests of something else.
fn patient() -> Limits {
    Limits { waiting: PATIENCE, answering: PATIENCE, ..Limits::default() }
}

/// A meter whose scrape has six megabytes: more than is buffered between a server and a client that
/// does not read.
fn large_meter() -> Arc<Meter> {
    let meter = meter();
    let help = "x".repeat(4_000);
    for index in 0..1_500 {
        meter.counter(&Definition::new(&format!("c{index}"), Kind::Counter, "", &help)).unwrap();
    }
    meter
}

#[test]
fn a_long_uri_is_414_and_long_headers_are_431() {
    let inspection = serve(&meter(), on_tcp());
    for bytes in [8_200, 20_000, 60_000, 70_000, 100_000] {
        let reply = get(&inspection, &format!("/{}", "a".repeat(bytes)));
        assert_eq!(reply.status, 414, "a target of {bytes} bytes");
        let reply =
            get_with(&inspection, "/metrics", &format!("X-Long: {}\r\n", "a".repeat(bytes)));
        assert_eq!(reply.status, 431, "a header of {bytes} bytes");
    }
    let many = "X-Many: a\r\n".repeat(1_000);
    assert_eq!(get_with(&inspection, "/metrics", &many).status, 431);
    let enormous = format!("X-Long: {}\r\n", "a".repeat(400_000));
    assert_eq!(get_with(&inspection, "/metrics", &enormous).status, 431);
    assert_eq!(get(&inspection, &format!("/metrics?{}", "a".repeat(8_000))).status, 200);
}

#[test]
fn an_idle_connection_is_closed_also_after_an_answer() {
    let waiting = Duration::from_millis(150);
    let inspection = serve(&meter(), limited(Limits { waiting, ..Limits::default() }));
    let began = Instant::now();
    assert_eq!(read_to_close(&mut connect(&inspection)), 0);
    assert!(began.elapsed() >= waiting);
    let mut stream = connect(&inspection);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut stream, false).status, 200);
    assert_eq!(read_to_close(&mut stream), 0);
}

#[test]
fn a_head_sent_byte_by_byte_gains_no_time() {
    let waiting = Duration::from_millis(300);
    let inspection = serve(&meter(), limited(Limits { waiting, ..Limits::default() }));
    let mut stream = connect(&inspection);
    let (began, mut sent) = (Instant::now(), 0);
    stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    // A read that times out is the pause between two bytes; one that ends is the close.
    loop {
        if stream.write_all(b"G").is_err() || matches!(stream.read(&mut [0]), Ok(0)) {
            break;
        }
        sent += 1;
        assert!(began.elapsed() < PATIENCE, "open after {sent} bytes");
    }
    assert!(sent > 3, "closed at once");
}

#[test]
fn a_slow_reader_is_cut_off() {
    let answering = Duration::from_millis(300);
    let meter = large_meter();
    let whole = get(&serve(&meter, limited(patient())), "/metrics").body.len();
    let inspection = serve(&meter, limited(Limits { answering, ..Limits::default() }));
    let mut stream = connect(&inspection);
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    // Nothing is read until the server has given up.
    let client = stream.local_addr().unwrap().port();
    eventually("the server closes", || !established(&inspection).contains(&client));
    let read = read_to_close(&mut stream);
    assert!(read < whole, "{read} of {whole} bytes came through");
    assert_eq!(get(&inspection, "/healthz").status, 200);
}

/// The ports of the clients that the server's ends of connections are still established with.
fn established(inspection: &Inspection) -> HashSet<u16> {
    let port_of = |address: &str| u16::from_str_radix(address.rsplit(':').next()?, 16).ok();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| port_of(row[1]) == inspection.port && row[3] == "01")
        .filter_map(|row| port_of(row[2]))
        .collect()
}

#[test]
fn scrapes_past_the_limit_are_told_to_come_back() {
    let meter = large_meter();
    let inspection = serve(&meter, limited(Limits { scrapes: 2, ..patient() }));
    let mut slow: Vec<TcpStream> = (0..2).map(|_| connect(&inspection)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut first = [0];
        stream.read_exact(&mut first).unwrap();
    }
    for path in ["/metrics", "/snapshot", "/traces"] {
        let refused = get(&inspection, path);
        assert_eq!((refused.status, refused.error_code().as_str()), (503, "BUSY"));
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(get(&inspection, "/healthz").status, 200);
    drop(slow);
    eventually("a scrape is answered", || get(&inspection, "/metrics").status == 200);
}

#[test]
fn the_oldest_idle_connection_makes_room_for_a_new_one() {
    let meter = meter();
    let inspection = serve(&meter, limited(Limits { connections: 4, ..patient() }));
    let mut idle: Vec<TcpStream> = (0..4).map(|_| connect(&inspection)).collect();
    assert_eq!(get(&inspection, "/healthz").status, 200);
    let told = read_reply(&mut idle[0], false);
    assert_eq!((told.status, told.header("connection")), (503, Some("close")));
    assert_eq!(read_to_close(&mut idle[0]), 0);
    idle[3].write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let text = read_reply(&mut idle[3], false).text();
    assert_eq!(sample(&text, "nanometer_connections_refused_total"), Some(1.0));
}

#[test]
fn a_thousand_half_open_connections_keep_nobody_out() {
    let inspection = serve(&meter(), limited(Limits { connections: 128, ..patient() }));
    let mut crowd = Vec::new();
    for index in 0..1_000 {
        let mut stream = connect(&inspection);
        // The server may have closed it already, to make room.
        let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nX-Slow: ");
        crowd.push(stream);
        if index % 50 == 0 {
            assert_eq!(get(&inspection, "/healthz").status, 200, "after {index} connections");
        }
    }
    eventually("most are closed", || established(&inspection).len() <= 128);
}

#[test]
fn connections_past_the_limit_are_told_so_while_all_are_busy() {
    let meter = large_meter();
    let inspection = serve(&meter, limited(Limits { connections: 2, ..patient() }));
    let mut busy: Vec<TcpStream> = (0..2).map(|_| connect(&inspection)).collect();
    for stream in &mut busy {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut first = [0];
        stream.read_exact(&mut first).unwrap();
    }
    let refused = get(&inspection, "/healthz");
    assert_eq!((refused.status, refused.header("connection")), (503, Some("close")));
    drop(busy);
    eventually("there is room again", || get(&inspection, "/healthz").status == 200);
}

#[test]
fn health_is_answered_while_a_large_scrape_streams() {
    let meter = large_meter();
    let inspection = serve(&meter, limited(patient()));
    let mut scrape = connect(&inspection);
    scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n").unwrap();
    let mut first = [0];
    scrape.read_exact(&mut first).unwrap();
    assert_eq!(get(&inspection, "/healthz").status, 200);
    let text = get(&inspection, "/metrics").text();
    assert!(text.len() > 6_000_000);
    assert!(read_until_end_of_chunks(&mut scrape) > 1_000);
}

/// Reads a chunked answer to its end.
fn read_until_end_of_chunks(stream: &mut TcpStream) -> usize {
    let mut bytes = Vec::new();
    let mut scrap = [0; 64 * 1024];
    while !bytes.ends_with(b"0\r\n\r\n") {
        let more = stream.read(&mut scrap).unwrap();
        assert!(more > 0, "closed before the end");
        bytes.extend_from_slice(&scrap[..more]);
    }
    bytes.len()
}
