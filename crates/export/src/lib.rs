//! The way out of nanometer: encoders and the inspection server.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`encode`] | a snapshot to Prometheus text |

pub mod encode;
