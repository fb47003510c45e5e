//! The header `Retry-After`: seconds, or a date.

use std::time::{Duration, SystemTime};

use hyper::header::{HeaderMap, RETRY_AFTER};

/// The longest time that is told. Whoever waits caps it much lower; this keeps sums of times far
/// from overflowing.
pub(super) const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// How long a response asks to wait. `None` where it does not, or not in a way that the standard
/// knows. A date in the past is no wait at all.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim_matches([' ', '\t']);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn parse(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        // Sun, 06 Nov 1994 08:49:37 GMT, the example of the standard.
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn seconds() {
        assert_eq!(parse("0"), Some(Duration::ZERO));
        assert_eq!(parse("1"), Some(Duration::from_secs(1)));
        assert_eq!(parse(" 120\t"), Some(Duration::from_secs(120)));
        assert_eq!(parse("1000000000"), Some(Duration::from_secs(1_000_000_000)));
        assert_eq!(parse("99999999999999999999999999"), Some(LONGEST));
    }

    #[test]
    fn dates_in_the_three_forms_of_the_standard() {
        let minute = Some(Duration::from_secs(60));
        assert_eq!(parse("Sun, 06 Nov 1994 08:50:37 GMT"), minute);
        assert_eq!(parse("Sunday, 06-Nov-94 08:50:37 GMT"), minute);
        assert_eq!(parse("Sun Nov  6 08:50:37 1994"), minute);
        assert_eq!(parse("Sun, 06 Nov 1994 08:48:37 GMT"), Some(Duration::ZERO));
        assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LONGEST));
    }

    #[test]
    fn anything_else_is_as_if_it_were_missing() {
        for value in ["", "-1", "+1", "1.5", "1e9", "0x10", "soon", "1 s", "Sun, 99 Nov 1994"] {
            assert_eq!(parse(value), None, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in prop::collection::vec(32_u8..=255, 0..64)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.insert(RETRY_AFTER, value);
            }
            if let Some(wait) = retry_after(&headers, SystemTime::now()) {
                prop_assert!(wait <= LONGEST);
            }
        }
    }
}
