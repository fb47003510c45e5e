//! `/level`: how much is recorded.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use nanometer_core::Level;
use serde::{Deserialize, Serialize};

use super::ask::Ask;
use super::body::Answer;
use super::query::refuse;
use super::reply::{Refusal, json};
use super::watch::Watch;
use super::{Site, writing};

/// The longest lease, milliseconds: what a timer of JavaScript can hold, so that both backends
/// accept the same.
const MAX_LEASE_MS: f64 = 2_147_483_647.0;

/// The level now, and when a leased one ends.
pub fn get(site: &Site, watch: &Rc<Watch>) -> Response<Answer> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        level: Level,
        /// Milliseconds, rounded up.
        reverts_in_ms: Option<u64>,
    }
    let left = |deadline: Instant| {
        let left = deadline.saturating_duration_since(Instant::now());
        u64::try_from(left.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
    };
    let reverts_in_ms = site.meter.level_lease_deadline().map(left);
    json(&Body { level: site.meter.level(), reverts_in_ms }, watch)
}

/// Sets the level, and answers as [`get`] does.
///
/// # Errors
///
/// As [`writing::body`], and 400.
pub async fn put(ask: Ask) -> Result<Response<Answer>, Refusal> {
    let (site, watch) = (Arc::clone(&ask.site), Rc::clone(&ask.watch));
    let (level, lease) = parse(&writing::body(ask, "the level").await?)?;
    site.meter.set_level(level, lease);
    Ok(get(&site, &watch))
}

/// `{"level":"diagnostic","forMs":60000}`, `"diagnostic"`, or the bare word.
fn parse(body: &[u8]) -> Result<(Level, Option<Duration>), Refusal> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Body {
        Word(String),
        #[serde(rename_all = "camelCase")]
        Object {
            level: String,
            for_ms: Option<f64>,
        },
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let (word, for_ms) = match serde_json::from_str(text) {
        Ok(Body::Object { level, for_ms }) => (level, for_ms),
        Ok(Body::Word(word)) => (word, None),
        Err(_) => (text.to_owned(), None),
    };
    let Some(level) = Level::from_name(&word) else {
        return Err(refuse(format!(
            "{word:?} is no level; accepted are off, production, diagnostic, or \
             {{\"level\":\"diagnostic\",\"forMs\":60000}}"
        )));
    };
    match for_ms {
        Some(ms) if !(ms > 0.0 && ms <= MAX_LEASE_MS) => Err(refuse(format!(
            "forMs is {ms}; accepted is a number above 0, at most {MAX_LEASE_MS}"
        ))),
        for_ms => Ok((level, for_ms.map(|ms| Duration::from_secs_f64(ms / 1e3)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_word_or_an_object() {
        let lease = Some(Duration::from_millis(1_500));
        for (body, expected) in [
            ("diagnostic", (Level::Diagnostic, None)),
            (" off\n", (Level::Off, None)),
            ("\"production\"", (Level::Production, None)),
            ("{\"level\":\"diagnostic\",\"forMs\":1500}", (Level::Diagnostic, lease)),
            ("{\"level\":\"off\",\"forMs\":null,\"more\":[]}", (Level::Off, None)),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for body in [
            "",
            "Diagnostic",
            "{}",
            "[\"off\"]",
            "{\"level\":\"off\",\"forMs\":0}",
            "{\"level\":\"off\",\"forMs\":-1}",
            "{\"level\":\"off\",\"forMs\":1e300}",
            "{\"level\":\"off\",\"forMs\":\"1\"}",
            "\u{0}",
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().code, "BAD_REQUEST", "{body}");
        }
    }
}
