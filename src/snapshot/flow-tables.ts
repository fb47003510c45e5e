/** The metrics of flows, found by name, and their series, found by flow and by part of a flow. */
import { Distribution } from './distribution';
import type { Labels, SeriesData, SnapshotData } from './snapshot-data';

/** The label that every metric of a flow has. */
const FLOW = 'flow_id';

/** The metrics of a snapshot, or those series of one flow. */
export class FlowTables {
  readonly #data: SnapshotData;
  readonly #flow: string | null;
  readonly #made = new Map<string, FlowTable>();

  /** @param flow - the only flow that is wanted; `null`: all */
  constructor(data: SnapshotData, flow: string | null) {
    this.#data = data;
    this.#flow = flow;
  }

  /**
   * The table of the metric of that name; empty where there is none with these labels. The same each
   * time.
   *
   * @param part - the label that tells parts of a flow from one another; where there is none, the
   * metric has one series for each flow
   */
  table(name: string, part: string | null = null): FlowTable {
    let table = this.#made.get(name);
    if (table === undefined) {
      const metric = this.#data.metrics.find((each) => each.name === name);
      table = new FlowTable(metric?.series ?? [], this.#flow, part);
      this.#made.set(name, table);
    }
    return table;
  }
}

/** The series of one metric. Overflow series are not in it. */
export class FlowTable {
  readonly #flows = new Map<string, Map<string, SeriesData>>();

  /** See {@link FlowTables.table}. Where two series have the same flow and part, it is the first. */
  constructor(series: readonly SeriesData[], flow: string | null, part: string | null) {
    for (const one of series) {
      const id = labelOf(one.labels, FLOW);
      const partId = part === null ? '' : labelOf(one.labels, part);
      if (id === undefined || partId === undefined || (flow !== null && flow !== id)) continue;
      let parts = this.#flows.get(id);
      if (parts === undefined) this.#flows.set(id, (parts = new Map<string, SeriesData>()));
      if (!parts.has(partId)) parts.set(partId, one);
    }
  }

  /** The flows that it has, in the order of first use. */
  flows(): string[] {
    return [...this.#flows.keys()];
  }

  /** The parts of a flow, in the order of first use. */
  parts(flow: string): string[] {
    return [...(this.#flows.get(flow)?.keys() ?? [])];
  }

  /** The number of that flow and part; 0 where there is none. */
  number(flow: string, part = ''): number {
    const series = this.#flows.get(flow)?.get(part);
    return series !== undefined && 'value' in series ? series.value : 0;
  }

  /** The state of a flow; empty where there is none. */
  state(flow: string): string {
    const series = this.#flows.get(flow)?.get('');
    return series !== undefined && 'state' in series ? series.state : '';
  }

  /** The distribution of that flow and part; an empty one where there is none. */
  distribution(flow: string, part = ''): Distribution {
    const series = this.#flows.get(flow)?.get(part);
    const hasValues = series !== undefined && 'histogram' in series;
    return new Distribution(hasValues ? series.histogram : undefined);
  }
}

function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
