/** One meter of the JavaScript backend, as one thread has it. */
import { isMainThread, threadId } from 'node:worker_threads';
import type {
  BackendMeter,
  Clock,
  EventMemory,
  Inspection,
  Placement,
  ResolvedOptions,
  TraceMemory,
  Views,
} from '../backend/backend';
import type { Definition } from '../definition/define';
import { NanometerError } from '../errors';
import type { ExporterStatus } from '../export/status';
import { EVENT_BLOCKS } from '../generated/layout';
import type { Level } from '../level';
import type { TraceQuery } from '../trace/data';
import type { Warning } from '../warnings';
import { type Cardinality, cardinalityOf } from './cardinality';
import { Catalogue } from './catalogue';
import { computedMetrics } from './computed';
import { withDerived } from './derived';
import { type EventReading, readEvents } from './events';
import type { ExemplarWish } from './exemplars';
import { NotedExporters } from './exporters';
import { Families } from './families';
import { Gates } from './gates';
import { type Lane, Lanes } from './lanes';
import { OwnMetrics } from './own';
import { Positions } from './positions';
import { type Reading, readMetrics, toData } from './reading';
import { Removals } from './removal';
import { InspectionServer } from './server/server';
import { HeaderCell, type Store, Word } from './store';
import { watchThreads } from './threads';
import { Tracing } from './traces/tracing';
import { Values } from './values';
import { WarningList } from './warning_list';

const WORKER_FIRST: Warning = {
  code: 'NANOMETER_WORKER_FIRST',
  message:
    'the meter was opened in a worker thread before the main thread had opened it: it holds the ' +
    'metrics of this thread and of those that it starts, and nothing of the others; call open() in ' +
    'the main thread before it starts workers',
};

const NO_EXPORT: Warning = {
  code: 'NANOMETER_EXPORT',
  message:
    'OTLP, files and standard output are exported by the native binary only, and this is the ' +
    'JavaScript backend: nothing is exported but by exporters of the program itself',
};

/** See {@link BackendMeter}. */
export class JavaScriptMeter implements BackendMeter {
  /** The service whose metrics these are. */
  readonly service: string;
  /** What is recorded of spans, and how they are read. */
  readonly tracing: Tracing;
  readonly #store: Store;
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #lanes: Lanes;
  readonly #lane: Lane;
  readonly #gates: Gates;
  readonly #catalogue: Catalogue;
  readonly #families: Families;
  readonly #values: Values;
  readonly #own: OwnMetrics;
  readonly #warnings: WarningList;
  readonly #noted: NotedExporters;
  readonly #unwatch: () => void;
  readonly #onClose: () => void;
  #server: InspectionServer | null = null;

  /**
   * @param isFirst - whether this thread made the store: it sets the level and serves
   * @param clock - the one that this thread records with
   * @param onClose - called once, when this thread gives the meter up
   */
  constructor(
    store: Store,
    options: ResolvedOptions,
    isFirst: boolean,
    clock: Clock,
    onClose: () => void,
  ) {
    this.service = options.service;
    this.#store = store;
    this.#options = options;
    this.#clock = clock;
    this.#onClose = onClose;
    this.#lanes = new Lanes(store);
    this.#gates = new Gates(store, this.#lanes);
    this.#catalogue = new Catalogue(store, this.#lanes);
    if (isFirst) {
      store.cells[HeaderCell.openedAt] = Date.now();
      this.#gates.set(options.level, null);
    }
    const lane = this.#lanes.claim(threadId);
    if (lane === null) {
      throw new NanometerError(
        'NANOMETER_CAPACITY',
        'no lane for this thread: 1024 threads record already, or the memory of the meter is full',
      );
    }
    this.#lane = lane;
    const { maxLaneBytes } = options;
    this.#families = new Families({
      lane,
      catalogue: this.#catalogue,
      positions: new Positions(lane, this.#gates, maxLaneBytes),
      nextSequence: () => Atomics.add(store.words, Word.sequence, 1),
      maxLaneBytes,
    });
    this.#lanes.enliven(lane);
    this.#values = new Values(lane, this.#catalogue);
    this.#own = new OwnMetrics(lane, this.#families);
    this.#noted = new NotedExporters(lane, this.#families);
    const now = (): number => this.#now();
    this.tracing = new Tracing({ store, lanes: this.#lanes, lane, now, takes: isFirst });
    if (isFirst && options.tracing !== null) this.tracing.begin(options.tracing);
    this.#warnings = new WarningList(this.#own);
    if (isFirst && options.exporters.length > 0) this.#warnings.add(NO_EXPORT);
    const removals = new Removals(store, this.#catalogue);
    this.#unwatch = watchThreads((ended) => {
      this.#lanes.retire(ended);
      removals.complete();
      // The lease that the thread took is this thread's to end now.
      this.#gates.arm();
    });
    if (isFirst) this.#serve();
  }

