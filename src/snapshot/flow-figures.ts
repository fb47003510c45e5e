/**
 * What the metrics of flows say of each flow, its components and its streams, put together from a
 * snapshot or from what was added between two. The metrics are found by name: `flow.*` with the label
 * `flow_id`, `component.*` with `component_id` beside it, `stream.*` with `stream_id`; whoever records
 * them has a flow here. `GET /flows` answers the same: `crates/export/src/flows` is the twin.
 */
import { type FlowTable, FlowTables } from './flow-tables';
import type { SnapshotData } from './snapshot-data';
import { type Quantiles, quantilesOf, type Spread, spreadOf } from './spread';

/** What is said of every flow. */
export interface FlowSummary {
  /** The flow's name. */
  readonly id: string;
  /** The state that it is in: `running`, `completed`, …. */
  readonly state: string;
  /** The names of its components, in the order in which they were defined. */
  readonly components: readonly string[];
  /** Elements that have ended, those that failed among them. */
  readonly elements: number;
  /** Elements that failed. */
  readonly errors: number;
  /** Elements a second of the time in which the flow was active. */
  readonly throughput: number;
  /** How long elements took from begin to end, nanoseconds. */
  readonly latency: Quantiles;
}

/** All that is known of one flow. */
export interface FlowFigures extends Omit<FlowSummary, 'components'> {
  /** Its components, in the order in which they were defined. */
  readonly components: readonly ComponentFigures[];
  /** Elements begun and not ended, now. */
  readonly inFlight: number;
  /** How long the oldest of them has been under way, nanoseconds; `null` where there is none. */
  readonly oldestAgeNs: number | null;
  /** Elements given up because too many were in flight. */
  readonly abandoned: number;
  /** How long the flow has been active, nanoseconds: since it was started, also in an interval. */
  readonly activeDurationNs: number;
  /** Buffer copies. */
  readonly copies: CopyFigures;
  /** The streams between its components, in the order in which they were defined. */
  readonly streams: readonly StreamFigures[];
}

/** The buffer copies of a flow. */
export interface CopyFigures {
  /** How many. */
  readonly total: number;
  /** Bytes of all of them. */
  readonly bytes: number;
  /** How many for each reason that was given. */
  readonly byReason: Readonly<Record<string, number>>;
}

/** One component of a flow. */
export interface ComponentFigures {
  /** Its name in the flow. */
  readonly id: string;
  /** How often it worked on an element. */
  readonly invocations: number;
  /** How often it failed. */
  readonly errors: number;
  /** Bytes that it holds, as it said last. */
  readonly memoryBytes: number;
  /** Fuel that it has used, in the unit of its engine. */
  readonly fuel: number;
  /** How long its invocations took. */
  readonly processingTime: Spread;
}

/** One stream between two components of a flow. */
export interface StreamFigures {
  /** `producer->consumer`. */
  readonly id: string;
  /** Elements that went from the one to the other. */
  readonly transferred: number;
  /** Elements that wait in it now. */
  readonly depth: number;
  /** The most that ever waited. */
  readonly peakDepth: number;
  /** How it was held back. */
  readonly backpressure: BackpressureFigures;
  /** How long elements waited in it. */
  readonly waitTime: Spread;
}

/** How a stream was held back. */
export interface BackpressureFigures {
  /** How often that began. */
  readonly events: number;
  /** For how long in all, nanoseconds. */
  readonly durationNs: number;
  /** Whether it is so now. */
  readonly active: boolean;
}

/** The metrics that {@link flowsOf} is made from. */
export const SUMMARY_METRICS: readonly string[] = [
  'flow.state',
  'flow.elements.total',
  'flow.elements.errors',
  'flow.throughput',
  'flow.latency',
  'component.invocations',
];

