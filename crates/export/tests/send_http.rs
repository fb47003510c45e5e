//! What comes of requests over HTTP, whatever a server answers or fails to.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod send_support;

use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use nanometer_export::send::{Outcome, Reason, Sender, Signal};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceResponse,
};
use proptest::prelude::*;
use prost::Message;
use send_support::http::{Receiver, Step, all_is_well, answer};
use send_support::{body, delivered, destination, message, sender, short};
use serde_json::json;

const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");

#[tokio::test]
async fn a_request_is_a_post_with_the_headers_of_otlp() {
    let receiver = Receiver::answering(all_is_well()).await;
    for (protocol, media_type, compression) in [
        ("http/protobuf", "application/x-protobuf", "none"),
        ("http/json", "application/json", "none"),
        ("http/protobuf", "application/x-protobuf", "gzip"),
        ("http/json", "application/json", "gzip"),
    ] {
        let sender = sender(
            protocol,
            &receiver.url(),
            json!({ "headers": { "X-Tenant": "a b" }, "compression": compression }),
        );
        let sent = Bytes::from(b"{}".repeat(1_000));
        assert_eq!(sender.send(&sent).await, delivered());

        let seen = receiver.seen().pop().unwrap();
        assert_eq!(seen.line, "POST /v1/metrics HTTP/1.1");
        assert_eq!(seen.header("content-type"), Some(media_type));
        assert_eq!(seen.header("host"), Some(receiver.address.as_str()));
        assert_eq!(seen.header("x-tenant"), Some("a b"));
        let name = seen.header("user-agent").unwrap();
        assert!(name.starts_with("OTel-OTLP-Exporter-nanometer/"), "{name}");
        if compression == "gzip" {
            assert_eq!(seen.header("content-encoding"), Some("gzip"));
            assert!(seen.body.len() < 100);
            let mut plain = Vec::new();
            std::io::Read::read_to_end(&mut GzDecoder::new(&seen.body[..]), &mut plain).unwrap();
            assert_eq!(plain, sent);
        } else {
            assert_eq!(seen.header("content-encoding"), None);
            assert_eq!(seen.body, sent);
        }
    }
}

#[tokio::test]
async fn requests_share_a_connection_while_it_lasts() {
    let receiver = Receiver::start(|number| match number {
        2 => vec![Step::Write(all_is_well()), Step::Close],
        _ => vec![Step::Write(all_is_well())],
    })
    .await;
    let sender = sender("http/protobuf", &receiver.url(), json!({}));
    for _ in 0..5 {
        assert_eq!(sender.send(&body()).await, delivered());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let connections: Vec<_> = receiver.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 0, 1, 1]);
}

