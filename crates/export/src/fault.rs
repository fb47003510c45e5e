//! Panics on demand, so that tests can see them caught. Not part of the public interface.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Where to panic.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// In the next request.
    Request,
    /// In the native thread itself, outside any request.
    Keeper,
    /// Where an exporter is about to collect, or to send.
    Exporter,
    /// In the exporting thread itself.
    Exports,
}

static REQUEST: AtomicU32 = AtomicU32::new(0);
static KEEPER: AtomicU32 = AtomicU32::new(0);
static EXPORTER: AtomicU32 = AtomicU32::new(0);
static EXPORTS: AtomicU32 = AtomicU32::new(0);

/// Has the next code that passes there panic, once.
pub fn inject(fault: Fault) {
    pending(fault).fetch_add(1, Relaxed);
}

/// Panics if a test has asked for it.
pub(crate) fn strike(fault: Fault) {
    let taken = pending(fault).fetch_update(Relaxed, Relaxed, |count| count.checked_sub(1));
    assert!(taken.is_err(), "a panic that a test has asked for: {fault:?}");
}

fn pending(fault: Fault) -> &'static AtomicU32 {
    match fault {
        Fault::Request => &REQUEST,
        Fault::Keeper => &KEEPER,
        Fault::Exporter => &EXPORTER,
        Fault::Exports => &EXPORTS,
    }
}
