//! `/exporters`: how what leaves the process by itself fares.

use std::rc::Rc;

use hyper::Response;

use super::Site;
use super::body::Answer;
use super::reply::json;
use super::watch::Watch;
use crate::push::ExportersStatus;

/// Every exporter of the meter, those that run in JavaScript included.
pub fn list(site: &Site, watch: &Rc<Watch>) -> Response<Answer> {
    let none = || ExportersStatus { exporters: Vec::new() };
    let status = site.exporters.as_ref().map_or_else(none, |exporters| exporters.status());
    json(&status, watch)
}
