//! What is said where there is no connection, or somebody else at the other end of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod send_support;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use nanometer_export::send::{Outcome, Reason, Sender, Signal};
use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
use send_support::http::answer;
use send_support::tls::{Authority, Server, linger};
use send_support::{body, delivered, destination, grpc, message, sender, short};
use serde_json::json;

const PROTOCOLS: [&str; 3] = ["http/protobuf", "http/json", "grpc"];

fn assert_told(outcome: &Outcome, reason: Reason, words: &[&str]) {
    assert_eq!(short(outcome), ("retry", Some(reason), None), "{outcome:?}");
    for word in words {
        assert!(message(outcome).contains(word), "{word:?} is not in {outcome:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    for protocol in PROTOCOLS {
        let url = format!("http://127.0.0.1:{port}/v1/metrics");
        let outcome = sender(protocol, &url, json!({})).send(&body()).await;
        assert_told(&outcome, Reason::Connection, &["nobody listens", &url]);
    }
}

#[tokio::test]
async fn the_name_is_not_known() {
    for protocol in PROTOCOLS {
        let url = "http://collector.invalid:4318/v1/metrics";
        let outcome = sender(protocol, url, json!({})).send(&body()).await;
        assert_told(&outcome, Reason::Dns, &["collector.invalid", "is not known"]);
    }
}

/// An address that does not answer: a listener whose queue is full.
fn black_hole() -> (rustix::fd::OwnedFd, Vec<TcpStream>, SocketAddr) {
    let listener = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&listener, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listen(&listener, 0).unwrap();
    let address = rustix::net::getsockname(&listener).unwrap();
    let address = SocketAddr::try_from(address).unwrap();
    let patience = Duration::from_millis(200);
    let fillers = (0..8).map_while(|_| TcpStream::connect_timeout(&address, patience).ok());
    let fillers = fillers.collect();
    (listener, fillers, address)
}

#[tokio::test]
async fn nothing_answers_at_all() {
    let (_listener, _fillers, address) = black_hole();
    for protocol in PROTOCOLS {
        let url = format!("http://{address}/v1/metrics");
        let started = Instant::now();
        let outcome = sender(protocol, &url, json!({ "timeoutMs": 300 })).send(&body()).await;
        assert!(started.elapsed() < Duration::from_millis(600));
        assert_told(&outcome, Reason::Timeout, &["not even to refuse", &url]);
    }
}

/// How many connections of this process to a port are open at our end.
fn open_connections(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let remote = format!(":{port:04X}");
    table
        .lines()
        .filter(|line| {
            let mut fields = line.split_whitespace().skip(2);
            fields.next().is_some_and(|to| to.ends_with(&remote)) && fields.next() == Some("01")
        })
        .count()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn what_is_given_up_is_let_go_of_with_all_that_it_holds() {
    let large = bytes::Bytes::from(vec![0; 16 << 20]);
    for protocol in PROTOCOLS {
        // It accepts, and reads nothing, so that most of a request stays unsent.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepting = std::thread::spawn(move || {
            (0..4).map(|_| listener.accept().unwrap().0).collect::<Vec<_>>()
        });
        let url = format!("http://127.0.0.1:{port}/v1/metrics");
        let sender = sender(protocol, &url, json!({ "timeoutMs": 100 }));
        for _ in 0..4 {
            let outcome = sender.send(&large).await;
            assert_told(&outcome, Reason::Timeout, &["did not answer within 0.1 s"]);
        }
        let accepted = accepting.join().unwrap();
        // What has ended is noticed when the runtime next runs.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(open_connections(port), 0, "{protocol}");
        drop(accepted);
    }
}

#[tokio::test]
async fn http_is_spoken_to_a_grpc_server() {
    let receiver = grpc::Receiver::answering(grpc::with_data(grpc::framed(b""))).await;
    for protocol in ["http/protobuf", "http/json"] {
        let url = format!("{}/v1/metrics", receiver.url());
        let outcome = sender(protocol, &url, json!({})).send(&body()).await;
        assert_told(&outcome, Reason::Protocol, &["gRPC", "set the protocol to grpc", &url]);
    }
    assert_eq!(receiver.calls().len(), 0);
}

