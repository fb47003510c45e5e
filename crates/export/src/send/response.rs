//! What a receiver of OTLP says in a body: how much of a request it took, or what was wrong.
//!
//! The bytes come from outside, so nothing here may panic, and what is quoted is short and has no
//! control characters in it.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde::Deserialize;
use serde_json::Value;

use super::destination::Signal;
use super::outcome::Outcome;

/// The most that is shown of a receiver's own words, characters.
const QUOTED_CHARACTERS: usize = 200;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Protobuf,
    Json,
}

/// What a receiver that took a request says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receipt {
    /// How many data points or spans it has thrown away.
    pub(super) rejected: u64,
    /// Why, or what else it has to say; empty for nothing.
    pub(super) message: String,
}

impl Receipt {
    /// What became of the request. `shown` is the endpoint.
    pub(super) fn outcome(self, shown: &str) -> Outcome {
        let Receipt { rejected, message } = self;
        let words = if message.trim().is_empty() {
            String::new()
        } else {
            format!(": {}", quoted(&message))
        };
        let warning = match rejected {
            0 if words.is_empty() => None,
            0 => Some(format!("{shown} took a request with a warning{words}")),
            1 => Some(format!("{shown} rejected 1 item of a request{words}")),
            _ => Some(format!("{shown} rejected {rejected} items of a request{words}")),
        };
        Outcome::Delivered { rejected, warning }
    }
}

/// Reads the answer to a request that was taken. An empty one says that all is well.
///
/// # Errors
///
/// What is wrong with it: no receiver of OTLP gives such an answer.
pub(super) fn parse_receipt(
    body: &[u8],
    format: Format,
    signal: Signal,
) -> Result<Receipt, String> {
    match format {
        Format::Json if body.trim_ascii().is_empty() => Ok(Receipt::default()),
        Format::Json => {
            let answer: JsonAnswer =
                serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let Some(partial) = answer.partial_success else { return Ok(Receipt::default()) };
            let count = match signal {
                Signal::Metrics => partial.rejected_data_points,
                Signal::Traces => partial.rejected_spans,
            };
            Ok(Receipt {
                rejected: count.map_or(Ok(0), parse_count)?,
                message: partial.error_message.unwrap_or_default(),
            })
        }
        Format::Protobuf => {
            let (rejected, message) = match signal {
                Signal::Metrics => ExportMetricsServiceResponse::decode(body)
                    .map_err(|error| error.to_string())?
                    .partial_success
                    .map(|partial| (partial.rejected_data_points, partial.error_message)),
                Signal::Traces => ExportTraceServiceResponse::decode(body)
                    .map_err(|error| error.to_string())?
                    .partial_success
                    .map(|partial| (partial.rejected_spans, partial.error_message)),
            }
            .unwrap_or_default();
            Ok(Receipt { rejected: u64::try_from(rejected).unwrap_or(0), message })
        }
    }
}

/// The message of a `google.rpc.Status`, which is what a receiver of OTLP answers an error with.
pub(super) fn status_message(body: &[u8], format: Format) -> Option<String> {
    let message = match format {
        Format::Protobuf => tonic_types::Status::decode(body).ok()?.message,
        Format::Json => serde_json::from_slice::<JsonStatus>(body).ok()?.message?,
    };
    (!message.trim().is_empty()).then_some(message)
}

