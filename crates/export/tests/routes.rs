//! The routes from outside, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use nanometer_core::{Definition, Kind, Level};
use nanometer_export::InspectionOptions;
use serde_json::json;
use support::*;

/// Every route that has no id in its path.
const PATHS: [&str; 11] = [
    "/",
    "/metrics",
    "/healthz",
    "/snapshot",
    "/flows",
    "/events",
    "/traces",
    "/level",
    "/tracing",
    "/exporters",
    "/cardinality",
];

#[test]
fn metrics_come_in_the_format_that_is_asked_for() {
    let meter = meter();
    meter.counter(&Definition::new("jobs.done", Kind::Counter, "{job}", "Jobs.")).unwrap().add(3);
    let inspection = serve(&meter, on_tcp());
    let text = get(&inspection, "/metrics?name[]=ignored");
    assert_eq!(text.status, 200);
    assert_eq!(text.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(text.text().starts_with("# HELP target_info Target metadata.\n"));
    assert_eq!(sample(&text.text(), "jobs_done_total"), Some(3.0));
    let accept = "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8\r\n";
    let open = get_with(&inspection, "/metrics", accept);
    let expected =
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8";
    assert_eq!(open.header("content-type"), Some(expected));
    assert!(
        open.text().contains("# TYPE jobs_done counter\n") && open.text().ends_with("\n# EOF\n")
    );
}

#[test]
fn gzip_is_used_when_asked_for() {
    let inspection = serve(&meter(), on_tcp());
    for path in ["/metrics", "/snapshot"] {
        let reply = get_with(&inspection, path, "Accept-Encoding: gzip\r\n");
        assert_eq!(reply.header("content-encoding"), Some("gzip"));
        let mut text = String::new();
        GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap();
        assert!(text.contains("tested"), "{text}");
        let plain = get_with(&inspection, path, "Accept-Encoding: gzip;q=0\r\n");
        assert_eq!(plain.header("content-encoding"), None);
    }
}

#[test]
fn the_other_routes_answer() {
    let meter = meter();
    let inspection = serve(&meter, on_tcp());
    let health = get(&inspection, "/healthz");
    assert_eq!((health.status, health.json()), (200, json!({ "status": "ok" })));
    let list = get(&inspection, "/").text();
    for path in PATHS {
        assert!(list.contains(path), "{list}");
    }
    let snapshot = get(&inspection, "/snapshot");
    assert_eq!(snapshot.header("content-type"), Some("application/json"));
    let snapshot = snapshot.json();
    assert_eq!(snapshot["service"], "tested");
    assert_eq!(snapshot["processes"][0]["pid"], std::process::id());
    assert_eq!(get(&inspection, "/exporters").json(), json!({ "exporters": [] }));
    let cardinality = get(&inspection, "/cardinality").json();
    assert_eq!(cardinality["overflowed"], 0);
    assert!(cardinality["families"].as_array().unwrap().len() <= 20);
    assert_eq!(cardinality["series"], meter.cardinality().series);
}

#[test]
fn head_has_the_headers_and_no_body() {
    let inspection = serve(&meter(), on_tcp());
    for path in PATHS {
        let mut stream = connect(&inspection);
        write!(
            stream,
            "HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        .unwrap();
        let head = read_reply(&mut stream, true);
        assert_eq!(head.status, 200, "{path}");
        assert!(head.header("content-type").is_some(), "{path}");
        assert_eq!(read_reply(&mut stream, false).json(), json!({ "status": "ok" }), "{path}");
    }
}

#[test]
fn what_is_not_there_is_404_and_what_is_not_for_that_405() {
    let inspection = serve(&meter(), on_tcp());
    for path in [
        "/nothing",
        "/metrics/",
        "//metrics",
        "/../metrics",
        "/%2e%2e/metrics",
        "/%2e/metrics",
        "/metrics%00",
        "/METRICS",
        "/level/x",
    ] {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.error_code().as_str()), (404, "NOT_FOUND"), "{path}");
    }
    for (method, path, allow) in [
        ("POST", "/metrics", "GET, HEAD"),
        ("DELETE", "/level", "GET, HEAD, PUT"),
        ("PUT", "/snapshot", "GET, HEAD"),
        ("OPTIONS", "/", "GET, HEAD"),
    ] {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}");
        let reply = raw(&inspection, request.as_bytes());
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allow)), "{method} {path}");
        assert_eq!(reply.error_code(), "METHOD_NOT_ALLOWED");
    }
}

#[test]
fn what_is_no_clean_http_is_refused() {
    let inspection = serve(&meter(), on_tcp());
    for request in [
        "GET /metrics HTTP/1.1\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "PUT /level HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\noff\r\n0\r\n\r\n",
        "PUT /level HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\noff\r\n0\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "GET /met\0rics HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Nul: a\0b\r\n\r\n",
        "GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        assert_eq!(raw(&inspection, request.as_bytes()).status, 400, "{request:?}");
    }
    assert_eq!(get(&inspection, "/healthz").status, 200);
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let inspection = serve(&meter(), on_tcp());
    let mut stream = connect(&inspection);
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let reply = read_reply(&mut stream, false);
    assert_eq!((reply.status, reply.header("transfer-encoding")), (200, None));
    assert!(reply.text().ends_with('\n'));
    assert_eq!(read_to_close(&mut stream), 0);
}

