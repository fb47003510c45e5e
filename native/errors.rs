//! Core errors to JavaScript errors with the stable codes of `NanometerError`; no new wording.

use nanometer_core::{AttachError, DefineError, OpenError};
use napi_derive::napi;

/// The `code` of the JavaScript error.
pub type Code = &'static str;

/// What a call of the addon returns. The generator of bindings goes by this name.
pub type Result<T> = std::result::Result<T, napi::Error<Code>>;

/// An argument that the TypeScript half should not have sent.
pub fn invalid(what: impl std::fmt::Display) -> napi::Error<Code> {
    napi::Error::new("NANOMETER_INVALID_OPTION", what)
}

/// Memory that there is none of.
pub fn full(what: impl std::fmt::Display) -> napi::Error<Code> {
    napi::Error::new("NANOMETER_CAPACITY", what)
}

/// Native memory that JavaScript cannot use.
pub fn unusable(what: impl std::fmt::Display) -> napi::Error<Code> {
    napi::Error::new("NANOMETER_NATIVE", what)
}

pub fn of_open(error: OpenError) -> napi::Error<Code> {
    napi::Error::new("NANOMETER_INVALID_OPTION", error)
}

pub fn of_define(error: DefineError) -> napi::Error<Code> {
    let code = match error {
        DefineError::Invalid { .. } => "NANOMETER_INVALID_DEFINITION",
        DefineError::Conflict { .. } => "NANOMETER_CONFLICT",
        DefineError::Capacity { .. } => "NANOMETER_CAPACITY",
    };
    napi::Error::new(code, error)
}

pub fn of_attach(error: AttachError) -> napi::Error<Code> {
    napi::Error::new("NANOMETER_CAPACITY", error)
}

/// Panics, so that a test can see that a panic becomes a JavaScript error and ends nothing.
#[napi(catch_unwind)]
pub fn panic_on_purpose() -> Result<()> {
    panic!("a panic on purpose")
}
