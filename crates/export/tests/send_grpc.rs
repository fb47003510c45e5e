//! What comes of requests over gRPC, whatever a server answers or fails to.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod send_support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use h2::Reason as Reset;
use nanometer_export::send::{Outcome, Reason, Sender, Signal};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceResponse,
};
use proptest::prelude::*;
use prost::Message;
use send_support::grpc::{Answer, Receiver, failed, flagged, framed, grpc_headers, ok, with_data};
use send_support::{body, delivered, destination, message, sender, short};
use serde_json::json;
use tonic_types::{ErrorDetails, StatusExt};

const CODES: [(i32, &str); 16] = [
    (1, "CANCELLED"),
    (2, "UNKNOWN"),
    (3, "INVALID_ARGUMENT"),
    (4, "DEADLINE_EXCEEDED"),
    (5, "NOT_FOUND"),
    (6, "ALREADY_EXISTS"),
    (7, "PERMISSION_DENIED"),
    (8, "RESOURCE_EXHAUSTED"),
    (9, "FAILED_PRECONDITION"),
    (10, "ABORTED"),
    (11, "OUT_OF_RANGE"),
    (12, "UNIMPLEMENTED"),
    (13, "INTERNAL"),
    (14, "UNAVAILABLE"),
    (15, "DATA_LOSS"),
    (16, "UNAUTHENTICATED"),
];

/// `grpc-status-details-bin`, with how long to wait or without that.
fn details(code: i32, wait: Option<Option<Duration>>) -> String {
    let details = match wait {
        Some(wait) => ErrorDetails::with_retry_info(wait),
        None => ErrorDetails::with_debug_info(Vec::new(), "nothing of use"),
    };
    let status = tonic::Status::with_error_details(code.into(), "", details);
    let mut headers = hyper::HeaderMap::new();
    status.add_header(&mut headers).unwrap();
    headers["grpc-status-details-bin"].to_str().unwrap().to_owned()
}

async fn outcome_of(answer: Answer) -> (Outcome, Receiver) {
    let receiver = Receiver::answering(answer).await;
    let sender = sender("grpc", &receiver.url(), json!({}));
    (sender.send(&body()).await, receiver)
}

