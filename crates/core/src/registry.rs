//! The meters of this process: one for each service, found from every thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::OpenError;
use crate::meter::{Meter, Options};

static METERS: Mutex<Vec<Arc<Meter>>> = Mutex::new(Vec::new());

/// Opens the meter of a service, or joins the one that is open; true with a new one. The options
/// of a meter are those that it was first opened with.
///
/// # Errors
///
/// See [`Meter::new`].
pub fn open(options: &Options) -> Result<(Arc<Meter>, bool), OpenError> {
    let mut meters = meters_mut();
    if let Some(meter) = meters.iter().find(|meter| meter.service() == options.service) {
        return Ok((Arc::clone(meter), false));
    }
    let meter = Meter::new(options)?;
    meters.push(Arc::clone(&meter));
    Ok((meter, true))
}

/// All open meters.
pub fn meters() -> Vec<Arc<Meter>> {
    meters_mut().clone()
}

/// Takes a meter out of the registry and removes its segment's file. Threads that still record do
/// so into memory that nobody reads; the next [`open`] of the service makes a new meter.
pub fn close(meter: &Meter) {
    meters_mut().retain(|open| !std::ptr::eq(Arc::as_ptr(open), meter));
    meter.give_up_file();
}

fn meters_mut() -> MutexGuard<'static, Vec<Arc<Meter>>> {
    METERS.lock().unwrap_or_else(PoisonError::into_inner)
}