  define(definition: Definition): Placement {
    return this.#families.define(definition);
  }

  bind(family: number, values: readonly string[]): number {
    const position = this.#families.bind(family, values);
    if (position === -1) this.countOverflow(family, 1);
    return position;
  }

  countOverflow(family: number, times: number): void {
    this.#families.countOverflow(family, times);
    this.#own.add('nanometer.series_overflowed', times);
  }

  release(family: number, values: readonly string[]): boolean {
    return this.#families.release(family, values);
  }

  block(number: number): Float64Array {
    return this.#lane.cells(number);
  }

  level(): Level {
    return this.#gates.level();
  }

  setLevel(level: Level, forMs: number | null): void {
    this.#gates.set(level, forMs);
  }

  /** Milliseconds until a leased level goes back; `null` where there is no lease. */
  revertsInMs(): number | null {
    return this.#gates.revertsInMs();
  }

  enable(name: string): boolean {
    return this.#families.enable(name);
  }

  readValues(pairs: Uint32Array, into: Float64Array): void {
    this.#values.read(pairs, into, this.#now());
  }

  eventMemory(): EventMemory {
    const row = this.#lane.addRow('events', EVENT_BLOCKS);
    if (row === null) {
      throw new NanometerError('NANOMETER_CAPACITY', 'the memory of the meter is full');
    }
    return { sequence: this.#store.eventSequence, blocks: row.map(({ cells }) => cells) };
  }

  events(after: number): string {
    return JSON.stringify(this.readEvents(after));
  }

  /** The events with numbers above `after`; see {@link BackendMeter.events}. */
  readEvents(after: number): EventReading {
    return readEvents(this.#store, this.#lanes, after);
  }

  traceSettings(): Views {
    return this.tracing.shared;
  }

  traceMemory(): TraceMemory {
    return this.tracing.memory();
  }

  traceText(text: string): number {
    return this.tracing.text(text);
  }

  wantTrace(traceId: string): void {
    this.tracing.want(traceId);
  }

  traces(query: string): string {
    return JSON.stringify({ traces: this.tracing.traces(JSON.parse(query) as TraceQuery) });
  }

  trace(traceId: string): string {
    return JSON.stringify(this.tracing.trace(traceId));
  }

  spans(after: number): string {
    return JSON.stringify(this.tracing.spans(after));
  }

  openSpans(flow: string | null): string {
    return JSON.stringify(this.tracing.openSpans(flow));
  }

  snapshot(): string {
    return JSON.stringify(toData(this.read(undefined, 'shown')));
  }

  /**
   * All series now.
   *
   * @param only - the names of those metrics that are wanted, and their operands; all when left out
   * @param exemplars - whether it has exemplars, and whether their traces are kept for it
   */
  read(only?: ReadonlySet<string>, exemplars: ExemplarWish = 'left'): Reading {
    const computed = computedMetrics(this.#store, this.#lanes);
    return {
      service: this.#options.service,
      takenAtMs: Date.now(),
      startedAtMs: this.#store.cells[HeaderCell.openedAt]!,
      level: this.level(),
      resource: this.#options.resource,
      metrics: withDerived(
        readMetrics(this.#catalogue, {
          ...{ nowNs: this.#now(), computed, only },
          exemplars: this.tracing.exemplarFinder(exemplars),
        }),
      ),
    };
  }

  /** There is nothing native to flush. */
  flush(): Promise<string> {
    return Promise.resolve(this.flushNow());
  }

  flushNow(): string {
    return JSON.stringify({ outcome: 'success', exporters: [] });
  }

  exporters(): string {
    return JSON.stringify({ exporters: this.exporterStatus() });
  }

  /** How the exporters are that this thread runs. */
  exporterStatus(): readonly ExporterStatus[] {
    return this.#noted.all();
  }

  noteExporter(status: string): void {
    this.#noted.note(status);
  }

  /** How many series each family has. */
  cardinality(): Cardinality {
    return cardinalityOf(this.#catalogue.families());
  }

  inspection(): Inspection | null {
    const text = this.#store.inspectionText;
    return text === '' ? null : (JSON.parse(text) as Inspection);
  }

  takeWarnings(): Warning[] {
    return this.#warnings.take();
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#gates.disarm();
    this.tracing.close();
    this.#onClose();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    this.#store.inspectionText = '';
    await server.close();
  }

  #now(): number {
    const { cell, tick } = this.#clock;
    tick();
    return cell[0]!;
  }

  #serve(): void {
    if (!isMainThread) this.#warnings.add(WORKER_FIRST);
    const { inspection, stateDir } = this.#options;
    if (inspection === null) return;
    const server = new InspectionServer(this, inspection, stateDir, this.#own, this.#warnings);
    server.onChange = (where) => {
      this.#store.inspectionText = JSON.stringify(where);
    };
    server.start();
    this.#server = server;
  }
}
