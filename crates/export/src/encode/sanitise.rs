//! The classic alphabet of Prometheus, `[a-zA-Z0-9_]`, for names and for units.

/// The runs of ASCII letters and digits of `name`, joined by one underscore each. Empty when there
/// are none; may start with a digit.
pub fn sanitise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(|character: char| !character.is_ascii_alphanumeric()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push('_');
            }
            out.push_str(word);
        }
    }
    out
}