#[tokio::test]
async fn grpc_is_spoken_to_an_http_server() {
    // As servers answer what is not HTTP/1.1: node, nginx and Go alike.
    let bad_request = answer("400 Bad Request", &[("Connection", "close")], b"");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut preface = [0; 24];
            stream.read_exact(&mut preface).await.unwrap();
            stream.write_all(&bad_request).await.unwrap();
            linger(stream).await;
        }
    });
    let outcome = sender("grpc", &url, json!({})).send(&body()).await;
    assert_told(&outcome, Reason::Protocol, &["HTTP/1.1", "http/protobuf", &url]);
    serving.abort();
}

/// Says something to everybody.
async fn speaker(said: &'static [u8]) -> (String, tokio::task::JoinHandle<()>) {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/metrics", listener.local_addr().unwrap());
    let speaking = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(said).await.unwrap();
            linger(stream).await;
        }
    });
    (url, speaking)
}

#[tokio::test]
async fn something_else_than_http_answers() {
    for (said, words) in [
        (&b"-ERR unknown command\r\n"[..], "is not HTTP, it begins with “-ERR unknown com”"),
        (b"SSH-2.0-Server\r\n", "is not HTTP, it begins with “SSH-2.0-Server”"),
        (b"<html><body>Bad Request</body></html>", "answers with a page"),
    ] {
        for protocol in PROTOCOLS {
            let (url, speaking) = speaker(said).await;
            let sender = sender(protocol, &url, json!({}));
            let shown = url.trim_end_matches("/v1/metrics");
            assert_told(&sender.send(&body()).await, Reason::Protocol, &[words, shown]);
            // What was said is forgotten with the connection that it was said over.
            speaking.abort();
            let _ = speaking.await;
            assert_told(&sender.send(&body()).await, Reason::Connection, &["nobody listens"]);
        }
    }
}

#[tokio::test]
async fn the_customary_ports_are_told_apart() {
    let Ok(listener) = tokio::net::TcpListener::bind("127.0.0.1:4317").await else {
        return; // Somebody's collector.
    };
    let closing = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let url = "http://127.0.0.1:4317/v1/metrics";
    let outcome = sender("http/protobuf", url, json!({})).send(&body()).await;
    assert_told(&outcome, Reason::Connection, &["4317 is customary for gRPC"]);
    closing.abort();
}

fn localhost(port: u16) -> String {
    format!("https://localhost:{port}/v1/metrics")
}

