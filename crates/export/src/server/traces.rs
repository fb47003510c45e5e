//! `/traces` and `/traces/{id}`: what took how long for whom.

use std::iter::{Peekable, once};
use std::vec;

use hyper::header::{HeaderValue, VARY};
use hyper::{Response, StatusCode};
use nanometer_core::json::to_string;
use nanometer_core::{SpanStatus, TraceData, TraceId, TraceQuery};

use super::ask::Ask;
use super::body::Answer;
use super::query::{Parameters, refuse};
use super::reply::{JSON, Refusal};
use super::scrape::stream;

/// All that a trace can be asked for by.
const PARAMETERS: [&str; 6] = ["flow", "component", "name", "status", "minDurationMs", "limit"];

/// The most traces of an answer.
const MOST_TRACES: u32 = 1_000;

/// What is sent at a time has so many bytes at the least: a trace has some hundred to a million.
const CHUNK_BYTES: usize = 16 * 1024;

/// The traces that a query asks for, newest first.
///
/// # Errors
///
/// 400 where the query asks for what there cannot be; 503 where too many such answers are under way.
pub fn list(ask: &Ask) -> Result<Response<Answer>, Refusal> {
    let query = parse(ask.request.uri().query().unwrap_or_default())?;
    answer(ask, || Chunks {
        traces: ask.site.meter.traces(&query).into_iter().peekable(),
        state: State::Before,
    })
}

/// `{"traces":[…]}`, some traces at a time.
struct Chunks {
    traces: Peekable<vec::IntoIter<TraceData>>,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Before,
    Within,
    After,
}

impl Iterator for Chunks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut chunk = match std::mem::replace(&mut self.state, State::Within) {
            State::Before => String::from("{\"traces\":["),
            State::Within => String::new(),
            State::After => {
                self.state = State::After;
                return None;
            }
        };
        while chunk.len() < CHUNK_BYTES {
            let Some(trace) = self.traces.next() else {
                self.state = State::After;
                chunk.push_str("]}");
                break;
            };
            chunk.push_str(&to_string(&trace));
            if self.traces.peek().is_some() {
                chunk.push(',');
            }
        }
        Some(chunk.into_bytes())
    }
}

/// One trace. `id` is as it stands in the path.
///
/// # Errors
///
/// 400 where that is no id of a trace, 404 where nothing is known of it; 503 as [`list`].
pub fn one(ask: &Ask, id: &str) -> Result<Response<Answer>, Refusal> {
    let id = TraceId::parse(id).ok_or_else(|| {
        refuse("the id of a trace is 32 hexadecimal digits, in lower case and not all of them 0")
    })?;
    let trace = ask.site.meter.trace(id).ok_or_else(|| {
        let message = "nothing is known of that trace, or no longer; GET /traces lists those kept";
        Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    })?;
    answer(ask, || once(to_string(&trace).into_bytes()))
}

fn answer<C>(ask: &Ask, chunks: impl FnOnce() -> C) -> Result<Response<Answer>, Refusal>
where
    C: Iterator<Item = Vec<u8>> + 'static,
{
    let boxed = |_: &Ask| Box::new(chunks()) as Box<dyn Iterator<Item = Vec<u8>>>;
    let mut response = stream(ask, JSON, boxed, None)?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

fn parse(query: &str) -> Result<TraceQuery, Refusal> {
    let parameters = Parameters::of(query, &PARAMETERS)?;
    let text = |name| parameters.get(name).map(str::to_owned);
    let milliseconds_accepted = "a number of milliseconds from 0, like 2 or 0.5";
    let limit_accepted = format!("a whole number from 1 to {MOST_TRACES}");
    Ok(TraceQuery {
        flow: text("flow"),
        component: text("component"),
        name: text("name"),
        status: read(&parameters, "status", status, "unset, ok or error")?,
        min_duration_ms: read(&parameters, "minDurationMs", milliseconds, milliseconds_accepted)?,
        limit: read(&parameters, "limit", limit, &limit_accepted)?,
    })
}

/// A parameter as what it stands for, if it is there.
fn read<T>(
    parameters: &Parameters,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    accepted: &str,
) -> Result<Option<T>, Refusal> {
    let Some(given) = parameters.get(name) else { return Ok(None) };
    let refusal = || refuse(format!("{name} is {given:?}; accepted is {accepted}"));
    parse(given).map(Some).ok_or_else(refusal)
}

fn status(given: &str) -> Option<SpanStatus> {
    match given {
        "unset" => Some(SpanStatus::Unset),
        "ok" => Some(SpanStatus::Ok),
        "error" => Some(SpanStatus::Error),
        _ => None,
    }
}

fn milliseconds(given: &str) -> Option<f64> {
    let (whole, part) = given.split_once('.').unwrap_or((given, "0"));
    let is_plain = is_digits(whole) && is_digits(part);
    given.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

fn limit(given: &str) -> Option<u32> {
    given.parse().ok().filter(|limit| is_digits(given) && (1..=MOST_TRACES).contains(limit))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_which_traces() {
        assert_eq!(parse("").unwrap(), TraceQuery::default());
        let query =
            "flow=a%2Fb&component=parse&name=GET+/&status=error&minDurationMs=0.5&limit=1000";
        let expected = TraceQuery {
            flow: Some("a/b".to_owned()),
            component: Some("parse".to_owned()),
            name: Some("GET /".to_owned()),
            status: Some(SpanStatus::Error),
            min_duration_ms: Some(0.5),
            limit: Some(1_000),
        };
        assert_eq!(parse(query).unwrap(), expected);
        for (query, expected) in [("minDurationMs=0", 0.0), ("minDurationMs=007.250", 7.25)] {
            assert_eq!(parse(query).unwrap().min_duration_ms, Some(expected), "{query}");
        }
        for (query, expected) in
            [("status=ok", SpanStatus::Ok), ("status=unset", SpanStatus::Unset)]
        {
            assert_eq!(parse(query).unwrap().status, Some(expected), "{query}");
        }
    }

    #[test]
    fn what_is_refused_is_named_with_what_is_accepted() {
        for (query, said) in [
            ("compnent=x", "\"compnent\"; accepted are flow, component, name, status"),
            ("flow=", "flow has no value"),
            ("status=Error", "status is \"Error\"; accepted is unset, ok or error"),
            ("status=2", "unset, ok or error"),
            ("minDurationMs=-1", "minDurationMs is \"-1\"; accepted is a number"),
            ("minDurationMs=1e3", "from 0"),
            ("minDurationMs=.5", "from 0"),
            ("minDurationMs=5.", "from 0"),
            ("minDurationMs=1.2.3", "from 0"),
            ("minDurationMs=NaN", "from 0"),
            ("minDurationMs=inf", "from 0"),
            ("limit=0", "limit is \"0\"; accepted is a whole number from 1 to 1000"),
            ("limit=1001", "1 to 1000"),
            ("limit=+1", "limit is \" 1\""),
            ("limit=1.0", "1 to 1000"),
            ("limit=99999999999", "1 to 1000"),
            ("limit=1&limit=1", "limit is given twice"),
        ] {
            let refusal = parse(query).unwrap_err();
            assert_eq!((refusal.code, refusal.status), ("BAD_REQUEST", StatusCode::BAD_REQUEST));
            assert!(refusal.message.contains(said), "{query}: {}", refusal.message);
        }
        let huge = format!("minDurationMs={}", "9".repeat(400));
        assert!(parse(&huge).is_err());
    }
}
