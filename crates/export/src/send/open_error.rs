//! An option of a destination that can never work.

use std::fmt;

/// Why nothing can be sent to a destination: an option is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSenderError {
    /// The option, as in JavaScript: `endpoint`, `certificate`, `headers`, `path` and so on.
    pub option: &'static str,
    /// What was given, and what is accepted.
    pub what: String,
}

impl fmt::Display for OpenSenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "option {}: {}", self.option, self.what)
    }
}

impl std::error::Error for OpenSenderError {}
