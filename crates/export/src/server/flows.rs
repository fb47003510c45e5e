//! `/flows` and `/flows/{id}`: what pipelines do.

use std::rc::Rc;

use hyper::{Response, StatusCode};

use super::Site;
use super::body::Answer;
use super::reply::{Refusal, json};
use super::watch::Watch;
use crate::flows::{FlowDetails, FlowList};

/// Every flow.
pub fn list(site: &Site, watch: &Rc<Watch>) -> Response<Answer> {
    json(&FlowList::of(&FlowList::snapshot(&site.meter)), watch)
}

/// One flow. `id` is as it stands in the path.
///
/// # Errors
///
/// 404 where there is none of that id.
pub fn one(site: &Site, id: &str, watch: &Rc<Watch>) -> Result<Response<Answer>, Refusal> {
    let id = percent_decoded(id).ok_or_else(unknown)?;
    let snapshot = FlowDetails::snapshot(&site.meter);
    let flow = FlowDetails::of(&snapshot, &id).ok_or_else(unknown)?;
    Ok(json(&flow, watch))
}

fn unknown() -> Refusal {
    let message = "there is no such flow; GET /flows lists those that there are";
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

/// `None` for what no encoder writes: a lone `%`, bytes that are no UTF-8 or were not encoded.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        bytes.push(match byte {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(digits[0])? * 16 + digit(digits[1])?) as u8
            }
            byte if byte.is_ascii() => *byte,
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_an_encoder_writes_is_decoded() {
        assert_eq!(percent_decoded("a%2Fb%20%C3%A9").as_deref(), Some("a/b é"));
        assert_eq!(percent_decoded("100%25").as_deref(), Some("100%"));
        for broken in ["100%", "%2", "%zz", "%+1", "%ff", "%C3", "é"] {
            assert_eq!(percent_decoded(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(id in ".{0,20}") {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(percent_decoded(&encoded), Some(id));
        }
    }
}
