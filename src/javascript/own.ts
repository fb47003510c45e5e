/**
 * What the backend counts about itself: in the lane of the thread that counts, at every level.
 * The other backend has the same metrics, with the same texts.
 */
import { resolveBuckets } from '../definition/buckets';
import { plainDefinition, type Kind } from '../definition/define';
import {
  CELLS_PER_BLOCK,
  HISTOGRAM_HEAD_CELLS,
  HISTOGRAM_MAX,
  HISTOGRAM_NEGATED_MIN,
  HISTOGRAM_SUM,
} from '../generated/layout';
import type { Families } from './families';
import { blockOf, type Lane } from './lanes';

/** Kind, unit, help, and the labels with their values. */
type Text = readonly [Kind, string, string, Readonly<Record<string, readonly string[]>>?];

const TEXTS = {
  'nanometer.series_overflowed': [
    'counter',
    '{series}',
    'Label sets that went to an overflow series because their family was full.',
  ],
  'nanometer.warnings': ['counter', '{warning}', 'Warnings of the memory and of the server.'],
  'nanometer.lanes.live': ['gauge', '{lane}', 'Lanes that a thread writes now.'],
  'nanometer.lanes.retired': [
    'gauge',
    '{lane}',
    'Lanes whose thread has ended; what they counted still counts.',
  ],
  'nanometer.segment.size': ['gauge', 'By', 'Bytes of the segment.'],
  'nanometer.events_overwritten': [
    'counter',
    '{event}',
    'Events that later ones of the same thread have taken the place of.',
  ],
  'nanometer.spans_recorded': ['counter', '{span}', 'Spans that were recorded, promoted or not.'],
  'nanometer.spans_promoted': [
    'counter',
    '{span}',
    'Spans that were handed over with their trace.',
  ],
  'nanometer.spans_overwritten': [
    'counter',
    '{span}',
    'Spans, neither promoted nor dropped, that later ones have taken the place of.',
  ],
  'nanometer.spans_dropped': [
    'counter',
    '{span}',
    'Spans that were to be promoted, and were not: for want of room, or by the limit.',
    { cause: ['full', 'limit'] },
  ],
  'nanometer.spans_missed': [
    'counter',
    '{span}',
    'Spans of promoted traces that had been overwritten by then.',
  ],
  'nanometer.promotions_refused': [
    'counter',
    '{trace}',
    'Promotions that were refused because there were too many in that second.',
  ],
  'nanometer.scrapes': ['counter', '{scrape}', 'Scrapes answered.'],
  'nanometer.scrape.size': ['counter', 'By', 'Bytes of the answers to scrapes, as sent.'],
  'nanometer.panics': [
    'counter',
    '{panic}',
    'Panics of the native thread, caught: defects of nanometer.',
  ],
  'nanometer.prometheus.collisions': [
    'counter',
    '{metric}',
    'Metrics whose name in Prometheus output was taken.',
  ],
  'nanometer.connections.refused': [
    'counter',
    '{connection}',
    'Connections turned away or closed early because too many were open.',
  ],
  'nanometer.scrape.duration': [
    'histogram',
    'ns',
    "Time from a scrape's request to its last byte.",
  ],
} as const satisfies Record<string, Text>;

/** The name of one of the backend's own metrics. */
export type OwnName = keyof typeof TEXTS;

/** The backend's own metrics, for one thread. */
export class OwnMetrics {
  readonly #lane: Lane;
  readonly #positions = new Map<string, number>();
  readonly #bounds: readonly number[];

  constructor(lane: Lane, families: Families) {
    this.#lane = lane;
    this.#bounds = latencyBounds();
    for (const [name, [kind, unit, help, labels = {}]] of Object.entries<Text>(TEXTS)) {
      const definition = {
        ...plainDefinition(name, kind, unit, help),
        labels: Object.keys(labels),
        values: Object.keys(labels).length === 0 ? null : Object.values(labels),
        buckets: kind === 'histogram' ? { bounds: this.#bounds, scale: null } : null,
      };
      const { position } = families.define(definition);
      this.#positions.set(name, position);
    }
  }

  /** Adds to a counter. */
  add(name: OwnName, count = 1): void {
    const { cells, index } = this.#at(name);
    cells[index]! += count;
  }

  /** Records a value of a histogram. */
  record(name: OwnName, value: number): void {
    const { cells, index } = this.#at(name);
    const first = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = first === -1 ? this.#bounds.length : first;
    cells[index + HISTOGRAM_HEAD_CELLS + bucket]! += 1;
    cells[index + HISTOGRAM_SUM]! += value;
    cells[index + HISTOGRAM_MAX] = Math.max(cells[index + HISTOGRAM_MAX]!, value);
    const negatedMin = cells[index + HISTOGRAM_NEGATED_MIN]!;
    if (Object.is(negatedMin, 0) || negatedMin < -value) {
      cells[index + HISTOGRAM_NEGATED_MIN] = -value;
    }
  }

  #at(name: OwnName): { readonly cells: Float64Array; readonly index: number } {
    const position = this.#positions.get(name)!;
    return { cells: this.#lane.cells(blockOf(position)), index: position % CELLS_PER_BLOCK };
  }
}

function latencyBounds(): readonly number[] {
  const refuse = (what: string): never => {
    throw new Error(what);
  };
  return resolveBuckets('latency', 'ns', refuse).bounds;
}
