//! A snapshot as bytes: no sockets, no clock, no threads.

pub mod families;
pub mod labels;
pub mod names;
pub mod number;
pub mod prometheus;
pub mod units;
