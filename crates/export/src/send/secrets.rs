//! What of an endpoint may be shown.

/// The endpoint without a user's name and password, and without what is asked after `?`, which may
/// be a key.
pub(super) fn without_secrets(endpoint: &str) -> String {
    let (scheme, rest) = match endpoint.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, endpoint),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let authority_ends = rest.find('/').unwrap_or(rest.len());
    let host_begins = rest[..authority_ends].rfind('@').map_or(0, |at| at + 1);
    let shown = &rest[host_begins..];
    match scheme {
        Some(scheme) => format!("{scheme}://{shown}"),
        None => shown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_user_or_may_be_a_key_is_not_shown() {
        assert_eq!(without_secrets("me:secret@host:4317"), "host:4317");
        assert_eq!(without_secrets("http://host/a@b"), "http://host/a@b");
        assert_eq!(without_secrets("http://host/a?key=secret@b#c"), "http://host/a");
        assert_eq!(without_secrets("http://host?key=secret"), "http://host");
    }
}
