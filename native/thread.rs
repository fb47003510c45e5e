//! What one JavaScript thread owns: its lanes, and the station where it reads its clock.
//!
//! Given back in the environment's clean-up hook, and nowhere else: by then JavaScript cannot run
//! any more and every ArrayBuffer is detached. A process that exits on its main thread runs no
//! hook, which does no harm: the system takes the memory back.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{NonNull, null};
use std::sync::Arc;

use nanometer_core::layout::desk::{
    BELL_BYTES, BELL_ORDER, BELL_SCRIBE_SHIFT, MOST_SCRIBES, ORDER_UNTIMED,
};
use nanometer_core::{Desk, LaneGuard, Meter, Scribe, clock};
use napi::{Env, sys};

use crate::errors::{Result, full, invalid, of_attach, unusable};

/// What a thread of JavaScript finds where it reads its clock: a cache line of its own, and who else
/// is to be heard then. See `nanometer_core::layout::desk`.
#[derive(Default)]
#[repr(C, align(64))]
pub struct Station {
    /// The time.
    time: Cell<f64>,
    /// An order for a scribe, given with the next reading; 0 for none.
    bell: Cell<u32>,
    scribes: RefCell<Vec<Scribe>>,
}

impl Station {
    /// Reads the clock, and has the order carried out that was given with it.
    #[inline]
    pub fn tick(&self) {
        let order = self.bell.get();
        if order & ORDER_UNTIMED == 0 {
            // SAFETY: a cell of this thread, to which nobody else has a reference.
            unsafe { clock::tick(self.time.as_ptr()) };
        }
        if order != 0 {
            self.carry_out(order);
        }
    }

    #[inline(never)]
    fn carry_out(&self, order: u32) {
        self.bell.set(0);
        // Not borrowed already, or a panic would follow: no scribe ticks.
        let Ok(mut scribes) = self.scribes.try_borrow_mut() else { return };
        let number = (order >> BELL_SCRIBE_SHIFT) & MOST_SCRIBES;
        if let Some(scribe) = scribes.get_mut((number as usize).wrapping_sub(1)) {
            scribe.carry_out(order, self.time.get());
        }
    }
}

// The cells that JavaScript sees.
const _: () = assert!(std::mem::offset_of!(Station, bell) == BELL_ORDER as usize * 4);
const _: () = assert!(size_of::<Station>() >= BELL_BYTES as usize);

struct Owned {
    /// By the number that JavaScript knows a meter by.
    lanes: Vec<LaneGuard>,
    station: Box<Station>,
}

thread_local! {
    /// Where this thread's time goes; null until it has asked for its clock, and after its end.
    static STATION: Cell<*const Station> = const { Cell::new(null()) };
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

/// Where this thread reads its clock, made at the first call; the thread owns it.
pub fn station(env: &Env) -> Result<NonNull<Station>> {
    let station = with_owned(env, |owned| Ok(NonNull::from(&*owned.station)))?;
    STATION.set(station.as_ptr());
    Ok(station)
}

/// The same; null where the thread has no clock.
#[inline]
pub fn known_station() -> *const Station {
    STATION.get()
}

/// A scribe of a lane of this thread: its number, from 1 on, for the bell; 0 where no order could name
/// it.
///
/// # Safety
///
/// The desk must stay where it is until this thread has ended, and be used by nobody else.
pub unsafe fn add_scribe(lane: u32, desk: *const Desk) -> Result<u32> {
    // SAFETY: the caller's promise; the lane is this thread's, and so is what is in `OWNED`.
    let scribe = with_lane(lane, |lane| Ok(unsafe { lane.scribe(desk) }))?;
    let scribe = scribe.ok_or_else(|| full("there is no memory for spans"))?;
    OWNED.with_borrow(|owned| {
        let owned = owned.as_ref().ok_or_else(|| invalid("this thread has no clock"))?;
        let mut scribes = owned.station.scribes.borrow_mut();
        if scribes.len() == MOST_SCRIBES as usize {
            return Ok(0);
        }
        scribes.push(scribe);
        Ok(scribes.len() as u32)
    })
}

/// Does something with a scribe of this thread.
pub fn with_scribe<T>(number: u32, act: impl FnOnce(&mut Scribe) -> T) -> Result<T> {
    OWNED.with_borrow(|owned| {
        let owned = owned.as_ref().ok_or_else(|| invalid("this thread has no clock"))?;
        let mut scribes = owned.station.scribes.borrow_mut();
        let scribe = scribes.get_mut((number as usize).wrapping_sub(1));
        Ok(act(scribe.ok_or_else(|| invalid(format!("this thread has no scribe {number}")))?))
    })
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
        act(owned.get_or_insert_with(|| Owned { lanes: Vec::new(), station: Box::default() }))
    })
}

unsafe extern "C" fn give_back(_data: *mut c_void) {
    STATION.set(null());
    let owned = OWNED.take();
    // A panic must not cross into Node; a lane that could not be given back stays live.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(owned)));
}
