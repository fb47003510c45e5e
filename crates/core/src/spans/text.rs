//! What a thread wrote of a span beside its numbers, `src/trace/text.ts`: read where it is, and copied
//! only where JSON escapes something.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::record::Record;
use super::view::{Said, Scalar};

/// All of it. What makes no sense was not written by this package's threads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Text<'a> {
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    message: Option<Str<'a>>,
    #[serde(borrow)]
    pub attributes: Said<'a>,
    #[serde(borrow)]
    pub events: Vec<TextEvent<'a>>,
    /// Attributes and events that did not fit.
    pub dropped: (u32, u32),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextEvent<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    /// By the thread's clock.
    pub at_ns: f64,
    #[serde(borrow, default)]
    pub attributes: Said<'a>,
    #[serde(default)]
    pub dropped: u32,
}

/// A string.
#[derive(Debug)]
struct Str<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// That of a span; nothing where it has none, or none that makes sense.
    pub(super) fn of(record: &'a Record) -> Text<'a> {
        if record.text.is_empty() {
            return Text::default();
        }
        serde_json::from_slice(&record.text).unwrap_or_default()
    }

    pub(super) fn take_name(&mut self) -> Option<Cow<'a, str>> {
        self.name.take().map(|name| name.0)
    }

    pub(super) fn take_message(&mut self) -> Option<Cow<'a, str>> {
        self.message.take().map(|message| message.0)
    }
}

impl<'a> TextEvent<'a> {
    pub(super) fn take_name(&mut self) -> Cow<'a, str> {
        std::mem::take(&mut self.name.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Str<'a>, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Str<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Read)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Said<'a>, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Said<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("attributes by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said<'de>, A::Error> {
                let mut said = Said::default();
                while let Some((Str(name), Value(value))) = map.next_entry()? {
                    if let Some(value) = value {
                        said.set(name, value);
                    }
                }
                Ok(said)
            }
        }

        deserializer.deserialize_map(Read)
    }
}

/// The value of an attribute; `None` where it is none that an attribute has.
struct Value<'a>(Option<Scalar<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value<'a>, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Value<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
                Ok(Value(Some(Scalar::Text(Cow::Borrowed(text)))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
                Ok(Value(Some(Scalar::Text(Cow::Owned(text.to_owned())))))
            }

            fn visit_bool<E: Error>(self, is: bool) -> Result<Value<'de>, E> {
                Ok(Value(Some(Scalar::Bool(is))))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
                Ok(Value(Some(Scalar::Number(number.into()))))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
                Ok(Value(Some(Scalar::Number(number.into()))))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'de>, E> {
                Ok(Value(serde_json::Number::from_f64(number).map(Scalar::Number)))
            }

            fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
                Ok(Value(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Value(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value(None))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::*;

    fn said(text: &str) -> Map<String, Json> {
        let said: Said<'_> = serde_json::from_str(text).expect("attributes");
        said.into()
    }

    #[test]
    fn attributes_are_read_with_their_types() {
        let all = json!({
            "text": "a\n\u{e9}", "is": true, "whole": 4, "below": -3, "part": 0.5, "large": u64::MAX,
        });
        assert_eq!(Json::Object(said(&all.to_string())), all);
    }

    #[test]
    fn what_no_attribute_has_is_left_out_and_of_one_name_the_last_counts() {
        let read = said(r#"{"a":[1,{"b":2}],"c":null,"d":{"e":[]},"f":1,"g":2,"f":"3"}"#);
        assert_eq!(Json::Object(read), json!({ "f": "3", "g": 2 }));
    }

    #[test]
    fn a_string_is_copied_only_where_something_in_it_is_escaped() {
        let record = |text: &str| Record { cells: [0; 16], text: text.as_bytes().into() };
        let is_borrowed = |record: &Record| {
            let mut text = Text::of(record);
            matches!(text.take_name().expect("a name"), Cow::Borrowed(_))
        };
        assert!(is_borrowed(&record(
            r#"{"name":"plain \u00e9"}"#.replace("\\u00e9", "é").as_str()
        )));
        assert!(!is_borrowed(&record(r#"{"name":"a\nb"}"#)));
        assert!(Text::of(&record("{")).take_message().is_none());
    }
}