/// A receiver's own words, made fit to be shown.
pub(super) fn quoted(words: &str) -> String {
    let mut shown: String = words
        .trim()
        .chars()
        .take(QUOTED_CHARACTERS)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if words.trim().chars().nth(QUOTED_CHARACTERS).is_some() {
        shown.push('…');
    }
    format!("“{shown}”")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonAnswer {
    partial_success: Option<JsonPartial>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonPartial {
    rejected_data_points: Option<Value>,
    rejected_spans: Option<Value>,
    error_message: Option<String>,
}

#[derive(Deserialize)]
struct JsonStatus {
    message: Option<String>,
}

/// A 64-bit integer in JSON: a string, or a number as some write it.
fn parse_count(written: Value) -> Result<u64, String> {
    let count = match &written {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_i64(),
    };
    let count = count.ok_or_else(|| format!("{} is no count", quoted(&written.to_string())))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsPartialSuccess;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;
    use proptest::prelude::*;

    use super::*;

    fn receipt(rejected: u64, message: &str) -> Receipt {
        Receipt { rejected, message: message.to_owned() }
    }

    #[test]
    fn an_empty_answer_says_that_all_is_well() {
        for signal in [Signal::Metrics, Signal::Traces] {
            for (body, format) in [
                (&b""[..], Format::Protobuf),
                (b"", Format::Json),
                (b" \r\n", Format::Json),
                (b"{}", Format::Json),
                (b"{\"partialSuccess\":null}", Format::Json),
                (b"{\"partialSuccess\":{}}", Format::Json),
                (b"{\"somethingNew\":[1]}", Format::Json),
            ] {
                assert_eq!(parse_receipt(body, format, signal), Ok(Receipt::default()));
            }
        }
    }

    #[test]
    fn rejected_items_are_counted_in_both_encodings() {
        let metrics = ExportMetricsServiceResponse {
            partial_success: Some(ExportMetricsPartialSuccess {
                rejected_data_points: 3,
                error_message: "too old".to_owned(),
            }),
        };
        let traces = ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans: 3,
                error_message: "too old".to_owned(),
            }),
        };
        for (body, format, signal) in [
            (metrics.encode_to_vec(), Format::Protobuf, Signal::Metrics),
            (traces.encode_to_vec(), Format::Protobuf, Signal::Traces),
            (serde_json::to_vec(&metrics).unwrap(), Format::Json, Signal::Metrics),
            (serde_json::to_vec(&traces).unwrap(), Format::Json, Signal::Traces),
            (
                br#"{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}"#.into(),
                Format::Json,
                Signal::Metrics,
            ),
            (
                br#"{"partialSuccess":{"rejectedSpans":3,"errorMessage":"too old"}}"#.into(),
                Format::Json,
                Signal::Traces,
            ),
        ] {
            assert_eq!(parse_receipt(&body, format, signal), Ok(receipt(3, "too old")));
        }
    }

    #[test]
    fn a_count_below_zero_is_none() {
        let body = br#"{"partialSuccess":{"rejectedSpans":"-3","errorMessage":"odd"}}"#;
        assert_eq!(parse_receipt(body, Format::Json, Signal::Traces), Ok(receipt(0, "odd")));
    }

    #[test]
    fn what_no_receiver_answers_is_an_error() {
        for (body, format) in [
            (&b"<!doctype html><html>"[..], Format::Protobuf),
            (b"<!doctype html><html>", Format::Json),
            (b"ok", Format::Protobuf),
            (b"ok", Format::Json),
            (b"[]", Format::Json),
            (b"\x0a\x7f", Format::Protobuf),
            (br#"{"partialSuccess":{"rejectedDataPoints":"many"}}"#, Format::Json),
            (br#"{"partialSuccess":{"rejectedDataPoints":1.5}}"#, Format::Json),
        ] {
            assert!(parse_receipt(body, format, Signal::Metrics).is_err());
        }
    }

    #[test]
    fn the_words_of_a_receiver_are_shown_short_and_clean() {
        assert_eq!(quoted(" a\x1b[31m\nb "), "“a [31m b”");
        let long = quoted(&"é".repeat(1_000));
        assert_eq!(long.chars().count(), QUOTED_CHARACTERS + 3);
        let body = tonic_types::Status { message: "full".to_owned(), ..Default::default() };
        assert_eq!(
            status_message(&body.encode_to_vec(), Format::Protobuf).as_deref(),
            Some("full")
        );
        assert_eq!(status_message(br#"{"message":"full"}"#, Format::Json).as_deref(), Some("full"));
        assert_eq!(status_message(b"<html>", Format::Json), None);
        assert_eq!(status_message(b"", Format::Protobuf), None);
    }

    fn any_body() -> impl Strategy<Value = Vec<u8>> {
        let noise = prop::collection::vec(any::<u8>(), 0..300);
        let json = (any::<i64>(), ".{0,40}", 0_usize..90).prop_map(|(count, words, cut)| {
            let mut text = serde_json::json!({
                "partialSuccess": { "rejectedSpans": count.to_string(), "errorMessage": words }
            })
            .to_string();
            text.truncate(
                (0..=cut.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0),
            );
            text.into_bytes()
        });
        let protobuf = (any::<i64>(), ".{0,40}", any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(rejected_spans, error_message, at, byte)| {
                let partial = ExportTracePartialSuccess { rejected_spans, error_message };
                let mut bytes =
                    ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec();
                let at = at.index(bytes.len());
                bytes[at] = byte;
                bytes
            });
        prop_oneof![noise, json, protobuf]
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in any_body()) {
            for format in [Format::Protobuf, Format::Json] {
                for signal in [Signal::Metrics, Signal::Traces] {
                    let _ = parse_receipt(&body, format, signal);
                }
                if let Some(message) = status_message(&body, format) {
                    prop_assert!(quoted(&message).chars().count() <= QUOTED_CHARACTERS + 3);
                }
            }
        }
    }
}
