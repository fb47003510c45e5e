//! Endpoints of OTLP as people write them.

/// The endpoint without a user's name and password, which are secrets.
pub(super) fn without_userinfo(endpoint: &str) -> String {
    let (scheme, rest) = match endpoint.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, endpoint),
    };
    let authority_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host_begins = rest[..authority_ends].rfind('@').map_or(0, |at| at + 1);
    let shown = &rest[host_begins..];
    match scheme {
        Some(scheme) => format!("{scheme}://{shown}"),
        None => shown.to_owned(),
    }
}
