/**
 * The exporters that JavaScript runs, as they say that they are: shown, and brought into metrics, which
 * are those of the native backend's exporters. That there are no others is said by whoever opens the
 * meter.
 */
import { type Definition, type Kind, plainDefinition } from '../definition/define';
import { REASONS } from '../export/book';
import type { ExporterStatus, SignalStatus } from '../export/status';
import { CELLS_PER_BLOCK, GAUGE_STAMP, GAUGE_VALUE } from '../generated/layout';
import type { Families } from './families';
import { blockOf, type Lane } from './lanes';

const LABELS: readonly string[] = ['exporter', 'signal'];
// More than programs have exporters, signals and reasons.
const MOST_SERIES = 256;

const DEFINITIONS = {
  recorded: definition(
    'recorded',
    'counter',
    'Data points and spans that an exporter was given: exported, queued and dropped ones.',
  ),
  exported: definition('exported', 'counter', 'Data points and spans that a receiver has taken.'),
  queued: definition(
    'queued',
    'gauge',
    'Data points and spans that wait, those of the request under way included.',
  ),
  dropped: definition(
    'dropped',
    'counter',
    'Data points and spans that were not exported and never will be.',
    ['reason'],
  ),
};

/** See the file. */
export class NotedExporters {
  readonly #lane: Lane;
  readonly #families: Families;
  readonly #noted = new Map<string, ExporterStatus>();

  /** @param lane - of this thread */
  constructor(lane: Lane, families: Families) {
    this.#lane = lane;
    this.#families = families;
  }

  /** How one of them is now: JSON of an `ExporterStatus`. */
  note(json: string): void {
    const status = JSON.parse(json) as ExporterStatus;
    this.#noted.set(status.name, status);
    for (const [signal, counts] of Object.entries(status.signals)) {
      this.#bring([status.name, signal], counts);
    }
  }

  /** All of them, in the order in which they began. */
  all(): readonly ExporterStatus[] {
    return [...this.#noted.values()];
  }

  #bring(labels: readonly string[], counts: SignalStatus): void {
    this.#set(DEFINITIONS.recorded, labels, counts.recorded);
    this.#set(DEFINITIONS.exported, labels, counts.exported);
    this.#set(DEFINITIONS.queued, labels, counts.queued);
    // Those that nothing was lost for, too: 0 is what everybody wants to see.
    for (const reason of REASONS) {
      this.#set(DEFINITIONS.dropped, [...labels, reason], counts.dropped[reason] ?? 0);
    }
  }

  /** At any level: it is an account. */
  #set(wanted: Definition, labels: readonly string[], value: number): void {
    const { family, position } = this.#families.define(wanted);
    const bound = this.#families.bind(family, labels);
    const at = bound === -1 ? position : bound;
    const cells = this.#lane.cells(blockOf(at));
    const index = at % CELLS_PER_BLOCK;
    cells[index + GAUGE_VALUE] = value;
    if (wanted.kind === 'gauge') cells[index + GAUGE_STAMP] = 1;
  }
}

function definition(
  name: string,
  kind: Kind,
  help: string,
  more: readonly string[] = [],
): Definition {
  return {
    ...plainDefinition(`nanometer.exporter.${name}`, kind, '{item}', help),
    labels: [...LABELS, ...more],
    maxSeries: MOST_SERIES,
  };
}
