//! What a user should hear of once, kept until the JavaScript side asks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Something that went wrong without stopping anything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warning {
    /// A stable name of the kind of thing.
    pub code: &'static str,
    /// What happened, and what to do.
    pub message: String,
}

/// Warnings that wait, most of them kept once. Bounded: past that they are counted only.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    inner: Mutex<Inner>,
    total: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Warning>,
    said: std::collections::HashSet<String>,
}

/// How many different warnings one meter gives in its life.
const MAX_WARNINGS: usize = 1_000;

impl Warnings {
    /// Keeps a warning that has not been given yet; true when this is the first time.
    pub(crate) fn add(&self, code: &'static str, message: &str) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.said.contains(message) || inner.said.len() >= MAX_WARNINGS {
            return false;
        }
        inner.said.insert(message.to_owned());
        inner.waiting.push(Warning { code, message: message.to_owned() });
        self.total.fetch_add(1, Relaxed);
        true
    }

    /// Keeps a warning that may have been given before; false while too many wait.
    pub(crate) fn add_again(&self, code: &'static str, message: &str) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.waiting.len() >= MAX_WARNINGS {
            return false;
        }
        inner.waiting.push(Warning { code, message: message.to_owned() });
        self.total.fetch_add(1, Relaxed);
        true
    }

    pub(crate) fn take(&self) -> Vec<Warning> {
        std::mem::take(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }
}
