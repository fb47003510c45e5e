//! The sole maker of ArrayBuffers over mapped memory, and the one that keeps a desk.
//!
//! The napi crate's own constructors copy silently where a runtime forbids external buffers
//! (Electron): what JavaScript writes would never reach a reader. Here the status is looked at,
//! and a refusal is an error that sends the caller to the JavaScript backend.

use std::ffi::c_void;
use std::ptr::NonNull;

use nanometer_core::Desk;
use napi::bindgen_prelude::Unknown;
use napi::{Env, JsValue, sys};

use crate::errors::{Result, invalid, unusable};

/// An ArrayBuffer over `bytes` bytes at `base`.
///
/// # Safety
///
/// The memory must be mapped, and stay so until the environment's clean-up hooks run: by then
/// every ArrayBuffer of it is detached. Its finalizer frees nothing, for `transfer()` can have it
/// run early.
pub unsafe fn array_buffer(env: &Env, base: NonNull<u8>, bytes: usize) -> Result<Unknown<'_>> {
    let mut value = std::ptr::null_mut();
    // SAFETY: the environment is the current one; the memory is as the caller promises.
    let status = unsafe {
        sys::napi_create_external_arraybuffer(
            env.raw(),
            base.as_ptr().cast::<c_void>(),
            bytes,
            Some(keep),
            std::ptr::null_mut(),
            &raw mut value,
        )
    };
    match status {
        // SAFETY: a value of this environment that has just been made.
        sys::Status::napi_ok => Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), value) }),
        sys::Status::napi_no_external_buffers_allowed => {
            Err(unusable("this runtime does not allow ArrayBuffers over native memory"))
        }
        status => {
            Err(unusable(format!("an ArrayBuffer over native memory failed: status {status}")))
        }
    }
}

/// Called when an ArrayBuffer is collected or detached; its memory is not its own.
unsafe extern "C" fn keep(_env: sys::napi_env, _data: *mut c_void, _hint: *mut c_void) {}

/// Where an ArrayBuffer has its memory, and how many bytes of it.
pub fn place_of(env: &Env, buffer: &Unknown<'_>) -> Result<(NonNull<u8>, usize)> {
    let mut base = std::ptr::null_mut();
    let mut bytes = 0;
    // SAFETY: a value of the current environment; what is no ArrayBuffer is refused.
    let status = unsafe {
        sys::napi_get_arraybuffer_info(env.raw(), buffer.raw(), &raw mut base, &raw mut bytes)
    };
    match NonNull::new(base.cast::<u8>()) {
        Some(base) if status == sys::Status::napi_ok => Ok((base, bytes)),
        _ => Err(invalid("this is no ArrayBuffer")),
    }
}

/// The memory of a desk, an ArrayBuffer of JavaScript, which is never collected from now on.
pub fn pinned(env: &Env, desk: &Unknown<'_>) -> Result<NonNull<Desk>> {
    let (base, bytes) = place_of(env, desk)?;
    let place = base.cast::<Desk>();
    if !place.is_aligned() || bytes < size_of::<Desk>() {
        return Err(invalid("this is no desk"));
    }
    let mut reference = std::ptr::null_mut();
    // SAFETY: as above. Given up by the environment, at its end.
    let status =
        unsafe { sys::napi_create_reference(env.raw(), desk.raw(), 1, &raw mut reference) };
    if status != sys::Status::napi_ok {
        return Err(unusable(format!("a desk could not be kept: status {status}")));
    }
    Ok(place)
}