#[tokio::test]
async fn only_four_statuses_are_tried_again_and_wait_as_told() {
    let in_an_hour = SystemTime::now() + Duration::from_secs(3_600);
    let date = httpdate::fmt_http_date(in_an_hour);
    let waits = [
        (None, None),
        (Some("0"), Some(0)),
        (Some("1"), Some(1)),
        (Some("-1"), None),
        (Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0)),
        (Some(date.as_str()), Some(3_600)),
        (Some("1000000000"), Some(1_000_000_000)),
        (Some("1e9"), None),
        (Some("garbage"), None),
    ];
    let statuses = (400..=431).chain(500..=511).chain([300, 304, 308, 599]);
    for status in statuses {
        for (header, wait) in waits {
            let mut headers = vec![("Content-Type", "application/json")];
            headers.extend(header.map(|value| ("Retry-After", value)));
            let words = br#"{"code":14,"message":"the server's words"}"#;
            let receiver =
                Receiver::answering(answer(&format!("{status} Odd"), &headers, words)).await;
            let sender = sender("http/protobuf", &receiver.url(), json!({}));
            let outcome = sender.send(&body()).await;
            let (what, reason, after) = short(&outcome);
            let case = format!("{status} Retry-After {header:?}: {outcome:?}");
            if [429, 502, 503, 504].contains(&status) {
                assert_eq!(what, "retry", "{case}");
                let expected = if status == 429 { Reason::Throttled } else { Reason::Unavailable };
                assert_eq!(reason, Some(expected), "{case}");
                let distance = match (after, wait) {
                    (Some(after), Some(wait)) => after.abs_diff(Duration::from_secs(wait)),
                    (after, wait) => {
                        assert!(after.is_none() && wait.is_none(), "{case}");
                        Duration::ZERO
                    }
                };
                assert!(distance < Duration::from_secs(10), "{case}");
            } else {
                assert_eq!(what, "refused", "{case}");
                let expected = match status {
                    401 | 403 => Reason::Unauthorized,
                    413 => Reason::TooLarge,
                    _ => Reason::Rejected,
                };
                assert_eq!(reason, Some(expected), "{case}");
            }
            assert!(message(&outcome).contains(&receiver.url()), "{case}");
            if status >= 400 {
                assert!(message(&outcome).contains("“the server's words”"), "{case}");
            }
            assert_eq!(receiver.seen().len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_success_is_one_of_any_kind_with_an_answer_of_otlp_or_none() {
    let partial = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: 3,
            error_message: "too old".to_owned(),
        }),
    };
    let warned = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: 0,
            error_message: "deprecated".to_owned(),
        }),
    };
    let json_type = ("Content-Type", "application/json; charset=utf-8");
    let zipped = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&partial.encode_to_vec()).unwrap();
        encoder.finish().unwrap()
    };
    for (answered, rejected, words) in [
        (all_is_well(), 0, ""),
        (answer("200 OK", &[], b""), 0, ""),
        (answer("202 Accepted", &[json_type], b"{}"), 0, ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), 0, ""),
        (answer("200 OK", &[PROTOBUF], &partial.encode_to_vec()), 3, "“too old”"),
        (answer("200 OK", &[PROTOBUF, ("Content-Encoding", "gzip")], &zipped), 3, "“too old”"),
        (answer("200 OK", &[PROTOBUF], &warned.encode_to_vec()), 0, "“deprecated”"),
        (
            answer("200 OK", &[json_type], br#"{"partialSuccess":{"rejectedDataPoints":"3"}}"#),
            3,
            "rejected 3 items",
        ),
    ] {
        let receiver = Receiver::answering(answered).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert!(
            matches!(outcome, Outcome::Delivered { rejected: found, .. } if found == rejected),
            "{outcome:?}"
        );
        assert!(message(&outcome).contains(words), "{outcome:?}");
        assert_eq!(message(&outcome).is_empty(), words.is_empty());
        assert_eq!(receiver.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_success_that_no_receiver_of_otlp_gives_is_none() {
    let bomb = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..32 {
            encoder.write_all(&[0; 1 << 20]).unwrap();
        }
        encoder.finish().unwrap()
    };
    let gzip = ("Content-Encoding", "gzip");
    let html = ("Content-Type", "text/html; charset=utf-8");
    let page = b"<!DOCTYPE html><html><body>Welcome</body></html>";
    let large = vec![0; (4 << 20) + 1];
    for (answered, words) in [
        (answer("200 OK", &[html], page), "HTML"),
        (answer("200 OK", &[], page), "HTML"),
        (answer("200 OK", &[PROTOBUF], b"\x0a\xff\xff"), "protobuf"),
        (answer("200 OK", &[("Content-Type", "text/plain")], b"ok"), "text/plain"),
        (answer("200 OK", &[("Content-Type", "application/json")], b"\x0a\x00"), "json"),
        (answer("200 OK", &[PROTOBUF, gzip], &bomb), "4194304"),
        (answer("200 OK", &[PROTOBUF, gzip], b"not gzip"), "cannot be read"),
        (answer("200 OK", &[PROTOBUF, ("Content-Encoding", "br")], b"x"), "cannot be read"),
        (answer("200 OK", &[PROTOBUF], &large), "4194304"),
        // A length shorter than the body: what is within it is no message.
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\x0a\x00".to_vec(), "OTLP"),
    ] {
        let receiver = Receiver::answering(answered).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert_eq!(short(&outcome), ("refused", Some(Reason::BadResponse), None), "{outcome:?}");
        assert!(message(&outcome).contains(words), "{outcome:?}");
        assert!(message(&outcome).contains(&receiver.url()));
        assert!(message(&outcome).len() < 600);
    }
}

#[tokio::test]
async fn what_follows_a_short_length_does_not_spoil_the_next_request() {
    let receiver = Receiver::start(|number| match number {
        0 => vec![Step::Write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nextra".to_vec())],
        _ => vec![Step::Write(all_is_well())],
    })
    .await;
    let sender = sender("http/protobuf", &receiver.url(), json!({}));
    for _ in 0..3 {
        assert_eq!(sender.send(&body()).await, delivered());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_after_a_success_was_a_success() {
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/x-protobuf\r\n\r\n\x0a";
    for end in [Step::Close, Step::Reset] {
        let steps = vec![
            Step::Write(begun.to_vec()),
            // So that what is written is read before the reset overtakes it.
            Step::Wait(Duration::from_millis(50)),
            end,
        ];
        let receiver = Receiver::start(move |_| steps.clone()).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert!(matches!(outcome, Outcome::Delivered { rejected: 0, warning: Some(_) }));
        assert!(message(&outcome).contains("not known"), "{outcome:?}");
        assert_eq!(receiver.seen().len(), 1);
    }
}

#[tokio::test]
async fn no_whole_answer_is_no_answer() {
    for steps in [
        vec![Step::Close],
        vec![Step::Reset],
        vec![Step::Write(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()), Step::Close],
    ] {
        let receiver = Receiver::start(move |_| steps.clone()).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert_eq!(short(&outcome), ("retry", Some(Reason::Connection), None), "{outcome:?}");
        assert!(message(&outcome).contains("closed the connection"), "{outcome:?}");
        assert_eq!(receiver.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let target = Receiver::answering(all_is_well()).await;
    let location = format!("http://me:secret@{}/elsewhere", target.address);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let receiver =
            Receiver::answering(answer(status, &[("Location", location.as_str())], b"")).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert_eq!(short(&outcome), ("refused", Some(Reason::Rejected), None));
        assert!(
            message(&outcome).contains("/elsewhere") && message(&outcome).contains("redirects")
        );
        assert!(!message(&outcome).contains("secret"));
    }
    assert_eq!(target.seen().len(), 0);
}

#[tokio::test]
async fn an_answer_counts_until_the_time_is_over() {
    let limit = 500;
    let slowly = |bytes: Vec<u8>| -> Vec<Step> {
        bytes
            .into_iter()
            .flat_map(|byte| [Step::Write(vec![byte]), Step::Wait(Duration::from_millis(100))])
            .collect()
    };
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n".to_vec();
    let after = |time| vec![Step::Wait(Duration::from_millis(time)), Step::Write(all_is_well())];
    for (steps, expected, words) in [
        (after(limit - 250), ("delivered", None, None), ""),
        (after(limit + 250), ("retry", Some(Reason::Timeout), None), "did not answer within 0.5 s"),
        (slowly(all_is_well()), ("retry", Some(Reason::Timeout), None), "did not answer"),
        (
            [vec![Step::Write(head)], slowly(vec![0; 20])].concat(),
            ("delivered", None, None),
            "did not finish its answer in time",
        ),
    ] {
        let receiver = Receiver::start(move |_| steps.clone()).await;
        let sender = sender("http/protobuf", &receiver.url(), json!({ "timeoutMs": limit }));
        let started = Instant::now();
        let outcome = sender.send(&body()).await;
        assert!(started.elapsed() < Duration::from_millis(limit + 240));
        assert_eq!(short(&outcome), expected, "{outcome:?}");
        assert!(message(&outcome).contains(words), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_timeout_of_nothing_is_none() {
    let steps = vec![Step::Wait(Duration::from_millis(300)), Step::Write(all_is_well())];
    let receiver = Receiver::start(move |_| steps.clone()).await;
    let sender = sender("http/protobuf", &receiver.url(), json!({ "timeoutMs": 0 }));
    assert_eq!(sender.send(&body()).await, delivered());
}

#[tokio::test]
async fn a_send_that_is_given_up_leaves_the_sender_usable() {
    let receiver = Receiver::start(|number| match number {
        0 => vec![Step::Wait(Duration::from_secs(60))],
        _ => vec![Step::Write(all_is_well())],
    })
    .await;
    let sender = sender("http/protobuf", &receiver.url(), json!({}));
    let given_up =
        tokio::time::timeout(Duration::from_millis(100), sender.send(&body())).await.is_err();
    assert!(given_up);
    assert_eq!(sender.send(&body()).await, delivered());
    let connections: Vec<_> = receiver.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[tokio::test]
async fn more_than_otlp_allows_is_not_sent() {
    let receiver = Receiver::answering(all_is_well()).await;
    let sender = sender("http/protobuf", &receiver.url(), json!({}));
    let outcome = sender.send(&Bytes::from(vec![0; (64 << 20) + 1])).await;
    assert_eq!(short(&outcome), ("refused", Some(Reason::TooLarge), None));
    assert_eq!(receiver.seen().len(), 0);
    assert_eq!(sender.send(&Bytes::from(vec![0; 64 << 20])).await, delivered());
}

#[tokio::test]
async fn a_unix_socket_serves_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otlp.sock");
    let missing = sender("http/protobuf", &format!("unix:{}", path.display()), json!({}));
    let outcome = missing.send(&body()).await;
    assert_eq!(short(&outcome), ("retry", Some(Reason::Connection), None));
    assert!(message(&outcome).contains("no socket"), "{outcome:?}");

    let receiver = Receiver::start_on_socket(&path, |_| vec![Step::Write(all_is_well())]);
    for signal in [Signal::Metrics, Signal::Traces] {
        let destination = destination("http/protobuf", &receiver.address, json!({}));
        let sender = Sender::open(&destination, signal).unwrap();
        assert_eq!(sender.send(&body()).await, delivered());
    }
    let lines: Vec<_> = receiver.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["POST /v1/metrics HTTP/1.1", "POST /v1/traces HTTP/1.1"]);

    drop(receiver);
    tokio::task::yield_now().await;
    let outcome = missing.send(&body()).await;
    assert!(message(&outcome).contains("nobody listens"), "{outcome:?}");
}

#[tokio::test]
async fn a_password_in_the_url_is_sent_and_never_shown() {
    let receiver = Receiver::answering(answer("500 No", &[], b"")).await;
    let url = format!("http://me:secret@{}/v1/metrics", receiver.address);
    let sender = sender("http/protobuf", &url, json!({ "headers": { "x-key": "hidden" } }));
    let outcome = sender.send(&body()).await;
    assert!(!format!("{outcome:?} {sender:?}").contains("secret"));
    assert!(!format!("{outcome:?} {sender:?}").contains("hidden"));
    assert_eq!(receiver.seen()[0].header("authorization"), Some("Basic bWU6c2VjcmV0"));
}

#[tokio::test]
async fn wrong_headers_are_refused_by_name() {
    for (headers, named) in [
        (json!({ "a b": "v" }), "a b"),
        (json!({ "x-key": "top\nsecret" }), "x-key"),
        (json!({ "Content-Length": "1" }), "Content-Length"),
    ] {
        let destination =
            destination("http/protobuf", "http://localhost:4318/", json!({ "headers": headers }));
        let error = Sender::open(&destination, Signal::Metrics).unwrap_err();
        assert_eq!(error.option, "headers");
        assert!(error.what.contains(named), "{error}");
        assert!(!error.what.contains("secret"), "{error}");
    }
}

/// Answers that are right but for a few bytes, and noise.
fn any_answer() -> impl Strategy<Value = Vec<u8>> {
    let damaged = (
        any::<prop::sample::Index>(),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    )
        .prop_map(|(kind, changes)| {
            let json = ("Content-Type", "application/json");
            let mut bytes = kind
                .get(&[
                    answer("200 OK", &[PROTOBUF], b"\x0a\x06\x08\x03\x12\x02no"),
                    answer("200 OK", &[json], br#"{"partialSuccess":{"rejectedDataPoints":"3"}}"#),
                    answer("200 OK", &[("Content-Encoding", "gzip")], &[31, 139, 8, 0, 0, 0, 0]),
                    answer("503 Busy", &[("Retry-After", "1")], b"\x08\x0e\x12\x02no"),
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
                        .to_vec(),
                ])
                .clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        });
    prop_oneof![damaged, prop::collection::vec(any::<u8>(), 0..100)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_answer_makes_it_panic(bytes in any_answer()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let steps = vec![Step::Write(bytes), Step::Close];
            let receiver = Receiver::start(move |_| steps.clone()).await;
            let sender = sender("http/protobuf", &receiver.url(), json!({ "timeoutMs": 2_000 }));
            let started = Instant::now();
            let outcome = sender.send(&body()).await;
            assert!(started.elapsed() < Duration::from_secs(5), "{outcome:?}");
        });
    }
}
