//! Negotiation: which format and which coding a request gets. Nothing a client sends is an error
//! here; what makes no sense is not counted.

use super::prometheus::Format;

/// The format chosen for an `Accept` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The format.
    pub format: Format,
    /// How names are escaped in it, if the client asked.
    pub escaping: Option<Escaping>,
}

/// A way to write names that Prometheus' classic alphabet lacks. Ours are all in that alphabet, and
/// so the same under each of these. Under Prometheus' fourth scheme, `dots`, they would not be: it
/// doubles underscores; who asks for it is answered with `underscores`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escaping {
    /// They are not.
    AllowUtf8,
    /// An underscore for each character.
    Underscores,
    /// Their code points, after a prefix.
    Values,
}

/// How the body of an answer is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip.
    Gzip,
}

impl Chosen {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        use Escaping::{AllowUtf8, Underscores, Values};
        use Format::{OpenMetrics, Text};
        match (self.format, self.escaping) {
            (Text, None) => "text/plain; version=0.0.4; charset=utf-8",
            (Text, Some(AllowUtf8)) => {
                "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8"
            }
            (Text, Some(Underscores)) => {
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
            }
            (Text, Some(Values)) => "text/plain; version=0.0.4; charset=utf-8; escaping=values",
            (OpenMetrics, None) => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            (OpenMetrics, Some(AllowUtf8)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            (OpenMetrics, Some(Underscores)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
            (OpenMetrics, Some(Values)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values"
            }
        }
    }
}

/// Type, subtype and version.
fn media_type(format: Format) -> (&'static str, &'static str, &'static str) {
    match format {
        Format::Text => ("text", "plain", "0.0.4"),
        Format::OpenMetrics => ("application", "openmetrics-text", "1.0.0"),
    }
}

/// What is answered where nothing that we have is wanted.
const FALLBACK: Chosen = Chosen { format: Format::Text, escaping: None };

/// Chooses a format: the highest quality wins; among equals what is named most closely, then
/// OpenMetrics. `*/*` means text. Text 0.0.4 where nothing that we have is wanted.
pub fn format_for(accept: &str) -> Chosen {
    let ranges: Vec<Range> = split(accept, ',').filter_map(Range::parse).collect();
    let offer = |format: Format| {
        let rate = |range: &Range| (range.closeness(format), range.quality, range.escaping);
        let (closeness, quality, escaping) = ranges
            .iter()
            .map(rate)
            .filter(|(closeness, ..)| *closeness > 0)
            .max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
        (quality > 0.0).then_some((quality, closeness, Chosen { format, escaping }))
    };
    // The last of equals is taken.
    [offer(Format::Text), offer(Format::OpenMetrics)]
        .into_iter()
        .flatten()
        .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map_or(FALLBACK, |(.., chosen)| chosen)
}

/// Chooses a coding: gzip where the client names it, or `*`, and does not like identity better. A
/// client that refuses both gets identity: it wants its metrics more than its way.
pub fn coding_for(accept_encoding: &str) -> Coding {
    let mut gzip = None;
    let mut identity = None;
    let mut any = None;
    for element in split(accept_encoding, ',') {
        let mut parts = split(element, ';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let Some(quality) = quality_of(&parts.collect::<Vec<_>>()) else { continue };
        match name.as_str() {
            "gzip" | "x-gzip" => gzip = Some(quality),
            "identity" => identity = Some(quality),
            "*" => any = Some(quality),
            _ => {}
        }
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    if gzip > 0.0 && gzip >= identity.unwrap_or(0.0) { Coding::Gzip } else { Coding::Identity }
}

/// One media range of `Accept`.
struct Range {
    kind: String,
    subtype: String,
    version: Option<String>,
    escaping: Option<Escaping>,
    quality: f64,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = split(text, ';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let parameters: Vec<&str> = parts.collect();
        Some(Range {
            kind: kind.trim().to_ascii_lowercase(),
            subtype: subtype.trim().to_ascii_lowercase(),
            version: parameter(&parameters, "version").map(str::to_owned),
            escaping: match parameter(&parameters, "escaping") {
                Some("allow-utf-8") => Some(Escaping::AllowUtf8),
                Some("underscores" | "dots") => Some(Escaping::Underscores),
                Some("values") => Some(Escaping::Values),
                _ => None,
            },
            quality: quality_of(&parameters)?,
        })
    }

    /// 3: names the format; 2: its kind; 1: anything, and the format is text; 0: something else.
    fn closeness(&self, format: Format) -> u32 {
        let (kind, subtype, version) = media_type(format);
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", "*") => u32::from(format == Format::Text),
            (given, "*") if given == kind => 2,
            given if given == (kind, subtype) && self.is_version(version) => 3,
            _ => 0,
        }
    }

    /// Whether it wants that version, or does not say.
    fn is_version(&self, version: &str) -> bool {
        self.version.as_deref().is_none_or(|given| given == version)
    }
}

/// The value of `q`: 1 where there is none, `None` where it is not a number from 0 to 1 with three
/// decimals at most.
fn quality_of(parameters: &[&str]) -> Option<f64> {
    let Some(text) = parameter(parameters, "q") else { return Some(1.0) };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = matches!(whole, "0" | "1")
        && decimals.len() <= 3
        && decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain {
        return None;
    }
    text.parse().ok().filter(|quality| *quality <= 1.0)
}

fn parameter<'a>(parameters: &[&'a str], name: &str) -> Option<&'a str> {
    parameters.iter().find_map(|parameter| {
        let (given, value) = parameter.split_once('=')?;
        given.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// Splits at a separator that is not inside a quoted string.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_supported_quality_wins() {
        use Format::{OpenMetrics, Text};
        for (accept, format) in [
            ("", Text),
            ("*/*", Text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;\
                 q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OpenMetrics,
            ),
            ("application/openmetrics-text;version=0.0.1", Text),
            ("application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text;version=\"1.0.0\"", OpenMetrics),
            ("APPLICATION/OpenMetrics-Text; Version=1.0.0; Q=1", OpenMetrics),
            ("application/openmetrics-text;q=0.5, */*;q=0.9", Text),
            ("application/openmetrics-text;q=0, text/plain;q=0.1", Text),
            ("application/openmetrics-text, text/plain;q=0", OpenMetrics),
            ("text/plain, application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text, text/plain", OpenMetrics),
            ("application/openmetrics-text, */*", OpenMetrics),
            ("text/plain, application/*", Text),
            ("application/*", OpenMetrics),
            ("application/json", Text),
            ("*/*;q=0", Text),
            ("application/openmetrics-text;q=abc, text/plain;q=0.1", Text),
            ("application/openmetrics-text;q=1.5", Text),
            ("application/openmetrics-text;q=0.5555", Text),
            ("application/openmetrics-text;q=, ;;,/,\"", Text),
        ] {
            assert_eq!(format_for(accept).format, format, "{accept}");
        }
    }

    #[test]
    fn the_escaping_is_told_when_asked_for() {
        for (accept, expected) in [
            ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
            ("text/plain;escaping=nonsense", "text/plain; version=0.0.4; charset=utf-8"),
            (
                "text/plain;version=0.0.4;escaping=values",
                "text/plain; version=0.0.4; charset=utf-8; escaping=values",
            ),
            (
                "text/plain;escaping=dots",
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 text/plain;version=0.0.4;q=0.3",
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            ),
        ] {
            assert_eq!(format_for(accept).content_type(), expected, "{accept}");
        }
    }

    #[test]
    fn a_refused_coding_is_not_used() {
        use Coding::{Gzip, Identity};
        for (accept, coding) in [
            ("", Identity),
            ("gzip", Gzip),
            ("GZIP;q=0.1", Gzip),
            ("gzip;q=0", Identity),
            ("gzip;q=0.000", Identity),
            ("identity", Identity),
            ("identity, gzip", Gzip),
            ("identity, gzip;q=0.5", Identity),
            ("gzip;q=0.5, identity;q=0.4", Gzip),
            ("br, deflate", Identity),
            ("*", Gzip),
            ("*;q=0", Identity),
            ("identity;q=0", Identity),
            ("identity;q=0, gzip", Gzip),
            ("*;q=0, identity;q=0.1", Identity),
            ("gzip;q=high", Identity),
            ("gzip;q=-1", Identity),
            ("deflate, gzip;q=1.0, *;q=0.5", Gzip),
        ] {
            assert_eq!(coding_for(accept), coding, "{accept}");
        }
    }
}
