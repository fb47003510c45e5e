//! Units: from UCUM to the words and base units of Prometheus.
//!
//! Prometheus wants seconds and bytes. A unit of time or of bytes is therefore converted, with one
//! rounding; any other is only spelled out, by OpenTelemetry's rule (`m/s` is
//! `meters_per_second`).

use super::sanitise::sanitise;

/// How a value becomes one of the base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// It is one already.
    One,
    /// Multiply by this.
    Times(f64),
    /// Divide by this. (Dividing by 1e9 rounds once; multiplying by 1e-9 would round twice.)
    Over(f64),
}

impl Scale {
    /// `value`, in the base unit.
    pub fn apply(self, value: f64) -> f64 {
        match self {
            Scale::One => value,
            Scale::Times(factor) => value * factor,
            Scale::Over(divisor) => value / divisor,
        }
    }
}

/// What one unit of a definition becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseUnit {
    /// The word that the name of a metric ends in (`seconds`); empty for none.
    pub word: String,
    /// How values are converted.
    pub scale: Scale,
    /// Words at the end of a name that say this unit already: `ns`, `nanoseconds`, `seconds`.
    pub said_by: Vec<String>,
}

const KIBI: f64 = 1_024.0;

/// Time and bytes: UCUM, the unit in words, the base unit, the way there.
const CONVERTED: [(&str, &str, &str, Scale); 16] = [
    ("ns", "nanoseconds", "seconds", Scale::Over(1e9)),
    ("us", "microseconds", "seconds", Scale::Over(1e6)),
    ("ms", "milliseconds", "seconds", Scale::Over(1e3)),
    ("s", "seconds", "seconds", Scale::One),
    ("min", "minutes", "seconds", Scale::Times(60.0)),
    ("h", "hours", "seconds", Scale::Times(3_600.0)),
    ("d", "days", "seconds", Scale::Times(86_400.0)),
    ("By", "bytes", "bytes", Scale::One),
    ("KBy", "kilobytes", "bytes", Scale::Times(1e3)),
    ("MBy", "megabytes", "bytes", Scale::Times(1e6)),
    ("GBy", "gigabytes", "bytes", Scale::Times(1e9)),
    ("TBy", "terabytes", "bytes", Scale::Times(1e12)),
    ("KiBy", "kibibytes", "bytes", Scale::Times(KIBI)),
    ("MiBy", "mebibytes", "bytes", Scale::Times(KIBI * KIBI)),
    ("GiBy", "gibibytes", "bytes", Scale::Times(KIBI * KIBI * KIBI)),
    ("TiBy", "tebibytes", "bytes", Scale::Times(KIBI * KIBI * KIBI * KIBI)),
];

/// What else says a unit at the end of a name.
const SHORT: [(&str, &str); 4] =
    [("ns", "nanos"), ("us", "micros"), ("ms", "millis"), ("s", "secs")];

/// Units that are spelled out and not converted.
const SPELLED: [(&str, &str); 10] = [
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("%", "percent"),
    ("1", ""),
];

/// Words after "per". `m` is a minute here: OpenTelemetry's table says so.
const PER: [(&str, &str); 8] = [
    ("s", "second"),
    ("m", "minute"),
    ("min", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("mo", "month"),
    ("y", "year"),
];

impl BaseUnit {
    /// What `unit`, in UCUM, becomes. Annotations in braces are dropped; an unknown unit is kept
    /// as it is, less the characters that a name cannot have.
    pub fn of(unit: &str) -> BaseUnit {
        let unit = without_annotations(unit);
        let unit = unit.trim();
        if let Some((symbol, words, base, scale)) = CONVERTED.iter().find(|row| row.0 == unit) {
            let mut said_by = vec![(*base).to_owned()];
            said_by.extend(
                [*words, *symbol, look_up(&SHORT, unit).unwrap_or(base)]
                    .into_iter()
                    .filter(|word| word != base)
                    .map(str::to_owned),
            );
            return BaseUnit { word: (*base).to_owned(), scale: *scale, said_by };
        }
        let word = spelled_out(unit);
        let mut said_by = Vec::new();
        if !word.is_empty() {
            let symbol =
                Some(sanitise(unit)).filter(|symbol| !symbol.is_empty() && *symbol != word);
            said_by.push(word.clone());
            said_by.extend(symbol);
        }
        BaseUnit { word, scale: Scale::One, said_by }
    }
}

/// A unit that is not converted, in words: `m/s` is `meters_per_second`, `{request}/s` is
/// `per_second`.
fn spelled_out(unit: &str) -> String {
    let (of, per) = match unit.split_once('/') {
        Some((of, per)) => (of.trim(), per.trim()),
        None => (unit, ""),
    };
    let of = words_of(of);
    let per = look_up(&PER, per).map_or_else(|| sanitise(per), str::to_owned);
    match (of.is_empty(), per.is_empty()) {
        (_, true) => of,
        (true, false) => format!("per_{per}"),
        (false, false) => format!("{of}_per_{per}"),
    }
}

fn words_of(unit: &str) -> String {
    let converted = CONVERTED.iter().find(|row| row.0 == unit).map(|row| row.1);
    converted.or_else(|| look_up(&SPELLED, unit)).map_or_else(|| sanitise(unit), str::to_owned)
}

fn look_up(table: &[(&str, &'static str)], symbol: &str) -> Option<&'static str> {
    table.iter().find(|row| row.0 == symbol).map(|row| row.1)
}

fn without_annotations(unit: &str) -> String {
    let mut depth = 0_u32;
    unit.chars()
        .filter(|character| match character {
            '{' => {
                depth += 1;
                false
            }
            '}' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_bytes_are_converted_with_one_rounding() {
        assert_eq!(BaseUnit::of("ns").scale.apply(812.0), 8.12e-7);
        assert_eq!(BaseUnit::of("min").scale.apply(2.0), 120.0);
        assert_eq!(BaseUnit::of("MiBy").scale.apply(1.5), 1_572_864.0);
        assert_eq!(BaseUnit::of("KBy").word, "bytes");
    }

    #[test]
    fn other_units_are_spelled_out() {
        for (unit, word) in [
            ("", ""),
            ("1", ""),
            ("{order}", ""),
            ("{order}/s", "per_second"),
            ("m/s", "meters_per_second"),
            ("By/s", "bytes_per_second"),
            ("Cel", "celsius"),
            ("%", "percent"),
            ("Hz", "hertz"),
            ("1/min", "per_minute"),
            ("By{payload}", "bytes"),
            ("widgets", "widgets"),
            ("foo-bar", "foo_bar"),
        ] {
            assert_eq!(BaseUnit::of(unit).word, word, "{unit}");
        }
    }

    #[test]
    fn a_unit_knows_the_words_that_say_it() {
        assert_eq!(BaseUnit::of("ns").said_by, ["seconds", "nanoseconds", "ns", "nanos"]);
        assert_eq!(BaseUnit::of("s").said_by, ["seconds", "s", "secs"]);
        assert_eq!(BaseUnit::of("By").said_by, ["bytes", "By"]);
        assert!(BaseUnit::of("1").said_by.is_empty());
    }
}
