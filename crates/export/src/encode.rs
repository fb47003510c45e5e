//! A snapshot as bytes: no sockets, no clock, no threads.

pub mod exemplars;
pub mod families;
pub mod json;
pub mod labels;
pub mod names;
pub mod negotiate;
pub mod number;
pub mod prometheus;
pub mod sanitise;
pub mod units;