#[tokio::test]
async fn a_certificate_that_a_trusted_authority_vouches_for_is_accepted() {
    let authority = Authority::new();
    let server = Server::start(&authority.vouch_for("localhost"), None, &["h2", "http/1.1"]).await;
    for protocol in PROTOCOLS {
        let trust = json!({ "certificate": authority.certificate() });
        let sender = sender(protocol, &localhost(server.port), trust);
        assert_eq!(sender.send(&body()).await, delivered(), "{protocol}");
        assert_eq!(sender.send(&body()).await, delivered(), "{protocol}");
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_is_told_from_the_others() {
    let authority = Authority::new();
    let another = Authority::new();
    let trusted = json!({ "certificate": authority.certificate() });
    let stranger = json!({ "certificate": another.certificate() });
    for (identity, trust, words) in [
        (authority.vouch_once_for("localhost"), &trusted, "has expired"),
        (authority.vouch_for("otherhost"), &trusted, "is for another host than localhost"),
        (authority.vouch_for("localhost"), &stranger, "nobody who is trusted vouches"),
        // The system's roots.
        (authority.vouch_for("localhost"), &json!({}), "nobody who is trusted vouches"),
    ] {
        let server = Server::start(&identity, None, &["h2", "http/1.1"]).await;
        for protocol in PROTOCOLS {
            let url = localhost(server.port);
            let outcome = sender(protocol, &url, trust.clone()).send(&body()).await;
            assert_told(&outcome, Reason::Tls, &[words, &url]);
        }
    }
}

#[tokio::test]
async fn a_server_that_asks_who_we_are_is_told() {
    let authority = Authority::new();
    let clients = Authority::new();
    let server =
        Server::start(&authority.vouch_for("localhost"), Some(&clients), &["h2", "http/1.1"]).await;
    let known = clients.vouch_for("client");
    let unknown = authority.vouch_for("client");
    for protocol in PROTOCOLS {
        let url = localhost(server.port);
        let with = |identity: &send_support::tls::Identity| {
            json!({
                "certificate": authority.certificate(),
                "clientCertificate": identity.certificate, "clientKey": identity.key,
            })
        };
        assert_eq!(sender(protocol, &url, with(&known)).send(&body()).await, delivered());
        let outcome = sender(protocol, &url, with(&unknown)).send(&body()).await;
        assert_told(&outcome, Reason::Tls, &["refuses TLS with us"]);
        let trust = json!({ "certificate": authority.certificate() });
        let outcome = sender(protocol, &url, trust).send(&body()).await;
        assert_told(&outcome, Reason::Tls, &["clientCertificate", &url]);
    }
}

#[tokio::test]
async fn a_server_that_turns_us_away_without_a_word_may_want_to_know_who_we_are() {
    let authority = Authority::new();
    let server = Server::silent(&authority.vouch_for("localhost")).await;
    let trust = json!({ "certificate": authority.certificate() });
    for protocol in PROTOCOLS {
        let url = localhost(server.port);
        let outcome = sender(protocol, &url, trust.clone()).send(&body()).await;
        let words = ["closed the connection", "clientCertificate", "https://localhost"];
        assert_told(&outcome, Reason::Connection, &words);
    }
}

#[tokio::test]
async fn tls_and_clear_text_are_told_apart() {
    let authority = Authority::new();
    let server = Server::start(&authority.vouch_for("localhost"), None, &["h2", "http/1.1"]).await;
    let trust = json!({ "certificate": authority.certificate(), "timeoutMs": 2_000 });

    // What Go and node say to a handshake: nothing that is TLS.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 16];
            stream.read_exact(&mut hello).await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            linger(stream).await;
        }
    });
    for protocol in PROTOCOLS {
        let outcome = sender(protocol, &localhost(port), trust.clone()).send(&body()).await;
        assert_told(&outcome, Reason::Protocol, &["does not speak TLS", "http://"]);

        let url = format!("http://localhost:{}/v1/metrics", server.port);
        let outcome = sender(protocol, &url, trust.clone()).send(&body()).await;
        assert_told(&outcome, Reason::Protocol, &["speaks TLS", "https://"]);
    }
    serving.abort();
}

#[tokio::test]
async fn a_protocol_that_a_tls_server_does_not_speak_is_named() {
    let authority = Authority::new();
    let trust = json!({ "certificate": authority.certificate() });
    let identity = authority.vouch_for("localhost");
    let http_only = Server::start(&identity, None, &["http/1.1"]).await;
    let outcome = sender("grpc", &localhost(http_only.port), trust.clone()).send(&body()).await;
    assert_told(&outcome, Reason::Protocol, &["does not speak HTTP/2, so no gRPC"]);

    let grpc_only = Server::start(&identity, None, &["h2"]).await;
    let outcome = sender("http/json", &localhost(grpc_only.port), trust).send(&body()).await;
    assert_told(&outcome, Reason::Protocol, &["does not speak HTTP/1.1"]);
}

#[tokio::test]
async fn wrong_files_are_refused_by_name() {
    let authority = Authority::new();
    let one = authority.vouch_for("one");
    let two = authority.vouch_for("two");
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let missing = directory.path().join("missing.pem");
    for (changes, option, named) in [
        (json!({ "certificate": missing }), "certificate", "missing.pem cannot be read"),
        (json!({ "certificate": empty }), "certificate", "empty.pem has no certificate"),
        (json!({ "certificate": one.key }), "certificate", "has no certificate"),
        (
            json!({ "clientCertificate": one.certificate, "clientKey": empty }),
            "clientKey",
            "empty.pem has no private key",
        ),
        (
            json!({ "clientCertificate": one.certificate, "clientKey": two.key }),
            "clientKey",
            "does not fit",
        ),
        (json!({ "clientCertificate": one.certificate }), "clientKey", "go together"),
        (json!({ "clientKey": one.key }), "clientCertificate", "go together"),
    ] {
        for protocol in PROTOCOLS {
            let destination = destination(protocol, "https://localhost/", changes.clone());
            let error = Sender::open(&destination, Signal::Traces).unwrap_err();
            assert_eq!(error.option, option, "{error}");
            assert!(error.what.contains(named), "{error}");
        }
    }
}