#[test]
fn a_hundred_pipelined_requests_are_answered_in_order() {
    let inspection = serve(&meter(), on_tcp());
    let mut stream = connect(&inspection);
    let paths = ["/healthz", "/metrics", "/level", "/nothing"];
    let requests: String = (0..100)
        .map(|index| format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", paths[index % paths.len()]))
        .collect();
    stream.write_all(requests.as_bytes()).unwrap();
    for index in 0..100 {
        let reply = read_reply(&mut stream, false);
        let expected = if paths[index % paths.len()] == "/nothing" { 404 } else { 200 };
        assert_eq!(reply.status, expected, "answer {index}");
    }
}

#[test]
fn odd_accept_headers_do_no_harm() {
    let inspection = serve(&meter(), on_tcp());
    for accept in
        ["text/plain;q=high", ";;;,,/", "*/*;q=0", "application/openmetrics-text;q=\"", "\u{e9}"]
    {
        let reply = get_with(&inspection, "/metrics", &format!("Accept: {accept}\r\n"));
        assert_eq!(
            reply.header("content-type"),
            Some("text/plain; version=0.0.4; charset=utf-8"),
            "{accept}"
        );
    }
}

#[test]
fn setting_the_level_over_tcp_needs_a_token() {
    let meter = meter();
    let open = serve(&meter, on_tcp());
    let reply = raw(&open, &put_level("diagnostic", ""));
    assert_eq!((reply.status, reply.error_code().as_str()), (403, "FORBIDDEN"));
    assert_eq!(meter.level(), Level::Production);
    let guarded = serve(&meter, InspectionOptions { token: Some("s3cret".to_owned()), ..on_tcp() });
    let token = "Authorization: bearer s3cret\r\n";
    let reply = raw(&guarded, &put_level("{\"level\":\"diagnostic\"}", token));
    assert_eq!(reply.json(), json!({ "level": "diagnostic", "revertsInMs": null }));
    assert_eq!(meter.level(), Level::Diagnostic);
    let reply = raw(&guarded, &put_level("{\"level\":\"off\",\"forMs\":60000}", token)).json();
    assert_eq!((meter.level(), &reply["level"]), (Level::Off, &json!("off")));
    assert!((1..=60_000).contains(&reply["revertsInMs"].as_u64().unwrap()), "{reply}");
    let reply = raw(&guarded, &put_level("loud", token));
    assert_eq!((reply.status, reply.error_code().as_str()), (400, "BAD_REQUEST"));
    let reply = raw(&guarded, &put_level(&" ".repeat(2_000), token));
    assert_eq!((reply.status, reply.error_code().as_str()), (413, "BODY_TOO_LARGE"));
    assert_eq!(meter.level(), Level::Off);
}

#[test]
fn a_token_guards_every_route_with_one_constant_answer() {
    let inspection =
        serve(&meter(), InspectionOptions { token: Some("s3cret".to_owned()), ..on_tcp() });
    let mut bodies = Vec::new();
    for path in PATHS.into_iter().chain(["/nothing"]) {
        for headers in [
            "",
            "Authorization: s3cret\r\n",
            "Authorization: Bearer\r\n",
            "Authorization: Bearer S3cret\r\n",
            "Authorization: Bearer s3cre\r\n",
            "Authorization: Bearer s3cret2\r\n",
            "Authorization: Basic s3cret\r\n",
            "Authorization: Bearer s3cret\r\nAuthorization: Bearer s3cret\r\n",
        ] {
            let reply = get_with(&inspection, path, headers);
            assert_eq!(
                (reply.status, reply.header("www-authenticate")),
                (401, Some("Bearer realm=\"nanometer\"")),
                "{path} {headers}"
            );
            bodies.push(reply.body);
        }
        let allowed = get_with(&inspection, path, "Authorization: Bearer s3cret\r\n");
        assert_eq!(allowed.status, if path == "/nothing" { 404 } else { 200 });
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[test]
fn collisions_are_reported_once() {
    let meter = meter();
    for name in ["jobs.done", "jobs_done"] {
        meter.counter(&Definition::new(name, Kind::Counter, "", "Jobs.")).unwrap().add(1);
    }
    let inspection = serve(&meter, on_tcp());
    for _ in 0..3 {
        get(&inspection, "/metrics");
    }
    let warnings = meter.take_warnings();
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["NANOMETER_PROMETHEUS_COLLISION"]);
    assert!(warnings[0].message.contains("jobs_done") && warnings[0].message.contains("jobs.done"));
    let text = get(&inspection, "/metrics").text();
    assert_eq!(sample(&text, "nanometer_prometheus_collisions_total"), Some(1.0));
}

#[test]
fn scrapes_are_counted() {
    let inspection = serve(&meter(), on_tcp());
    let first = get(&inspection, "/metrics");
    assert_eq!(sample(&first.text(), "nanometer_scrapes_total"), Some(0.0));
    let second = get(&inspection, "/metrics").text();
    assert_eq!(sample(&second, "nanometer_scrapes_total"), Some(1.0));
    assert_eq!(sample(&second, "nanometer_scrape_duration_seconds_count"), Some(1.0));
    assert_eq!(sample(&second, "nanometer_scrape_size_bytes_total"), Some(first.body.len() as f64));
}

#[test]
fn events_are_asked_for_by_the_number_before_them() {
    let inspection = serve(&meter(), on_tcp());
    let none = json!({ "events": [], "lost": 0, "last": 0 });
    for path in ["/events", "/events?after=0", "/events?after=17", "/events?x=y"] {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.json()), (200, none.clone()), "{path}");
    }
    for path in
        ["/events?after", "/events?after=-1", "/events?after=1.5", "/events?after=1&after=1"]
    {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "BAD_REQUEST"), "{path}");
    }
}
