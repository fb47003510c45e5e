//! The routes: which path answers what to which method.

use std::rc::Rc;

use hyper::header::ALLOW;
use hyper::{Method, Response, StatusCode};
use serde::Serialize;

use super::ask::Ask;
use super::body::Answer;
use super::reply::{Refusal, json, text};
use super::{Site, events, exporters, flows, level, request, scrape, traces, tracing};
use crate::fault::{Fault, strike};

/// How many families `/cardinality` lists.
const LARGEST_FAMILIES: usize = 20;

/// What a path ends with that takes an id there.
const ID: &str = "{id}";

/// One path, or one for each id.
struct Route {
    path: &'static str,
    /// What may be done with it, as an `Allow` header.
    allow: &'static str,
    /// For the list of routes.
    about: &'static str,
}

const ROUTES: &[Route] = &[
    Route { path: "/", allow: "GET, HEAD", about: "this list" },
    Route {
        path: "/metrics",
        allow: "GET, HEAD",
        about: "all metrics, as Prometheus text 0.0.4 or OpenMetrics 1.0",
    },
    Route { path: "/healthz", allow: "GET, HEAD", about: "whether this server answers" },
    Route {
        path: "/snapshot",
        allow: "GET, HEAD",
        about: "all metrics as JSON, in the names and units of their definitions",
    },
    Route {
        path: "/flows",
        allow: "GET, HEAD",
        about: "flows with their state, elements, errors, throughput and latency",
    },
    Route {
        path: "/flows/{id}",
        allow: "GET, HEAD",
        about: "one flow, with its components and its streams",
    },
    Route {
        path: "/events",
        allow: "GET, HEAD",
        about: "what happened, in order; /events?after=17 from the 18th event on",
    },
    Route {
        path: "/traces",
        allow: "GET, HEAD",
        about: "traces that were promoted; /traces?component=parse&minDurationMs=5 finds others too",
    },
    Route {
        path: "/traces/{id}",
        allow: "GET, HEAD",
        about: "one trace, promoted or not yet overwritten",
    },
    Route {
        path: "/exporters",
        allow: "GET, HEAD",
        about: "exporters: what they sent, what waits, what went wrong",
    },
    Route {
        path: "/level",
        allow: "GET, HEAD, PUT",
        about: "the level; PUT {\"level\":\"diagnostic\",\"forMs\":60000} sets it",
    },
    Route {
        path: "/tracing",
        allow: "GET, HEAD, PUT",
        about: "which traces are promoted; PUT {\"sampleRate\":0.1} changes it",
    },
    Route {
        path: "/cardinality",
        allow: "GET, HEAD",
        about: "how many series there are, and the largest families",
    },
];

impl Route {
    /// The id in a path of this route, empty where it takes none; `None` for any other path.
    fn id_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self.path.strip_suffix(ID) {
            Some(prefix) => {
                path.strip_prefix(prefix).filter(|id| !id.is_empty() && !id.contains('/'))
            }
            None => (path == self.path).then_some(""),
        }
    }
}

/// Answers a request.
pub async fn answer(ask: Ask) -> Response<Answer> {
    let watch = Rc::clone(&ask.watch);
    match respond(ask).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(&watch),
    }
}

async fn respond(ask: Ask) -> Result<Response<Answer>, Refusal> {
    strike(Fault::Request);
    if ask.busy {
        return Err(Refusal::busy("all connections are in use").closing());
    }
    request::check(&ask.site, &ask.request)?;
    let path = ask.request.uri().path();
    let Some((route, id)) = ROUTES.iter().find_map(|route| Some((route, route.id_in(path)?)))
    else {
        let message = "there is nothing here; GET / lists what there is";
        return Err(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message));
    };
    let method = ask.request.method();
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    if !is_read && !route.allow.split(", ").any(|allowed| allowed == method.as_str()) {
        let message = format!("{} is for {}", route.path, route.allow);
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(Refusal::new(status, "METHOD_NOT_ALLOWED", message).with(ALLOW, route.allow));
    }
    let Ask { site, watch, .. } = &ask;
    Ok(match route.path {
        "/metrics" => scrape::metrics(&ask)?,
        "/snapshot" => scrape::snapshot(&ask)?,
        "/healthz" => json(&Health { status: "ok" }, watch),
        "/flows" => flows::list(site, watch),
        "/flows/{id}" => flows::one(site, id, watch)?,
        "/events" => events::list(site, ask.request.uri().query(), watch)?,
        "/exporters" => exporters::list(site, watch),
        "/cardinality" => json(&cardinality(site), watch),
        "/traces" => traces::list(&ask)?,
        "/traces/{id}" => traces::one(&ask, id)?,
        "/level" if is_read => level::get(site, watch),
        "/level" => level::put(ask).await?,
        "/tracing" if is_read => tracing::get(site, watch),
        "/tracing" => tracing::put(ask).await?,
        _ => text(list(site.meter.service()), watch),
    })
}

fn list(service: &str) -> String {
    let routes = ROUTES.iter().map(|route| format!("{:<14}{}\n", route.path, route.about));
    format!("nanometer: {service}\n\n{}", routes.collect::<String>())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cardinality {
    series: u64,
    families: Vec<Family>,
    overflowed: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Family {
    name: String,
    series: u64,
    max_series: Option<u32>,
    overflowed: u64,
}

fn cardinality(site: &Site) -> Cardinality {
    let counted = site.meter.cardinality();
    let largest = counted.families.into_iter().take(LARGEST_FAMILIES);
    Cardinality {
        series: counted.series,
        overflowed: counted.overflowed,
        families: largest
            .map(|family| Family {
                name: family.name,
                series: family.series,
                max_series: family.max_series,
                overflowed: family.overflowed,
            })
            .collect(),
    }
}
