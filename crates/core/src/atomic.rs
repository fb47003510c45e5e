//! The only door to atomics: the standard library's, or loom's under `--cfg loom`.
//!
//! Mapped memory is always reached through the standard ones: loom cannot place its own there.

#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU64, fence};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU64, fence};

pub(crate) use std::sync::atomic::Ordering;

/// Atomics that may stand in mapped memory or in a static.
pub(crate) mod fixed {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, fence};
}
