/**
 * The metrics of flows: those of the catalog `torvyn`, and a few that flows have besides. Their
 * families are defined with a meter's first flow or pool, and bound series by series.
 */
import type { Definition } from '../definition/define';
import { define, type Asked } from '../definition/define';
import type { OpenFamily } from '../meter/family';
import type { Counter } from '../handles/counter';
import type { Gauge } from '../handles/gauge';
import type { Histogram } from '../handles/histogram';
import type { StateSet } from '../handles/state';
import type { Stopwatch } from '../handles/stopwatch';
import { torvyn } from '../catalogs/torvyn';
import type { FlowPlan } from './options';
import type { FlowState } from './states';

/** What metrics need of the meter's registry. */
export interface Definer {
  /** The handle or family of a checked definition. */
  take(definition: Definition): unknown;
  /** The bound of open families that name none. */
  readonly maxSeries: number;
}

/** Label values of a metric's series; none of an unlabelled one. */
export type LabelValues = Readonly<Record<string, string>>;

// What flows record besides the catalog: elements in flight, and what a hang or a copy was.
const BESIDES: readonly (readonly [Asked, string, object])[] = [
  [
    'gauge',
    'flow.elements.in_flight',
    { unit: '{element}', labels: ['flow_id'], help: 'Elements begun and not ended.' },
  ],
  [
    'stopwatch',
    'flow.elements.oldest_age',
    { labels: ['flow_id'], help: 'How long the oldest element in flight has been under way.' },
  ],
  [
    'counter',
    'flow.elements.abandoned',
    {
      unit: '{element}',
      labels: ['flow_id'],
      help: 'Elements never ended, given up because too many were in flight.',
    },
  ],
  [
    'counter',
    'flow.copies.by_reason',
    { unit: '{copy}', labels: ['flow_id', 'reason'], help: 'Buffer copies made, by reason.' },
  ],
  [
    'gauge',
    'stream.backpressure.active',
    {
      labels: ['flow_id', 'stream_id'],
      help: 'Threads in which the stream is in backpressure now.',
    },
  ],
];

/** The metrics of one meter's flows, in one thread. */
export class FlowMetrics {
  readonly #families = new Map<string, unknown>();
  /** Reasons of copies that have been seen, by flow: no more than can have a series. */
  readonly #reasons = new Map<string, Set<string>>();
  readonly #maxSeries: number;

  /** @throws NanometerError `NANOMETER_CONFLICT`, `NANOMETER_CAPACITY` */
  constructor(definer: Definer) {
    this.#maxSeries = definer.maxSeries;
    for (const { name } of torvyn.metrics) {
      this.#families.set(name, definer.take(torvyn.definition(name, definer.maxSeries)));
    }
    for (const [asked, name, options] of BESIDES) {
      this.#families.set(name, definer.take(define(asked, name, options, definer.maxSeries)));
    }
  }

  /** The counter of that name with these labels. */
  counter(name: string, labels: LabelValues = {}): Counter {
    return this.#bound(name, labels) as Counter;
  }

  /** The counter of a flow's copies for a reason. */
  copies(flowId: string, reason: string): Counter {
    let reasons = this.#reasons.get(flowId);
    if (reasons === undefined) this.#reasons.set(flowId, (reasons = new Set()));
    if (reasons.size < this.#maxSeries) reasons.add(reason);
    return this.counter('flow.copies.by_reason', { flow_id: flowId, reason });
  }

  /** The gauge of that name with these labels. */
  gauge(name: string, labels: LabelValues = {}): Gauge {
    return this.#bound(name, labels) as Gauge;
  }

  /** The histogram of that name with these labels. */
  histogram(name: string, labels: LabelValues = {}): Histogram {
    return this.#bound(name, labels) as Histogram;
  }

  /** The states of that name with these labels. */
  state(name: string, labels: LabelValues = {}): StateSet<FlowState> {
    return this.#bound(name, labels) as StateSet<FlowState>;
  }

  /** The stopwatch of that name with these labels. */
  stopwatch(name: string, labels: LabelValues = {}): Stopwatch {
    return this.#bound(name, labels) as Stopwatch;
  }

  /**
   * Gives up all series of a flow but those of its components' capabilities, which other flows may
   * have too: what is recorded from now on goes to the overflow series.
   */
  removeFlow({ id, components, edges }: FlowPlan): void {
    for (const name of this.#families.keys()) {
      if (name.startsWith('flow.copies.by_')) {
        for (const reason of this.#reasons.get(id) ?? []) {
          this.#remove(name, { flow_id: id, reason });
        }
        this.#reasons.delete(id);
      } else if (name.startsWith('flow.')) this.#remove(name, { flow_id: id });
      else if (name.startsWith('component.')) {
        for (const component_id of components) this.#remove(name, { flow_id: id, component_id });
      } else if (name.startsWith('stream.')) {
        for (const [from, to] of edges) {
          this.#remove(name, { flow_id: id, stream_id: `${from}->${to}` });
        }
      }
    }
  }

  #remove(name: string, labels: LabelValues): void {
    // A derived metric has no family: its series go with those that it is computed from.
    (this.#families.get(name) as OpenFamily<unknown, LabelValues> | null)?.remove(labels);
  }

  #bound(name: string, labels: LabelValues): unknown {
    const family = this.#families.get(name) as OpenFamily<unknown, LabelValues>;
    return Object.keys(labels).length === 0 ? family : family.with(labels);
  }
}