#[tokio::test]
async fn a_request_is_a_call_of_the_service_of_its_signal() {
    let receiver = Receiver::answering(with_data(framed(b""))).await;
    for (signal, path) in [
        (Signal::Metrics, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
        (Signal::Traces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    ] {
        for compression in ["none", "gzip"] {
            let changes = json!({
                "headers": { "X-Tenant": "a b" }, "compression": compression, "timeoutMs": 5_000
            });
            let endpoint = format!("{}/left/out", receiver.url());
            let destination = destination("grpc", &endpoint, changes);
            let sender = Sender::open(&destination, signal).unwrap();
            let sent = Bytes::from(b"metrics ".repeat(1_000));
            assert_eq!(sender.send(&sent).await, delivered());

            let call = receiver.calls().pop().unwrap();
            let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
            assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", path));
            assert_eq!(call.scheme, "http");
            assert_eq!(header("content-type"), Some("application/grpc"));
            assert_eq!(header("te"), Some("trailers"));
            assert_eq!(header("x-tenant"), Some("a b"));
            assert_eq!(header("grpc-timeout"), Some("5000000u"));
            assert!(header("user-agent").unwrap().starts_with("OTel-OTLP-Exporter-nanometer/"));
            if compression == "gzip" {
                assert_eq!(header("grpc-encoding"), Some("gzip"));
                assert!(call.body.len() < 200);
                assert_eq!(call.body[0], 1);
                let mut plain = Vec::new();
                GzDecoder::new(&call.body[5..]).read_to_end(&mut plain).unwrap();
                assert_eq!(plain, sent);
            } else {
                assert_eq!(header("grpc-encoding"), None);
                assert_eq!(call.body, framed(&sent));
            }
        }
    }
}

#[tokio::test]
async fn each_status_is_tried_again_or_not_as_otlp_says() {
    let two_seconds = Some(Duration::from_secs(2));
    for (code, name) in CODES {
        for (details, told, wait) in [
            (None, false, None),
            (Some(details(code, None)), false, None),
            (Some(details(code, Some(None))), true, None),
            (Some(details(code, Some(Some(Duration::ZERO)))), true, Some(Duration::ZERO)),
            (Some(details(code, Some(two_seconds))), true, two_seconds),
            (Some("bm90IGEgc3RhdHVz".to_owned()), false, None),
        ] {
            let (outcome, receiver) = outcome_of(failed(code, details)).await;
            let case = format!("{name}, RetryInfo {told} {wait:?}: {outcome:?}");
            let (what, reason, after) = short(&outcome);
            let again = [1, 4, 10, 11, 14, 15].contains(&code) || (code == 8 && told);
            assert_eq!(what, if again { "retry" } else { "refused" }, "{case}");
            let expected = match code {
                4 => Reason::Timeout,
                7 | 16 => Reason::Unauthorized,
                8 => Reason::Throttled,
                _ if again => Reason::Unavailable,
                _ => Reason::Rejected,
            };
            assert_eq!(reason, Some(expected), "{case}");
            assert_eq!(after, wait.filter(|_| again), "{case}");
            assert!(message(&outcome).contains(name), "{case}");
            assert!(message(&outcome).contains("“the server's words”"), "{case}");
            assert!(message(&outcome).contains(&receiver.url()), "{case}");
            assert_eq!(receiver.calls().len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_status_may_come_in_trailers_and_an_unknown_one_is_none() {
    let trailers = Some(vec![("grpc-status", "14".to_owned())]);
    let answer = Answer::Whole { headers: grpc_headers(), data: Vec::new(), trailers };
    let (outcome, _receiver) = outcome_of(answer).await;
    assert_eq!(short(&outcome), ("retry", Some(Reason::Unavailable), None), "{outcome:?}");

    for status in ["99", "-1", "abc", ""] {
        let trailers = Some(vec![("grpc-status", status.to_owned())]);
        let answer = Answer::Whole { headers: grpc_headers(), data: Vec::new(), trailers };
        let (outcome, _receiver) = outcome_of(answer).await;
        assert_eq!(short(&outcome), ("refused", Some(Reason::Rejected), None), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_success_has_a_receipt_or_none() {
    let partial = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: 3,
            error_message: "too old".to_owned(),
        }),
    };
    let mut headers = grpc_headers();
    headers.push(("grpc-encoding", "gzip".to_owned()));
    let zipped = Answer::Whole {
        headers,
        data: flagged(1, &zip(&partial.encode_to_vec())),
        trailers: Some(vec![("grpc-status", "0".to_owned())]),
    };
    let mut headers = grpc_headers();
    headers.push(("grpc-status", "0".to_owned()));
    for (answer, rejected) in [
        (ok(&partial), 3),
        (zipped, 3),
        (with_data(framed(b"")), 0),
        (with_data(Vec::new()), 0),
        (with_data(vec![0, 0, 0, 0, 9, 1]), 0),
        (Answer::HeadersOnly(200, headers), 0),
    ] {
        let (outcome, receiver) = outcome_of(answer).await;
        assert!(
            matches!(outcome, Outcome::Delivered { rejected: found, .. } if found == rejected),
            "{outcome:?}"
        );
        assert_eq!(message(&outcome).contains("“too old”"), rejected > 0);
        assert_eq!(receiver.calls().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_no_receiver_of_otlp_gives_is_refused() {
    let mut headers = grpc_headers();
    headers.push(("grpc-encoding", "gzip".to_owned()));
    let bomb = Answer::Whole {
        headers,
        data: flagged(1, &zip(&vec![0; 32 << 20])),
        trailers: Some(vec![("grpc-status", "0".to_owned())]),
    };
    for answer in [
        bomb,
        // Says that 4 GiB follow.
        with_data(vec![0, 255, 255, 255, 255, 1, 2, 3]),
        with_data(flagged(7, b"")),
        with_data(flagged(1, b"compressed by what?")),
        with_data(framed(b"\x0a\xff\xff")),
        Answer::Whole { headers: grpc_headers(), data: framed(b""), trailers: None },
        Answer::Whole { headers: grpc_headers(), data: framed(b""), trailers: Some(Vec::new()) },
        Answer::HeadersOnly(200, grpc_headers()),
    ] {
        let (outcome, receiver) = outcome_of(answer).await;
        assert_eq!(short(&outcome), ("refused", Some(Reason::BadResponse), None), "{outcome:?}");
        assert!(message(&outcome).contains(&receiver.url()));
        assert_eq!(receiver.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_reset_stream_has_the_status_that_grpc_gives_it() {
    for (reset, expected) in [
        (Reset::REFUSED_STREAM, ("retry", Some(Reason::Unavailable), None)),
        (Reset::CANCEL, ("retry", Some(Reason::Unavailable), None)),
        (Reset::INTERNAL_ERROR, ("refused", Some(Reason::Rejected), None)),
        (Reset::PROTOCOL_ERROR, ("refused", Some(Reason::Rejected), None)),
        (Reset::FLOW_CONTROL_ERROR, ("refused", Some(Reason::Rejected), None)),
        (Reset::ENHANCE_YOUR_CALM, ("refused", Some(Reason::Throttled), None)),
        (Reset::INADEQUATE_SECURITY, ("refused", Some(Reason::Unauthorized), None)),
    ] {
        for answer in [Answer::Reset(reset), Answer::ResetAfterHeaders(reset)] {
            let case = format!("{answer:?}");
            let (outcome, receiver) = outcome_of(answer).await;
            assert_eq!(short(&outcome), expected, "{case} {outcome:?}");
            assert_eq!(receiver.calls().len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_goes_away_is_replaced() {
    for (gone, words) in [
        (Answer::GoAway(Reset::NO_ERROR), ""),
        (Answer::GoAway(Reset::ENHANCE_YOUR_CALM), ""),
        (Answer::Close, "closed the connection"),
    ] {
        let case = format!("{gone:?}");
        let receiver = Receiver::start(move |number| match number {
            0 => gone.clone(),
            _ => with_data(framed(b"")),
        })
        .await;
        let sender = sender("grpc", &receiver.url(), json!({}));
        let outcome = sender.send(&body()).await;
        assert_eq!(
            short(&outcome),
            ("retry", Some(Reason::Connection), None),
            "{case} {outcome:?}"
        );
        assert!(message(&outcome).contains(words), "{case} {outcome:?}");
        assert_eq!(sender.send(&body()).await, delivered(), "{case}");
        let connections: Vec<_> = receiver.calls().iter().map(|call| call.connection).collect();
        assert_eq!(connections, [0, 1], "{case}");
    }
}

#[tokio::test]
async fn a_graceful_goodbye_costs_nothing() {
    let receiver = Receiver::answering(Answer::WholeThenGoAway(framed(b""))).await;
    let sender = sender("grpc", &receiver.url(), json!({}));
    for _ in 0..3 {
        assert_eq!(sender.send(&body()).await, delivered());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let connections: Vec<_> = receiver.calls().iter().map(|call| call.connection).collect();
    assert_eq!(connections, [0, 1, 2]);
}

#[tokio::test]
async fn requests_share_a_connection() {
    let receiver = Receiver::answering(with_data(framed(b""))).await;
    let sender = sender("grpc", &receiver.url(), json!({}));
    for _ in 0..3 {
        assert_eq!(sender.send(&body()).await, delivered());
    }
    assert!(receiver.calls().iter().all(|call| call.connection == 0));
}

#[tokio::test]
async fn an_http_server_in_between_is_judged_by_its_status() {
    let html = vec![("content-type", "text/html".to_owned())];
    for (status, expected) in [
        (200, ("refused", Some(Reason::Protocol), None)),
        (400, ("refused", Some(Reason::Protocol), None)),
        (401, ("refused", Some(Reason::Unauthorized), None)),
        (403, ("refused", Some(Reason::Unauthorized), None)),
        (404, ("refused", Some(Reason::Protocol), None)),
        (415, ("refused", Some(Reason::Protocol), None)),
        (429, ("retry", Some(Reason::Throttled), Some(Duration::from_secs(7)))),
        (500, ("refused", Some(Reason::Protocol), None)),
        (502, ("retry", Some(Reason::Unavailable), Some(Duration::from_secs(7)))),
        (503, ("retry", Some(Reason::Unavailable), Some(Duration::from_secs(7)))),
        (504, ("retry", Some(Reason::Unavailable), Some(Duration::from_secs(7)))),
    ] {
        let mut headers = html.clone();
        headers.push(("retry-after", "7".to_owned()));
        let (outcome, _receiver) = outcome_of(Answer::HeadersOnly(status, headers)).await;
        assert_eq!(short(&outcome), expected, "{status} {outcome:?}");
        assert!(message(&outcome).contains(&status.to_string()), "{outcome:?}");
    }
}

#[tokio::test]
async fn no_answer_in_time_is_tried_again() {
    let receiver = Receiver::answering(Answer::Hang).await;
    let sender = sender("grpc", &receiver.url(), json!({ "timeoutMs": 300 }));
    let started = Instant::now();
    let outcome = sender.send(&body()).await;
    assert!(started.elapsed() < Duration::from_millis(600));
    assert_eq!(short(&outcome), ("retry", Some(Reason::Timeout), None), "{outcome:?}");
    assert!(message(&outcome).contains("did not answer within 0.3 s"), "{outcome:?}");
}

#[tokio::test]
async fn a_connection_that_no_longer_answers_is_not_used_again() {
    let receiver = Receiver::start(|number| match number {
        1 | 2 => Answer::Hang,
        _ => with_data(framed(b"")),
    })
    .await;
    let sender = sender("grpc", &receiver.url(), json!({ "timeoutMs": 200 }));
    assert_eq!(sender.send(&body()).await, delivered());
    assert_eq!(short(&sender.send(&body()).await).1, Some(Reason::Timeout));
    let given_up =
        tokio::time::timeout(Duration::from_millis(100), sender.send(&body())).await.is_err();
    assert!(given_up);
    assert_eq!(sender.send(&body()).await, delivered());
    let connections: Vec<_> = receiver.calls().iter().map(|call| call.connection).collect();
    assert_eq!(connections, [0, 0, 1, 2]);
}

#[tokio::test]
async fn a_unix_socket_serves_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otlp.sock");
    let receiver = Receiver::start_on_socket(&path, with_data(framed(b"")));
    let sender = sender("grpc", &receiver.address, json!({}));
    assert_eq!(sender.send(&body()).await, delivered());
    assert_eq!(receiver.calls()[0].headers.get("host"), None);
}

fn zip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_answer_makes_it_panic(
        data in prop::collection::vec(any::<u8>(), 0..64),
        status in prop_oneof![(0..20_i32).prop_map(|code| code.to_string()), "[ -~]{0,8}"],
        details in "[A-Za-z0-9+/=]{0,40}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let trailers = vec![("grpc-status", status), ("grpc-status-details-bin", details)];
            let answer =
                Answer::Whole { headers: grpc_headers(), data, trailers: Some(trailers) };
            let started = Instant::now();
            let (outcome, _receiver) = outcome_of(answer).await;
            assert!(started.elapsed() < Duration::from_secs(5), "{outcome:?}");
        });
    }
}
