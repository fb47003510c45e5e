//! What one JavaScript thread owns: its lanes and its clock cell.
//!
//! Given back in the environment's clean-up hook, and nowhere else: by then JavaScript cannot run
//! any more and every ArrayBuffer is detached. A process that exits on its main thread runs no
//! hook, which does no harm: the system takes the memory back.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

use nanometer_core::{LaneGuard, Meter};
use napi::{Env, sys};

use crate::errors::{Result, invalid, of_attach, unusable};

/// A cache line of its own for the clock, which its thread writes all the time.
#[repr(align(64))]
struct ClockCell(f64);

struct Owned {
    /// By the number that JavaScript knows a meter by.
    lanes: Vec<LaneGuard>,
    clock: Box<ClockCell>,
}

thread_local! {
    /// Where this thread's time goes; null until it has asked for its clock, and after its end.
    static TIME: Cell<*mut f64> = const { Cell::new(null_mut()) };
    static OWNED: RefCell<Option<Owned>> = const { RefCell::new(None) };
}

/// Gives this thread a lane of the meter, or finds the one that it has.
pub fn attach(env: &Env, meter: &Arc<Meter>) -> Result<u32> {
    with_owned(env, |owned| {
        let known = owned.lanes.iter().position(|lane| Arc::ptr_eq(lane.meter(), meter));
        let number = match known {
            Some(number) => number,
            None => {
                owned.lanes.push(meter.attach().map_err(of_attach)?);
                owned.lanes.len() - 1
            }
        };
        Ok(number as u32)
    })
}

/// Does something with a lane of this thread.
pub fn with_lane<T>(number: u32, act: impl FnOnce(&LaneGuard) -> Result<T>) -> Result<T> {
    OWNED.with_borrow(|owned| {
        let lane = owned.as_ref().and_then(|owned| owned.lanes.get(number as usize));
        act(lane.ok_or_else(|| invalid(format!("this thread has no meter {number}")))?)
    })
}

/// This thread's clock cell, made at the first call; the thread owns it.
pub fn clock_cell(env: &Env) -> Result<NonNull<f64>> {
    let cell = with_owned(env, |owned| Ok(NonNull::from(&mut owned.clock.0)))?;
    TIME.set(cell.as_ptr());
    Ok(cell)
}

/// Where this thread's time goes; null where it has no clock.
#[inline]
pub fn time() -> *mut f64 {
    TIME.get()
}

fn with_owned<T>(env: &Env, act: impl FnOnce(&mut Owned) -> Result<T>) -> Result<T> {
    OWNED.with_borrow_mut(|owned| {
        if owned.is_none() {
            // SAFETY: a hook without data, for the current environment.
            let status = unsafe {
                sys::napi_add_env_cleanup_hook(env.raw(), Some(give_back), std::ptr::null_mut())
            };
            if status != sys::Status::napi_ok {
                return Err(unusable(format!("no clean-up hook could be set: status {status}")));
            }
        }
        act(owned
            .get_or_insert_with(|| Owned { lanes: Vec::new(), clock: Box::new(ClockCell(0.0)) }))
    })
}

unsafe extern "C" fn give_back(_data: *mut c_void) {
    TIME.set(null_mut());
    let owned = OWNED.take();
    // A panic must not cross into Node; a lane that could not be given back stays live.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(owned)));
}
