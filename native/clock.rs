//! The clock as a raw Node-API callback: half the cost of a generated function.
//!
//! It takes no argument and returns nothing; the time is left in a cell of the calling thread, in
//! memory that the thread has mapped. Beside it is a bell: where it has rung, a scribe writes a span at
//! that time (`nanometer_core::layout::desk`). A raw callback must not panic, and this one cannot.

use std::ptr::null_mut;

use nanometer_core::layout;
use napi::bindgen_prelude::{Object, Unknown};
use napi::{Env, JsValue, check_status, sys};
use napi_derive::napi;

use crate::errors::Result;
use crate::memory::array_buffer;
use crate::thread;

/// Adds `tick` to the exports, which the generated ones have no part in.
pub fn export(env: &Env, exports: &mut Object) -> napi::Result<()> {
    let name = c"tick";
    let mut function = null_mut();
    // SAFETY: the environment and the exports are the current ones; the name is a C string.
    unsafe {
        let create = sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            4,
            Some(tick),
            null_mut(),
            &raw mut function,
        );
        check_status!(create)?;
        let set = sys::napi_set_named_property(env.raw(), exports.raw(), name.as_ptr(), function);
        check_status!(set)
    }
}

unsafe extern "C" fn tick(_env: sys::napi_env, _info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: the station lives until the environment's clean-up hook, which sets this to null, and
    // belongs to this thread.
    if let Some(station) = unsafe { thread::known_station().as_ref() } {
        station.tick();
    }
    null_mut()
}

/// Where this thread reads its clock, as an ArrayBuffer: a float64, nanoseconds, written by `tick()`,
/// and the bell.
#[napi(catch_unwind)]
pub fn clock_cell(env: &Env) -> Result<Unknown<'_>> {
    let station = thread::station(env)?;
    // SAFETY: the station lives until the environment's clean-up hook.
    unsafe { array_buffer(env, station.cast(), layout::desk::BELL_BYTES as usize) }
}
