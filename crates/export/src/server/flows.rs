//! `/flows` and `/flows/{id}`: what pipelines do.

use std::rc::Rc;

use hyper::{Response, StatusCode};

use super::Site;
use super::body::Answer;
use super::query::percent_decoded;
use super::reply::{Refusal, json};
use super::watch::Watch;
use crate::flows::{FlowDetails, FlowList};

/// Every flow.
pub fn list(site: &Site, watch: &Rc<Watch>) -> Response<Answer> {
    json(&FlowList::of(&FlowList::snapshot(&site.meter)), watch)
}

/// One flow. `id` is as it stands in the path.
///
/// # Errors
///
/// 404 where there is none of that id.
pub fn one(site: &Site, id: &str, watch: &Rc<Watch>) -> Result<Response<Answer>, Refusal> {
    let id = percent_decoded(id).ok_or_else(unknown)?;
    let snapshot = FlowDetails::snapshot(&site.meter);
    let open = site.meter.open_spans(Some(&id));
    let flow = FlowDetails::of(&snapshot, &id, open).ok_or_else(unknown)?;
    Ok(json(&flow, watch))
}

fn unknown() -> Refusal {
    let message = "there is no such flow; GET /flows lists those that there are";
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}
