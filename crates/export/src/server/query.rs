//! What stands in a target, decoded: ids in its path, and the parameters of its query.

use hyper::StatusCode;

use super::reply::Refusal;

/// The parameters of a query, decoded, each of them known and there once.
#[derive(Debug)]
pub struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// Those of a query; `accepted` is all that there are.
    ///
    /// # Errors
    ///
    /// 400 where one is unknown, is given twice, has no value, or is not what an encoder writes.
    pub fn of(query: &str, accepted: &[&'static str]) -> Result<Parameters, Refusal> {
        let mut parameters = Parameters(Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(known) =
                accepted.iter().find(|known| form_decoded(name).as_deref() == Some(**known))
            else {
                let message =
                    format!("there is no parameter {name:?}; accepted are {}", accepted.join(", "));
                return Err(refuse(message));
            };
            let Some(value) = form_decoded(value) else {
                return Err(refuse(format!("the value of {known} is not percent-encoded UTF-8")));
            };
            if value.is_empty() {
                return Err(refuse(format!("{known} has no value; leave it out, or give it one")));
            }
            if parameters.get(known).is_some() {
                return Err(refuse(format!("{known} is given twice; accepted is one")));
            }
            parameters.0.push((known, value));
        }
        Ok(parameters)
    }

    /// The value of that parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// 400, with that message.
pub fn refuse(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// In a query, a plus is a space: so forms and `URLSearchParams` write it.
fn form_decoded(text: &str) -> Option<String> {
    percent_decoded(&text.replace('+', " "))
}

/// `None` for what no encoder writes: a lone `%`, bytes that are no UTF-8 or were not encoded.
pub fn percent_decoded(text: &str) -> Option<String> {
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

    #[test]
    fn parameters_are_known_by_name_whatever_their_order() {
        let accepted = ["flow", "name"];
        for (query, flow, name) in [
            ("", None, None),
            ("&", None, None),
            ("flow=a%2Fb", Some("a/b"), None),
            ("name=x=y&flow=a+b%2B", Some("a b+"), Some("x=y")),
            ("n%61me=%20", None, Some(" ")),
        ] {
            let parameters = Parameters::of(query, &accepted).unwrap();
            assert_eq!((parameters.get("flow"), parameters.get("name")), (flow, name), "{query}");
        }
    }

    #[test]
    fn what_is_refused_is_named() {
        for (query, said) in [
            ("nane=x", "\"nane\"; accepted are flow, name"),
            ("Name=x", "\"Name\""),
            ("=x", "\"\""),
            ("%=x", "\"%\""),
            ("name", "name has no value"),
            ("name=&flow=x", "name has no value"),
            ("flow=x&flow=x", "flow is given twice"),
            ("flow=%", "flow is not percent-encoded"),
            ("flow=%ff", "flow is not percent-encoded"),
        ] {
            let refusal = Parameters::of(query, &["flow", "name"]).unwrap_err();
            assert_eq!(refusal.code, "BAD_REQUEST");
            assert!(refusal.message.contains(said), "{query}: {}", refusal.message);
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(id in ".{0,20}") {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(percent_decoded(&encoded), Some(id));
        }

        #[test]
        fn no_query_makes_it_fail_otherwise(query in "[ -~é%&=+]{0,40}") {
            if let Err(refusal) = Parameters::of(&query, &["a", "b"]) {
                prop_assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
            }
        }
    }
}
