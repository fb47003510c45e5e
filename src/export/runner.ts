/**
 * Runs one exporter of the program's own, on the main thread: with a batch at a time, each after what
 * the last one returned has settled. What it throws stays here, and what it does not keep up with is
 * counted.
 */
import type { BackendMeter } from '../backend/backend';
import { inWords } from '../errors';
import type { Resource } from '../open/resource';
import { Snapshot } from '../snapshot/snapshot';
import type { SnapshotData } from '../snapshot/snapshot-data';
import { isThenable } from '../thenable';
import { warn } from '../warnings';
import { Book } from './book';
import type { CustomExporter } from './custom';
import type { ExportBatch } from './options';
import type { Signal } from './resolved';
import { SpanQueue } from './spans';
import type { ExporterFlush, ExporterStatus, SignalStatus } from './status';

const MOST_SPANS = 512;
// The trace store keeps spans for a while, and a busy program fills it in a few of these.
const POLL_MS = 100;

/** A batch that is out, and what it holds. */
interface Batch {
  readonly batch: ExportBatch;
  readonly series: number;
}

/** See the file. */
export class Runner {
  readonly #exporter: CustomExporter;
  readonly #meter: BackendMeter;
  readonly #resource: Resource;
  readonly #metrics: Book | null;
  readonly #traces: Book | null;
  readonly #spans: SpanQueue | null;
  readonly #timer: NodeJS.Timeout;
  #dueAt: number;
  #lost = 0;
  #hasFailed = false;
  #isStopped = false;
  /** What is being exported, till it has settled; `null` where nothing is. */
  #running: Promise<void> | null = null;
  #noted = '';

