//! `/tracing`: which traces are promoted.

use std::rc::Rc;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use nanometer_core::TracingSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use super::ask::Ask;
use super::body::Answer;
use super::query::refuse;
use super::reply::{Refusal, json};
use super::watch::Watch;
use super::{Site, writing};

/// What is said where nothing is traced: nothing is promoted either.
const NONE: TracingSettings = TracingSettings {
    sample_rate: 0.0,
    promote_errors: false,
    promote_latency_ms: None,
    max_promotions_per_second: None,
};

/// The largest whole number that JavaScript knows exactly.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// The settings now.
pub fn get(site: &Site, watch: &Rc<Watch>) -> Response<Answer> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        is_enabled: bool,
        #[serde(flatten)]
        settings: TracingSettings,
    }
    let settings = site.meter.tracing();
    let is_enabled = settings.is_some();
    json(&Body { is_enabled, settings: settings.unwrap_or(NONE) }, watch)
}

/// Changes the settings that the body names, and answers as [`get`] does.
///
/// # Errors
///
/// As [`writing::body`]; 400; 409 where tracing is switched off.
pub async fn put(ask: Ask) -> Result<Response<Answer>, Refusal> {
    let (site, watch) = (Arc::clone(&ask.site), Rc::clone(&ask.watch));
    let body = writing::body(ask, "tracing").await?;
    let settings = site.meter.tracing();
    let changed = parse(&body, settings.unwrap_or(NONE))?;
    if settings.is_none() {
        let message = "this service was opened with tracing: false";
        return Err(Refusal::new(StatusCode::CONFLICT, "NOT_TRACING", message));
    }
    site.meter.set_tracing(&changed).map_err(refuse)?;
    Ok(get(&site, &watch))
}

/// The settings, with those changed that an object names.
fn parse(body: &[u8], settings: TracingSettings) -> Result<TracingSettings, Refusal> {
    const ACCEPTED: &str =
        "accepted are sampleRate, promoteErrors, promoteLatencyMs, maxPromotionsPerSecond";
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return Err(refuse(format!(
            "the body is an object like {{\"sampleRate\":0.1}}; {ACCEPTED}"
        )));
    };
    if object.is_empty() {
        return Err(refuse(format!("the body names no setting; {ACCEPTED}")));
    }
    let mut changed = settings;
    for (name, value) in &object {
        let is_taken = match name.as_str() {
            "sampleRate" => number(value)
                .filter(|rate| (0.0..=1.0).contains(rate))
                .map(|rate| changed.sample_rate = rate),
            "promoteErrors" => value.as_bool().map(|promotes| changed.promote_errors = promotes),
            "promoteLatencyMs" => or_null(value, |latency| latency > 0.0)
                .map(|latency| changed.promote_latency_ms = latency),
            "maxPromotionsPerSecond" => {
                or_null(value, |most| (0.0..=MAX_WHOLE).contains(&most) && most.fract() == 0.0)
                    .map(|most| changed.max_promotions_per_second = most)
            }
            _ => return Err(refuse(format!("there is no setting {name:?}; {ACCEPTED}"))),
        };
        if is_taken.is_none() {
            return Err(refuse(format!("{name} is {value}; accepted is {}", accepted(name))));
        }
    }
    Ok(changed)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite())
}

/// A number that is accepted, or null.
fn or_null(value: &Value, accepts: impl Fn(f64) -> bool) -> Option<Option<f64>> {
    if value.is_null() { Some(None) } else { Some(Some(number(value).filter(|of| accepts(*of))?)) }
}

fn accepted(name: &str) -> &'static str {
    match name {
        "sampleRate" => "a number from 0 to 1",
        "promoteErrors" => "true or false",
        "promoteLatencyMs" => "a number of milliseconds above 0, or null for none",
        _ => "a whole number from 0, or null for no limit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: TracingSettings = TracingSettings {
        sample_rate: 0.25,
        promote_errors: true,
        promote_latency_ms: Some(10.0),
        max_promotions_per_second: Some(100.0),
    };

    #[test]
    fn what_an_object_names_is_changed_and_nothing_else() {
        for (body, expected) in [
            ("{\"sampleRate\":1}", TracingSettings { sample_rate: 1.0, ..BEFORE }),
            (" {\"sampleRate\":0}\n", TracingSettings { sample_rate: 0.0, ..BEFORE }),
            ("{\"promoteErrors\":false}", TracingSettings { promote_errors: false, ..BEFORE }),
            ("{\"promoteLatencyMs\":null}", TracingSettings { promote_latency_ms: None, ..BEFORE }),
            (
                "{\"promoteLatencyMs\":0.5,\"maxPromotionsPerSecond\":null}",
                TracingSettings {
                    promote_latency_ms: Some(0.5),
                    max_promotions_per_second: None,
                    ..BEFORE
                },
            ),
            (
                "{\"maxPromotionsPerSecond\":0}",
                TracingSettings { max_promotions_per_second: Some(0.0), ..BEFORE },
            ),
        ] {
            assert_eq!(parse(body.as_bytes(), BEFORE).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for (body, said) in [
            ("", "an object like"),
            ("1", "an object like"),
            ("[]", "an object like"),
            ("{\"sampleRate\":0.1", "an object like"),
            ("{}", "names no setting"),
            ("{\"rate\":1}", "\"rate\"; accepted are sampleRate"),
            ("{\"sampleRate\":0.1,\"flightSpans\":64}", "\"flightSpans\""),
            ("{\"isEnabled\":true}", "\"isEnabled\""),
            ("{\"sampleRate\":1.5}", "sampleRate is 1.5; accepted is a number from 0 to 1"),
            ("{\"sampleRate\":-0.1}", "from 0 to 1"),
            ("{\"sampleRate\":\"1\"}", "sampleRate is \"1\""),
            ("{\"sampleRate\":null}", "sampleRate is null"),
            ("{\"promoteErrors\":1}", "true or false"),
            ("{\"promoteLatencyMs\":0}", "above 0, or null"),
            ("{\"maxPromotionsPerSecond\":1.5}", "a whole number from 0, or null"),
            ("{\"maxPromotionsPerSecond\":-1}", "a whole number from 0, or null"),
            ("{\"maxPromotionsPerSecond\":1e300}", "a whole number from 0, or null"),
        ] {
            let refusal = parse(body.as_bytes(), BEFORE).unwrap_err();
            assert_eq!(refusal.code, "BAD_REQUEST");
            assert!(refusal.message.contains(said), "{body}: {}", refusal.message);
        }
    }
}
