//! The Node addon: conversions between JavaScript and the Rust core, and no policy.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`errors`] | core errors to coded JavaScript errors |
//! | [`thread`] | what one JavaScript thread owns, until its environment ends |
//! | [`memory`] | ArrayBuffers over mapped memory, never copies |
//! | [`clock`] | the raw clock call |
//! | [`serving`] | the open meters of the process, where they answer and what they export |
//! | [`meter`] | the calls of `src/backend/native.ts`, one function each |
//! | [`tracing`] | those of them that are about spans |
//! | [`exporting`] | and those about exporters |
//!
//! Structured values cross as JSON: every call here but the clock is cold, and one text form is
//! easier to keep right than two sets of conversions. A panic becomes a JavaScript error.

mod clock;
mod errors;
mod exporting;
mod memory;
mod meter;
mod serving;
mod thread;
mod tracing;

use napi::bindgen_prelude::{Env, Object, Result};
use napi_derive::napi;

/// Runs when an environment loads the addon, and again when it requires it anew.
#[napi(module_exports)]
pub fn init(mut exports: Object, env: Env) -> Result<()> {
    // A native thread may outlive the worker that loaded the addon first.
    napi::bindgen_prelude::retain_current_module_for_unload_safety();
    clock::export(&env, &mut exports)
}