  constructor(exporter: CustomExporter, meter: BackendMeter, resource: Resource) {
    this.#exporter = exporter;
    this.#meter = meter;
    this.#resource = resource;
    this.#metrics = exporter.metrics ? new Book() : null;
    this.#traces = exporter.traces ? new Book() : null;
    this.#spans = exporter.traces ? new SpanQueue(meter, exporter.maxSpans) : null;
    this.#dueAt = performance.now() + exporter.intervalMs;
    const pollMs = exporter.traces ? POLL_MS : exporter.intervalMs;
    this.#timer = setInterval(
      () => {
        this.#poll();
      },
      Math.min(pollMs, exporter.intervalMs),
    ).unref();
    this.#note();
  }

  /** How it is. */
  get status(): ExporterStatus {
    const signals: Partial<Record<Signal, SignalStatus>> = {};
    if (this.#metrics !== null) signals.metrics = this.#metrics.status();
    if (this.#traces !== null) signals.traces = this.#traces.status();
    return { name: this.#exporter.name, kind: 'channel', signals };
  }

  /** Exports all that there is by now. Never rejects; may take as long as the exporter does. */
  async flush(): Promise<readonly ExporterFlush[]> {
    const before = this.#errors();
    await this.#settled();
    this.#start(true);
    await this.#settled();
    return this.#outcomes((signal) =>
      this.#errors()[signal] === before[signal] ? 'success' : 'failure',
    );
  }

  /** What a flush that was not over in time comes to. */
  late(): readonly ExporterFlush[] {
    return this.#outcomes(() => 'timeout');
  }

  /** Hands over what there is without waiting for what comes of it: the process is ending. */
  flushNow(deadline: number): void {
    if (this.#running !== null) return;
    this.#fill();
    let next = this.#next(true);
    while (next !== null && performance.now() < deadline) {
      void this.#call(next);
      this.#fill();
      next = this.#next(false);
    }
    this.#note();
  }

  /** Ends it; what it has not taken is dropped. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#metrics?.stop('shutdown');
    this.#traces?.stop('shutdown');
    this.#note();
  }

  #poll(): void {
    this.#fill();
    const isDue = performance.now() >= this.#dueAt;
    if (this.#running === null && (isDue || this.#waiting >= MOST_SPANS)) this.#start(isDue);
    this.#note();
  }

  get #waiting(): number {
    return this.#spans?.length ?? 0;
  }

  /** Waits until nothing is being exported. */
  async #settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #fill(): void {
    if (this.#spans === null) return;
    const { came, lost } = this.#spans.fill();
    this.#lost += lost;
    this.#traces!.record(came);
    this.#traces!.lose(lost, 'queue_full');
  }

  #start(isAll: boolean): void {
    if (this.#isStopped) return;
    this.#running = this.#drain(isAll).then(() => {
      this.#running = null;
      this.#note();
    });
  }

  /** @param isAll - with the metrics, and with spans that do not fill a batch */
  async #drain(isAll: boolean): Promise<void> {
    this.#fill();
    // What comes meanwhile waits for the next time, or this would never end.
    let left = isAll ? this.#waiting : this.#waiting - (this.#waiting % MOST_SPANS);
    let next = this.#next(isAll, left);
    while (next !== null && !this.#isStopped) {
      left -= next.batch.spans.length;
      await this.#call(next);
      this.#fill();
      next = this.#next(false, left);
    }
  }

  /** The next batch; `null` where there is nothing in it. */
  #next(withMetrics: boolean, most = Infinity): Batch | null {
    const metrics = withMetrics ? this.#snapshot() : null;
    const spans = this.#spans?.take(Math.min(MOST_SPANS, most)) ?? [];
    if (metrics === null && spans.length === 0) return null;
    const dropped = this.#lost;
    this.#lost = 0;
    const series = metrics === null ? 0 : countSeries(metrics);
    this.#metrics?.record(series);
    return { batch: { metrics, spans, dropped, resource: this.#resource }, series };
  }

  #snapshot(): Snapshot | null {
    this.#dueAt = performance.now() + this.#exporter.intervalMs;
    if (this.#metrics === null) return null;
    return new Snapshot(JSON.parse(this.#meter.snapshot()) as SnapshotData);
  }

  async #call({ batch, series }: Batch): Promise<void> {
    const { metrics, spans } = batch;
    try {
      const result = this.#exporter.call(batch);
      // What is synchronous is done at once, also where the process is ending.
      if (isThenable(result)) await result;
      if (this.#isStopped) return;
      if (metrics !== null) this.#metrics!.succeed(series);
      if (spans.length > 0) this.#traces!.succeed(spans.length);
    } catch (error) {
      if (this.#isStopped) return;
      this.#fail(batch, series, inWords(error));
    }
  }

  #fail({ metrics, spans }: ExportBatch, series: number, message: string): void {
    if (metrics !== null) this.#metrics!.fail(series, 'exporter_error', message);
    if (spans.length > 0) this.#traces!.fail(spans.length, 'exporter_error', message);
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    warn({
      code: 'NANOMETER_EXPORT',
      message:
        `The exporter ${this.#exporter.name} failed: ${message}. What it was given is dropped and ` +
        'counted, it goes on being called, and this is said once.',
    });
  }

  #errors(): Readonly<Record<Signal, unknown>> {
    const { metrics, traces } = this.status.signals;
    return { metrics: metrics?.lastError, traces: traces?.lastError };
  }

  #outcomes(outcomeOf: (signal: Signal) => ExporterFlush['outcome']): readonly ExporterFlush[] {
    const { name, signals } = this.status;
    return (Object.entries(signals) as [Signal, SignalStatus][]).map(([signal, status]) => {
      const outcome = outcomeOf(signal);
      const error = outcome === 'failure' ? (status.lastError?.message ?? null) : null;
      return { name, signal, outcome, error };
    });
  }

  /** Tells the backend, which shows it beside its own. */
  #note(): void {
    const text = JSON.stringify(this.status);
    if (text === this.#noted) return;
    this.#noted = text;
    this.#meter.noteExporter(text);
  }
}

function countSeries(snapshot: Snapshot): number {
  return snapshot.metrics.reduce((count, { series }) => count + series.length, 0);
}
