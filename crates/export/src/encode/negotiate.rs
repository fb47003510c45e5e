//! Negotiation: which format and which coding a request gets. Nothing a client sends is an error
//! here; what makes no sense is not counted.

use super::prometheus::Format;

/// The format chosen for an `Accept` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The format.
    pub format: Format,
    /// Whether the client named an escaping scheme for names in it, and so wants to hear which one
    /// was used.
    pub names_escaping: bool,
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
    /// The value of `Content-Type`. The scheme is always `underscores`, whichever was asked for:
    /// our names are in the classic alphabet.
    pub fn content_type(self) -> &'static str {
        match (self.format, self.names_escaping) {
            (Format::Text, false) => "text/plain; version=0.0.4; charset=utf-8",
            (Format::Text, true) => {
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
            }
            (Format::OpenMetrics, false) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
            (Format::OpenMetrics, true) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
        }
    }
}

/// What text 0.0.4 gets where nothing better is wanted.
const FALLBACK: Chosen = Chosen { format: Format::Text, names_escaping: false };

/// The escaping schemes that Prometheus knows.
const SCHEMES: [&str; 4] = ["allow-utf-8", "underscores", "dots", "values"];

/// Chooses a format: the highest quality wins; among equals the range that names it most closely,
/// then the one listed first. Text 0.0.4 where nothing that we have is wanted.
pub fn format_for(accept: &str) -> Chosen {
    let ranges: Vec<Range> = split(accept, ',').filter_map(Range::parse).collect();
    let offer = |format: Format| {
        ranges
            .iter()
            .enumerate()
            .map(|(index, range)| (range.closeness(format), range, index))
            .filter(|(closeness, ..)| *closeness > 0)
            .max_by(|a, b| {
                a.0.cmp(&b.0).then(a.1.quality.total_cmp(&b.1.quality)).then(b.2.cmp(&a.2))
            })
            .filter(|(_, range, _)| range.quality > 0.0)
            .map(|(closeness, range, index)| {
                let chosen = Chosen { format, names_escaping: range.names_escaping };
                (range.quality, closeness, index, chosen)
            })
    };
    // The last of equals wins in `max_by`: text stands last, for ranges that mean anything.
    [offer(Format::OpenMetrics), offer(Format::Text)]
        .into_iter()
        .flatten()
        .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(b.2.cmp(&a.2)))
        .map_or(FALLBACK, |(.., chosen)| chosen)
}

/// Chooses a coding; `None` where the client refuses both. gzip wins over identity at equal
/// quality, and is not used unless the client names it, or `*`.
pub fn coding_for(accept_encoding: &str) -> Option<Coding> {
    let mut gzip = None;
    let mut identity = None;
    let mut any = None;
    for element in split(accept_encoding, ',') {
        let mut parts = split(element, ';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let Some(quality) = quality_of(parts) else { continue };
        match name.as_str() {
            "gzip" | "x-gzip" => gzip = Some(quality),
            "identity" => identity = Some(quality),
            "*" => any = Some(quality),
            _ => {}
        }
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    // Not to be named is no refusal: identity is the last resort then.
    let identity = identity.or(any);
    if gzip > 0.0 && gzip >= identity.unwrap_or(0.0) {
        Some(Coding::Gzip)
    } else if identity == Some(0.0) {
        None
    } else {
        Some(Coding::Identity)
    }
}

/// One media range of `Accept`.
struct Range {
    kind: String,
    subtype: String,
    version: Option<String>,
    names_escaping: bool,
    quality: f64,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = split(text, ';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let parameters: Vec<&str> = parts.collect();
        let quality = quality_of(parameters.iter().copied())?;
        let escaping = parameter(&parameters, "escaping");
        Some(Range {
            kind: kind.trim().to_ascii_lowercase(),
            subtype: subtype.trim().to_ascii_lowercase(),
            version: parameter(&parameters, "version").map(str::to_owned),
            names_escaping: escaping.is_some_and(|scheme| SCHEMES.contains(&scheme)),
            quality,
        })
    }

    /// 3: names the format; 2: its kind; 1: anything; 0: something else.
    fn closeness(&self, format: Format) -> u32 {
        let (kind, subtype, version) = match format {
            Format::Text => ("text", "plain", "0.0.4"),
            Format::OpenMetrics => ("application", "openmetrics-text", "1.0.0"),
        };
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", "*") => 1,
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

/// The value of `q`: 1 where there is none, `None` where it is not a number from 0 to 1.
fn quality_of<'a>(parameters: impl Iterator<Item = &'a str>) -> Option<f64> {
    let parameters: Vec<&str> = parameters.collect();
    let Some(text) = parameter(&parameters, "q") else { return Some(1.0) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let quality = if is_plain { text.parse::<f64>().ok() } else { None };
    quality.filter(|quality| (0.0..=1.0).contains(quality))
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
        for (accept, format, escaping) in [
            ("", Text, false),
            ("*/*", Text, false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text, false),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;\
                 q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OpenMetrics,
                false,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 text/plain;version=0.0.4;q=0.3",
                OpenMetrics,
                true,
            ),
            ("text/plain;version=0.0.4;escaping=values", Text, true),
            ("text/plain;escaping=nonsense", Text, false),
            ("application/openmetrics-text;version=0.0.1", Text, false),
            ("application/openmetrics-text", OpenMetrics, false),
            ("application/openmetrics-text;version=\"1.0.0\"", OpenMetrics, false),
            ("APPLICATION/OpenMetrics-Text; Version=1.0.0; Q=1", OpenMetrics, false),
            ("application/openmetrics-text;q=0.5, */*;q=0.9", Text, false),
            ("application/openmetrics-text;q=0, text/plain;q=0.1", Text, false),
            ("application/openmetrics-text, text/plain;q=0", OpenMetrics, false),
            ("text/plain, application/openmetrics-text", Text, false),
            ("application/openmetrics-text, text/plain", OpenMetrics, false),
            ("application/openmetrics-text, */*", OpenMetrics, false),
            ("application/*", OpenMetrics, false),
            ("application/json", Text, false),
            ("*/*;q=0", Text, false),
            ("application/openmetrics-text;q=abc, text/plain;q=0.1", Text, false),
            ("application/openmetrics-text;q=1.5", Text, false),
            ("application/openmetrics-text;q=, ;;,/,\"", Text, false),
        ] {
            assert_eq!(format_for(accept), Chosen { format, names_escaping: escaping }, "{accept}");
        }
    }

    #[test]
    fn a_refused_coding_is_not_used() {
        use Coding::{Gzip, Identity};
        for (accept, coding) in [
            ("", Some(Identity)),
            ("gzip", Some(Gzip)),
            ("GZIP;q=0.1", Some(Gzip)),
            ("gzip;q=0", Some(Identity)),
            ("gzip;q=0.000", Some(Identity)),
            ("identity", Some(Identity)),
            ("identity, gzip", Some(Gzip)),
            ("identity, gzip;q=0.5", Some(Identity)),
            ("gzip;q=0.5, identity;q=0.4", Some(Gzip)),
            ("br, deflate", Some(Identity)),
            ("*", Some(Gzip)),
            ("*;q=0", None),
            ("identity;q=0", None),
            ("identity;q=0, gzip", Some(Gzip)),
            ("*;q=0, identity;q=0.1", Some(Identity)),
            ("gzip;q=high", Some(Identity)),
            ("gzip;q=-1", Some(Identity)),
            ("deflate, gzip;q=1.0, *;q=0.5", Some(Gzip)),
        ] {
            assert_eq!(coding_for(accept), coding, "{accept}");
        }
    }
}
