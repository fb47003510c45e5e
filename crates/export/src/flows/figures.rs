//! The figures of flows, of their components and of the streams between them.

use std::collections::HashMap;

use nanometer_core::snapshot::{Snapshot, Value};
use nanometer_core::{Meter, OpenSpanData};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::spread::{Quantiles, Spread};
use super::table::{Table, Wanted};

/// Every flow, in the order in which they were made.
#[derive(Debug, Serialize)]
pub struct FlowList<'a> {
    flows: Vec<Flow<'a, &'a str>>,
}

/// One flow. `C` is what is said of a component.
#[derive(Debug, Serialize)]
struct Flow<'a, C> {
    id: &'a str,
    state: &'a str,
    components: Vec<C>,
    elements: f64,
    errors: f64,
    /// Elements a second.
    throughput: f64,
    /// Nanoseconds.
    latency: Quantiles,
}

/// One flow with all that is known of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowDetails<'a> {
    #[serde(flatten)]
    flow: Flow<'a, Component<'a>>,
    in_flight: f64,
    oldest_age_ns: Option<f64>,
    abandoned: f64,
    active_duration_ns: f64,
    copies: Copies<'a>,
    streams: Vec<Stream<'a>>,
    /// The oldest of its elements in flight.
    open: Vec<OpenSpanData>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Copies<'a> {
    total: f64,
    bytes: f64,
    #[serde(serialize_with = "as_object")]
    by_reason: Vec<(&'a str, f64)>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    id: &'a str,
    invocations: f64,
    errors: f64,
    memory_bytes: f64,
    fuel: f64,
    processing_time: Spread,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stream<'a> {
    id: &'a str,
    transferred: f64,
    depth: f64,
    peak_depth: f64,
    backpressure: Backpressure,
    wait_time: Spread,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Backpressure {
    events: f64,
    duration_ns: f64,
    active: bool,
}

/// What [`FlowList`] is made of.
const SUMMARY: [&str; 6] = [
    "flow.state",
    "flow.elements.total",
    "flow.elements.errors",
    "flow.throughput",
    "flow.latency",
    "component.invocations",
];

/// What [`FlowDetails`] needs beyond that.
const DETAILS: [&str; 18] = [
    "flow.elements.in_flight",
    "flow.elements.oldest_age",
    "flow.elements.abandoned",
    "flow.active_duration",
    "flow.copies.total",
    "flow.copies.bytes",
    "flow.copies.by_reason",
    "component.errors",
    "component.memory_current",
    "component.fuel_consumed",
    "component.processing_time",
    "stream.elements.transferred",
    "stream.queue.current_depth",
    "stream.queue.peak_depth",
    "stream.backpressure.events",
    "stream.backpressure.duration_ns",
    "stream.backpressure.active",
    "stream.queue.wait_time",
];

impl<'a> FlowList<'a> {
    /// The part of a meter that its flows are read from.
    pub fn snapshot(meter: &Meter) -> Snapshot {
        meter.snapshot_of(&SUMMARY)
    }

    /// The flows of a snapshot. Takes time in proportion to their series.
    pub fn of(snapshot: &'a Snapshot) -> FlowList<'a> {
        let summary = Summary::of(snapshot, None);
        let mut components: HashMap<&str, Vec<&str>> = HashMap::new();
        for (flow, component) in summary.invocations.keys() {
            components.entry(flow).or_default().push(component);
        }
        let flow = |(id, _)| summary.flow(id, components.remove(id).unwrap_or_default());
        FlowList { flows: summary.states.keys().map(flow).collect() }
    }
}

impl<'a> FlowDetails<'a> {
    /// The part of a meter that one of its flows is read from.
    pub fn snapshot(meter: &Meter) -> Snapshot {
        let names: Vec<&str> = SUMMARY.into_iter().chain(DETAILS).collect();
        meter.snapshot_of(&names)
    }

    /// The flow of that id, if the snapshot has it; `open` is what is in flight of it.
    pub fn of(
        snapshot: &'a Snapshot,
        id: &str,
        open: Vec<OpenSpanData>,
    ) -> Option<FlowDetails<'a>> {
        let summary = Summary::of(snapshot, Some(id));
        let key = summary.states.keys().next()?;
        let number =
            |name| Table::of(snapshot, name, Wanted { part: None, flow: Some(id) }).number(key);
        let reasons = Wanted { part: Some("reason"), flow: Some(id) };
        let reasons = Table::of(snapshot, "flow.copies.by_reason", reasons);
        let in_flight = number("flow.elements.in_flight");
        Some(FlowDetails {
            flow: summary.flow(key.0, components(snapshot, id, &summary.invocations)),
            in_flight,
            oldest_age_ns: (in_flight != 0.0).then(|| number("flow.elements.oldest_age")),
            abandoned: number("flow.elements.abandoned"),
            active_duration_ns: number("flow.active_duration"),
            copies: Copies {
                total: number("flow.copies.total"),
                bytes: number("flow.copies.bytes"),
                by_reason: reasons.keys().map(|key| (key.1, reasons.number(key))).collect(),
            },
            streams: streams(snapshot, id),
            open,
        })
    }
}

/// The tables of what is said of every flow.
struct Summary<'a> {
    snapshot: &'a Snapshot,
    states: Table<'a>,
    elements: Table<'a>,
    errors: Table<'a>,
    throughput: Table<'a>,
    latency: Table<'a>,
    invocations: Table<'a>,
}

