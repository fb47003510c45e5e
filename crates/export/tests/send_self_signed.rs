//! Servers that vouch for themselves: what is accepted of them, and what is said of the others.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod send_support;

use nanometer_export::send::Reason;
use rcgen::{BasicConstraints, IsCa};
use send_support::tls::{Identity, Server};
use send_support::{body, delivered, message, sender, short};
use serde_json::{Value, json};

const PROTOCOLS: [&str; 3] = ["http/protobuf", "http/json", "grpc"];
const NO_AUTHORITY: [IsCa; 2] = [IsCa::NoCa, IsCa::ExplicitNoCa];
const AUTHORITY: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);
const OPTION: &str = "by the option certificate or OTEL_EXPORTER_OTLP_CERTIFICATE";

fn trusting(identity: &Identity) -> Value {
    json!({ "certificate": identity.certificate })
}

async fn serve(identity: &Identity) -> (Server, String) {
    let server = Server::start(identity, None, &["h2", "http/1.1"]).await;
    let url = format!("https://localhost:{}/v1/metrics", server.port);
    (server, url)
}

async fn assert_refused(identity: &Identity, trust: &Value, words: &[&str]) {
    let (_server, url) = serve(identity).await;
    for protocol in PROTOCOLS {
        let outcome = sender(protocol, &url, trust.clone()).send(&body()).await;
        assert_eq!(short(&outcome), ("retry", Some(Reason::Tls), None), "{outcome:?}");
        for word in words.iter().chain(&[OPTION, &url]) {
            assert!(message(&outcome).contains(word), "{word:?} is not in {outcome:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_authoritys_is_accepted_where_it_is_trusted_itself() {
    let directory = tempfile::tempdir().unwrap();
    for is_ca in NO_AUTHORITY {
        let identity = Identity::self_signed(&directory, is_ca);
        let (_server, url) = serve(&identity).await;
        for protocol in PROTOCOLS {
            let sender = sender(protocol, &url, trusting(&identity));
            assert_eq!(sender.send(&body()).await, delivered(), "{protocol}");
        }
    }
}

#[tokio::test]
async fn what_nobody_trusts_is_told_to_be_named() {
    let directory = tempfile::tempdir().unwrap();
    for is_ca in NO_AUTHORITY {
        let identity = Identity::self_signed(&directory, is_ca);
        let words = ["seems to be self-signed", "name a file with that certificate"];
        assert_refused(&identity, &json!({}), &words).await;
    }
}

#[tokio::test]
async fn an_authoritys_is_told_to_be_made_anew_trusted_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let identity = Identity::self_signed(&directory, AUTHORITY);
    for trust in [json!({}), trusting(&identity)] {
        assert_refused(&identity, &trust, &["CA:TRUE", "made with CA:FALSE"]).await;
    }
}

#[tokio::test]
async fn one_that_was_made_anew_is_told_from_strangers() {
    let directory = tempfile::tempdir().unwrap();
    let [before, now] = [(); 2].map(|()| Identity::self_signed(&directory, IsCa::NoCa));
    assert_refused(&now, &trusting(&before), &["made anew"]).await;
}
