/** Tracing of one meter, as one thread has it: memory, settings, and reading. */
import type { ResolvedTracing, TraceMemory, Views } from '../../backend/backend';
import { NanometerError } from '../../errors';
import type { OpenSpanData, TraceData, TraceQuery } from '../../trace/data';
import type { TracingSettings } from '../../trace/options';
import type { MergedFamily } from '../catalogue';
import { candidatesOf, type Exemplar, type ExemplarsOf, type ExemplarWish } from '../exemplars';
import type { Lane, Lanes } from '../lanes';
import { type Store, Word } from '../store';
import { addSpanBlocks, flightBlocksFor, spanBlocks } from './blocks';
import { ExportRings } from './exports';
import { Flights } from './flights';
import { openSpans } from './open-spans';
import { findTrace, findTraces, type SearchParts } from './search';
import {
  beginTracing,
  hasExemplars,
  isTracing,
  keepWallMs,
  readSettings,
  want,
  writeSettings,
} from './settings';
import { readSpan } from './spans';
import { Texts } from './texts';
import { type SpanReading, TraceStore } from './trace-store';

/** How often promoted spans are taken out of the rings, milliseconds. */
const INTERVAL_MS = 50;

/** What {@link Tracing} works with. */
export interface TracingParts {
  readonly store: Store;
  readonly lanes: Lanes;
  /** This thread's. */
  readonly lane: Lane;
  /** The clock's time. */
  readonly now: () => number;
  /** Whether this thread takes promoted spans out of the rings, for the others too. */
  readonly takes: boolean;
}

/** The tracing of one meter and thread. */
export class Tracing {
  readonly #parts: TracingParts;
  readonly #texts: Texts;
  readonly #exports: ExportRings;
  readonly #kept = new TraceStore();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(parts: TracingParts) {
    this.#parts = parts;
    this.#texts = new Texts(parts.store);
    this.#exports = new ExportRings(parts.lanes, parts.takes);
  }

  /** What all threads share of it. */
  get shared(): Views {
    return this.#parts.store.tracing;
  }

  /** Begins it, in all threads; for the one that takes spans out. */
  begin(tracing: ResolvedTracing): void {
    const { words } = this.#parts.store;
    Atomics.store(words, Word.flightBlocks, flightBlocksFor(tracing.flightSpans));
    beginTracing(this.shared, tracing);
    keepWallMs(this.shared, this.#parts.now());
    // Where no thread records spans, no timer is needed.
    const { value } = Atomics.waitAsync(words, Word.tracers, 0);
    void Promise.resolve(value).then(() => {
      this.#drainRegularly();
    });
  }

  /** Stops what goes on by itself. What is asked for is answered as before. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    Atomics.notify(this.#parts.store.words, Word.tracers);
  }

  /** The settings; `null` where nothing is traced. */
  settings(): TracingSettings | null {
    return isTracing(this.shared) ? readSettings(this.shared) : null;
  }

  /** Sets them, in all threads. */
  set(settings: TracingSettings): void {
    writeSettings(this.shared, settings);
  }

  /** See `BackendMeter.traceMemory`. */
  memory(): TraceMemory {
    const { store, lane } = this.#parts;
    const isNew = spanBlocks(lane) === null;
    const blocks = isTracing(this.shared)
      ? addSpanBlocks(lane, Atomics.load(store.words, Word.flightBlocks))
      : null;
    if (blocks === null) {
      throw new NanometerError('NANOMETER_CAPACITY', 'there is no memory for spans');
    }
    if (isNew) {
      Atomics.add(store.words, Word.tracers, 1);
      Atomics.notify(store.words, Word.tracers);
    }
    return { shared: this.shared, ...blocks };
  }

  /** See `BackendMeter.traceText`. */
  text(text: string): number {
    return this.#texts.number(text);
  }

  /** See `BackendMeter.wantTrace`. */
  want(traceId: string): void {
    want(this.#parts.store, traceId);
  }

  /** See `BackendMeter.traces`. */
  traces(query: TraceQuery): TraceData[] {
    return findTraces(query, this.#searched());
  }

  /** See `BackendMeter.trace`. */
  trace(traceId: string): TraceData | null {
    return findTrace(traceId, this.#searched());
  }

  /** See `BackendMeter.spans`. */
  spans(after: number): SpanReading {
    this.#drain();
    return this.#kept.after(after);
  }

  /** See `BackendMeter.openSpans`. */
  openSpans(flow: string | null): OpenSpanData[] {
    const nowNs = this.#parts.now();
    const wallMs = keepWallMs(this.shared, nowNs);
    return openSpans(this.#parts.lanes, this.#texts, flow, { wallMs, nowNs });
  }

  /** What finds exemplars; `undefined` where none are wanted, or none are recorded. */
  exemplarFinder(
    wish: ExemplarWish,
  ): ((families: readonly MergedFamily[]) => ExemplarsOf) | undefined {
    if (wish === 'left' || !hasExemplars(this.shared)) return undefined;
    return (families) => this.#exemplars(families, wish === 'published');
  }

  /** There are none of traces for which there is no room, where those are to be kept. */
  #exemplars(families: readonly MergedFamily[], published: boolean): ExemplarsOf {
    const candidates = candidatesOf(families);
    if (candidates.size === 0) return new Map();
    const { lanes, now } = this.#parts;
    const flights = new Flights(lanes, this.#texts, keepWallMs(this.shared, now()));
    const found = flights.resolve(candidates);
    if (!published) return found;
    const kept = this.#keepTraces(flights, [...found.values()].flat());
    const isKept = ({ traceId }: Exemplar): boolean => kept.has(traceId);
    return new Map([...found].map(([series, exemplars]) => [series, exemplars.filter(isKept)]));
  }

  /** Keeps the traces that are about to be published, the newest first while there is room. */
  #keepTraces(flights: Flights, exemplars: readonly Exemplar[]): ReadonlySet<string> {
    const newest = [...exemplars].sort((a, b) => b.atMs - a.atMs);
    const spans = flights.spansOf(new Set(newest.map(({ traceId }) => traceId)));
    this.#drain();
    this.#kept.beginPublication();
    const kept = newest.filter(({ traceId }) =>
      this.#kept.publish(traceId, spans.get(traceId) ?? []),
    );
    return new Set(kept.map(({ traceId }) => traceId));
  }

  #searched(): SearchParts {
    const wallMs = this.#drain();
    return { store: this.#kept, lanes: this.#parts.lanes, texts: this.#texts, wallMs };
  }

  #drainRegularly(): void {
    if (this.#isClosed) return;
    this.#timer = setInterval(() => {
      this.#drain();
    }, INTERVAL_MS).unref();
  }

  /** Takes what is new out of the rings, and answers the Unix time at which the clock was 0. */
  #drain(): number {
    const wallMs = keepWallMs(this.shared, this.#parts.now());
    this.#exports.drain((copied) => {
      this.#kept.add(readSpan(copied, this.#texts, wallMs));
    });
    return wallMs;
  }
}