/** The metrics that {@link flowOf} is made from. */
export const FLOW_METRICS: readonly string[] = [
  ...SUMMARY_METRICS,
  'flow.elements.in_flight',
  'flow.elements.oldest_age',
  'flow.elements.abandoned',
  'flow.active_duration',
  'flow.copies.total',
  'flow.copies.bytes',
  'flow.copies.by_reason',
  'component.errors',
  'component.memory_current',
  'component.fuel_consumed',
  'component.processing_time',
  'stream.elements.transferred',
  'stream.queue.current_depth',
  'stream.queue.peak_depth',
  'stream.backpressure.events',
  'stream.backpressure.duration_ns',
  'stream.backpressure.active',
  'stream.queue.wait_time',
];

/** All flows, in the order in which they were made. Takes time in proportion to their series. */
export function flowsOf(data: SnapshotData): FlowSummary[] {
  const tables = new FlowTables(data, null);
  const components = tables.table('component.invocations', 'component_id');
  return tables
    .table('flow.state')
    .flows()
    .map((id) => coreOf(tables, id, components.parts(id)));
}

/** The flow of that id; `undefined` where there is none. */
export function flowOf(data: SnapshotData, id: string): FlowFigures | undefined {
  const tables = new FlowTables(data, id);
  if (!tables.table('flow.state').flows().includes(id)) return undefined;
  const inFlight = tables.table('flow.elements.in_flight').number(id);
  const oldestAge = tables.table('flow.elements.oldest_age').number(id);
  const reasons = tables.table('flow.copies.by_reason', 'reason');
  return {
    ...coreOf(tables, id, componentsOf(tables, id)),
    inFlight,
    oldestAgeNs: inFlight === 0 ? null : oldestAge,
    abandoned: tables.table('flow.elements.abandoned').number(id),
    activeDurationNs: tables.table('flow.active_duration').number(id),
    copies: {
      total: tables.table('flow.copies.total').number(id),
      bytes: tables.table('flow.copies.bytes').number(id),
      byReason: Object.fromEntries(
        reasons.parts(id).map((reason) => [reason, reasons.number(id, reason)]),
      ),
    },
    streams: streamsOf(tables, id),
  };
}

function componentsOf(tables: FlowTables, flow: string): ComponentFigures[] {
  const of = (name: string): FlowTable => tables.table(name, 'component_id');
  const invocations = of('component.invocations');
  const errors = of('component.errors');
  const memory = of('component.memory_current');
  const fuel = of('component.fuel_consumed');
  const times = of('component.processing_time');
  return invocations.parts(flow).map((id) => ({
    id,
    invocations: invocations.number(flow, id),
    errors: errors.number(flow, id),
    memoryBytes: memory.number(flow, id),
    fuel: fuel.number(flow, id),
    processingTime: spreadOf(times.distribution(flow, id)),
  }));
}

function streamsOf(tables: FlowTables, flow: string): StreamFigures[] {
  const of = (name: string): FlowTable => tables.table(name, 'stream_id');
  const transferred = of('stream.elements.transferred');
  const depths = of('stream.queue.current_depth');
  const peaks = of('stream.queue.peak_depth');
  const events = of('stream.backpressure.events');
  const durations = of('stream.backpressure.duration_ns');
  const active = of('stream.backpressure.active');
  const waits = of('stream.queue.wait_time');
  return transferred.parts(flow).map((id) => ({
    id,
    transferred: transferred.number(flow, id),
    depth: depths.number(flow, id),
    peakDepth: peaks.number(flow, id),
    backpressure: {
      events: events.number(flow, id),
      durationNs: durations.number(flow, id),
      active: active.number(flow, id) > 0,
    },
    waitTime: spreadOf(waits.distribution(flow, id)),
  }));
}

/** What is said of every flow, with its components as they are given. */
function coreOf<C>(
  tables: FlowTables,
  id: string,
  components: readonly C[],
): Omit<FlowSummary, 'components'> & { readonly components: readonly C[] } {
  return {
    id,
    state: tables.table('flow.state').state(id),
    components,
    elements: tables.table('flow.elements.total').number(id),
    errors: tables.table('flow.elements.errors').number(id),
    throughput: tables.table('flow.throughput').number(id),
    latency: quantilesOf(tables.table('flow.latency').distribution(id)),
  };
}