impl<'a> Summary<'a> {
    fn of(snapshot: &'a Snapshot, flow: Option<&str>) -> Summary<'a> {
        let table = |name| Table::of(snapshot, name, Wanted { part: None, flow });
        let components = Wanted { part: Some("component_id"), flow };
        Summary {
            snapshot,
            states: table("flow.state"),
            elements: table("flow.elements.total"),
            errors: table("flow.elements.errors"),
            throughput: table("flow.throughput"),
            latency: table("flow.latency"),
            invocations: Table::of(snapshot, "component.invocations", components),
        }
    }

    fn flow<C>(&self, id: &'a str, components: Vec<C>) -> Flow<'a, C> {
        let key = (id, "");
        Flow {
            id,
            state: self.state(key),
            components,
            elements: self.elements.number(key),
            errors: self.errors.number(key),
            throughput: self.throughput.number(key),
            latency: Quantiles::of(self.latency.value(key), self.latency.bounds()),
        }
    }

    fn state(&self, key: (&str, &str)) -> &'a str {
        let metrics = &self.snapshot.metrics;
        let metric = metrics.iter().find(|metric| metric.definition.name == "flow.state");
        match (metric, self.states.value(key)) {
            (Some(metric), Some(Value::State(index))) => metric.definition.state_name(*index),
            _ => "",
        }
    }
}

fn components<'a>(
    snapshot: &'a Snapshot,
    flow: &str,
    invocations: &Table<'a>,
) -> Vec<Component<'a>> {
    let wanted = Wanted { part: Some("component_id"), flow: Some(flow) };
    let table = |name| Table::of(snapshot, name, wanted);
    let (errors, times) = (table("component.errors"), table("component.processing_time"));
    let (memory, fuel) = (table("component.memory_current"), table("component.fuel_consumed"));
    let component = |key: (&'a str, &'a str)| Component {
        id: key.1,
        invocations: invocations.number(key),
        errors: errors.number(key),
        memory_bytes: memory.number(key),
        fuel: fuel.number(key),
        processing_time: Spread::of(times.value(key), times.bounds()),
    };
    invocations.keys().map(component).collect()
}

fn streams<'a>(snapshot: &'a Snapshot, flow: &str) -> Vec<Stream<'a>> {
    let wanted = Wanted { part: Some("stream_id"), flow: Some(flow) };
    let table = |name| Table::of(snapshot, name, wanted);
    let transferred = table("stream.elements.transferred");
    let depth = table("stream.queue.current_depth");
    let peak_depth = table("stream.queue.peak_depth");
    let waits = table("stream.queue.wait_time");
    let events = table("stream.backpressure.events");
    let durations = table("stream.backpressure.duration_ns");
    let active = table("stream.backpressure.active");
    let stream = |key: (&'a str, &'a str)| Stream {
        id: key.1,
        transferred: transferred.number(key),
        depth: depth.number(key),
        peak_depth: peak_depth.number(key),
        backpressure: Backpressure {
            events: events.number(key),
            duration_ns: durations.number(key),
            active: active.number(key) > 0.0,
        },
        wait_time: Spread::of(waits.value(key), waits.bounds()),
    };
    transferred.keys().map(stream).collect()
}

fn as_object<S: Serializer>(pairs: &[(&str, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(pairs.len()))?;
    for (name, value) in pairs {
        object.serialize_entry(name, value)?;
    }
    object.end()
}
