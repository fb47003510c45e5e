/**
 * Reading numbered spans (`fixtures/numbered-spans.cjs`): each must be what its writer wrote, whole.
 * And worker threads that write them.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Meter, MockClock, SpanData, TraceData } from 'nanometer';

/** What a span must say, as it is read. */
type Expected = Pick<SpanData, 'name' | 'kind' | 'status' | 'attributes'>;

interface NumberedSpans {
  readonly SPANS_OF_TRACE: number;
  expected(this: void, thread: string, n: number): Expected;
  ownNs(this: void, n: number): number;
  writeTrace(
    this: void,
    meter: Meter,
    clock: MockClock,
    thread: string,
    first: number,
    fails?: boolean,
  ): number;
}

const numbered = jest.requireActual<NumberedSpans>('../fixtures/numbered-spans.cjs');

export const { SPANS_OF_TRACE, expected, ownNs, writeTrace } = numbered;

// Between two readings of the wall clock, which are what times of the clock are told by.
const TOLERANCE_MS = 50;

/**
 * The spans of a trace that are not what was written, each with what it should be.
 *
 * @param hasAll - whether each trace has been recorded from its root on, all of it
 */
export function torn({ traceId, spans }: TraceData, hasAll = true): object[] {
  return spans.flatMap((span) => {
    const { n, thread } = span.attributes as { n: number; thread: string };
    const first = n - (n % SPANS_OF_TRACE);
    const isRoot = n === first;
    const should = expected(String(thread), Number(n));
    const right = {
      ...{ traceId, ...should },
      // A root may have been made to fail.
      status: isRoot && span.status === 'error' ? 'error' : should.status,
      durationNs: isRoot ? nsTo(first, first + SPANS_OF_TRACE) + ownNs(first) : ownNs(n),
      parentSpanId: isRoot ? null : parentOf(span, hasAll ? n - first : null),
    };
    const root = spans.find(({ spanId }) => spanId === right.parentSpanId);
    const lateMs = root === undefined ? 0 : span.startMs - root.startMs - nsTo(first, n) / 1e6;
    const isRight =
      Math.abs(lateMs) < TOLERANCE_MS &&
      Object.entries(right).every(
        ([key, value]) => JSON.stringify(span[key as keyof SpanData]) === JSON.stringify(value),
      );
    return isRight ? [] : [{ span, right, lateMs }];
  });
}

/** How long the parts of a trace take that come before the one of that number. */
function nsTo(first: number, n: number): number {
  let sum = 0;
  for (let part = first + 1; part < n; part += 1) sum += ownNs(part);
  return sum;
}

/**
 * What the parent of a part must be: ids of parts are counted up from that of their root.
 *
 * @param place - which part it is; `null` where some may have been left out, the root too
 */
function parentOf({ spanId, parentSpanId }: SpanData, place: number | null): string | null {
  const low = Number.parseInt(spanId.slice(8), 16);
  const idBefore = (by: number): string =>
    spanId.slice(0, 8) + ((low - by) >>> 0).toString(16).padStart(8, '0');
  if (place !== null) return idBefore(place);
  const places = Array.from({ length: SPANS_OF_TRACE - 1 }, (_, i) => idBefore(i + 1));
  return places.find((id) => id === parentSpanId) ?? null;
}

/** What became of spans, as the meter's own metrics say. */
export interface SpanAccount {
  readonly recorded: number;
  readonly promoted: number;
  readonly overwritten: number;
  readonly full: number;
  readonly limit: number;
  readonly missed: number;
  readonly refused: number;
}

/** Reads it, all at one time. */
export function accountOf(meter: Pick<Meter, 'snapshot'>): SpanAccount {
  const snapshot = meter.snapshot();
  const value = (name: string, labels?: Record<string, string>): number =>
    snapshot.value(`nanometer.${name}`, labels) ?? NaN;
  return {
    recorded: value('spans_recorded'),
    promoted: value('spans_promoted'),
    overwritten: value('spans_overwritten'),
    full: value('spans_dropped', { cause: 'full' }),
    limit: value('spans_dropped', { cause: 'limit' }),
    missed: value('spans_missed'),
    refused: value('promotions_refused'),
  };
}

/** How many spans are recorded and have not become anything else. */
export function stillThere(account: SpanAccount): number {
  const { recorded, promoted, overwritten, full, limit } = account;
  return recorded - promoted - overwritten - full - limit;
}

/** All traces that can be found: the promoted ones that are kept, and those in flight rings. */
export function allTraces(meter: Pick<Meter, 'traces'>): TraceData[] {
  const limit = 1_000;
  const traces = meter.traces({ minDurationMs: 0, limit });
  if (traces.length === limit) throw new Error('there may be more traces than are answered');
  return traces;
}

/** Whether a trace is one of those that fail: see {@link SpanWriter.start}. */
export function isToFail({ spans }: TraceData, failEvery: number): boolean {
  const n = Number(spans[0]!.attributes['n']);
  return (Math.floor(n / SPANS_OF_TRACE) + 1) % failEvery === 0;
}

/** How many spans those traces have. */
export function spansIn(traces: readonly TraceData[]): number {
  return traces.reduce((sum, { spans }) => sum + spans.length, 0);
}

const writers = new Set<SpanWriter>();

afterEach(() => Promise.all([...writers].map((writer) => writer.end())));

/** A thread that writes numbered spans: see `fixtures/span-worker.cjs`. */
export class SpanWriter {
  readonly #worker: Worker;
  readonly #written = new Int32Array(new SharedArrayBuffer(4));
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  private constructor(service: string, thread: string, failEvery: number) {
    const shared = { written: this.#written, stop: this.#stop };
    this.#worker = new Worker(join(__dirname, '../fixtures/span-worker.cjs'), {
      workerData: { service, thread, failEvery, ...shared },
      // Jest's process.env is a copy, which workers do not inherit.
      env: { ...process.env },
    });
    writers.add(this);
  }

  /**
   * Starts it, and waits until it has opened the meter. It is gone when the test is over.
   *
   * @param failEvery - of its traces, every so many fail
   */
  static async start(
    { service }: Meter,
    thread: string,
    failEvery = Infinity,
  ): Promise<SpanWriter> {
    const writer = new SpanWriter(service, thread, failEvery);
    await once(writer.#worker, 'message');
    return writer;
  }

  /** How many spans it has recorded: those of whole traces. */
  get written(): number {
    return Atomics.load(this.#written, 0);
  }

  /** Has it begin so many spans, which it never ends. */
  async hold(count: number): Promise<void> {
    await this.#tell({ do: 'hold', count });
  }

  /** Has it write so many traces. */
  async write(count: number): Promise<void> {
    await this.#tell({ do: 'write', count });
  }

  /** Has it write till it is ended or stopped. */
  async writeOn(): Promise<void> {
    await this.#tell({ do: 'writeOn' });
  }

  /** Has it stop writing, when it next has written a trace. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    if (!writers.delete(this)) return;
    const exit = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await exit;
  }

  async #tell(command: object): Promise<void> {
    const answer = once(this.#worker, 'message');
    this.#worker.postMessage(command);
    await answer;
  }
}
