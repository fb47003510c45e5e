//! `/events`: what happened, in order.

use std::rc::Rc;

use hyper::{Response, StatusCode};

use super::Site;
use super::body::Answer;
use super::reply::{Refusal, json};
use super::watch::Watch;

/// The largest number of an event: JavaScript knows it exactly.
const MAX_SEQ: u64 = (1 << 53) - 1;

/// The events after the one that the query names: `after=N`, 0 where it does not.
///
/// # Errors
///
/// 400 where that is no number of an event.
pub fn list(
    site: &Site,
    query: Option<&str>,
    watch: &Rc<Watch>,
) -> Result<Response<Answer>, Refusal> {
    Ok(json(&site.meter.events(after(query.unwrap_or_default())?), watch))
}

fn after(query: &str) -> Result<u64, Refusal> {
    let mut given = query.split('&').filter_map(|pair| match pair.split_once('=') {
        Some((name, value)) => (name == "after").then_some(value),
        None => (pair == "after").then_some(""),
    });
    let Some(value) = given.next() else { return Ok(0) };
    let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| is_plain && *number <= MAX_SEQ);
    number.filter(|_| given.next().is_none()).ok_or_else(|| {
        let message = format!("after is given once, as the seq of an event: 0 to {MAX_SEQ}");
        Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_is_a_number_given_once() {
        for (query, expected) in [
            ("", 0),
            ("other=1", 0),
            ("after=0", 0),
            ("x&after=17&y=2", 17),
            ("after=007", 7),
            ("after=9007199254740991", MAX_SEQ),
        ] {
            assert_eq!(after(query).unwrap(), expected, "{query}");
        }
        for query in [
            "after",
            "after=",
            "after=-1",
            "after=+1",
            "after=1.5",
            "after=1e3",
            "after=%31",
            "after= 1",
            "after=9007199254740992",
            "after=99999999999999999999999",
            "after=1&after=1",
        ] {
            assert_eq!(after(query).unwrap_err().code, "BAD_REQUEST", "{query}");
        }
    }
}
