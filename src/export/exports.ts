/**
 * What one meter exports, as one thread sees it. The native exporters are the process's, and any
 * thread may flush them; the program's own run on the main thread only.
 */
import { isMainThread } from 'node:worker_threads';
import type { BackendMeter } from '../backend/backend';
import { inWords } from '../errors';
import type { Resource } from '../open/resource';
import { flushAtExit, type Leaving } from './exit';
import type { ResolvedExport } from './resolve';
import { Runner } from './runner';
import type { ExporterFlush, ExporterStatus, FlushOutcome, FlushResult } from './status';

/** See the file. */
export class Exports implements Leaving {
  readonly flushMs: number;
  readonly signals: readonly NodeJS.Signals[];
  readonly #meter: BackendMeter;
  readonly #runners: readonly Runner[];
  readonly #forget: () => void;
  /** Whether this thread is the one that sees to the end of them. */
  readonly leaves: boolean;

  constructor(meter: BackendMeter, resolved: ResolvedExport, resource: Resource) {
    const { exporters, custom, flush } = resolved;
    this.flushMs = flush.timeoutMs;
    this.signals = flush.signals;
    this.#meter = meter;
    const mine = isMainThread ? custom : [];
    this.#runners = mine.map((exporter) => new Runner(exporter, meter, resource));
    this.leaves = isMainThread && (exporters.length > 0 || mine.length > 0);
    this.#forget = this.leaves ? flushAtExit(this) : () => undefined;
  }

  /** Whether some of what it flushes needs the event loop. */
  get needsLoop(): boolean {
    return this.#runners.length > 0;
  }

  /** How each exporter of the process is. */
  status(): ExporterStatus[] {
    const { exporters } = JSON.parse(this.#meter.exporters()) as { exporters: ExporterStatus[] };
    return exporters;
  }

  /** Exports what has been recorded by now. Never rejects. */
  flush(timeoutMs = this.flushMs): Promise<FlushResult> {
    return this.#flush(timeoutMs, false);
  }

  /** The same before the end, which does not wait for a receiver that is not there. */
  flushLast(): Promise<FlushResult> {
    return this.#flush(this.flushMs, true);
  }

  /** The same on a loop that turns no more. Never throws. */
  flushNow(timeoutMs: number): void {
    const deadline = performance.now() + timeoutMs;
    for (const runner of this.#runners) runner.flushNow(deadline);
    this.#meter.flushNow(Math.max(0, deadline - performance.now()));
  }

  /** Exports what has been recorded by now, and ends. Never rejects. */
  async close(): Promise<void> {
    // Till then it is to be flushed all the same, should the process end meanwhile.
    await this.flushLast();
    this.#forget();
    for (const runner of this.#runners) runner.stop();
  }

  async #flush(timeoutMs: number, isLast: boolean): Promise<FlushResult> {
    const native = this.#flushNative(timeoutMs, isLast);
    const custom = this.#runners.map((runner) => within(timeoutMs, runner));
    const exporters = (await Promise.all([native, ...custom])).flat();
    return { outcome: worst(exporters), exporters };
  }

  async #flushNative(timeoutMs: number, isLast: boolean): Promise<readonly ExporterFlush[]> {
    try {
      const { exporters } = JSON.parse(await this.#meter.flush(timeoutMs, isLast)) as FlushResult;
      return exporters;
    } catch (error) {
      return [{ name: 'native', signal: 'metrics', outcome: 'failure', error: inWords(error) }];
    }
  }
}

async function within(timeoutMs: number, runner: Runner): Promise<readonly ExporterFlush[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly ExporterFlush[]>((resolve) => {
    // It keeps the process alive: what it waits for is worth so much, and no more.
    timer = setTimeout(() => {
      resolve(runner.late());
    }, timeoutMs);
  });
  const outcome = await Promise.race([runner.flush(), late]);
  clearTimeout(timer);
  return outcome;
}

function worst(exporters: readonly ExporterFlush[]): FlushOutcome {
  const outcomes = exporters.map(({ outcome }) => outcome);
  if (outcomes.includes('failure')) return 'failure';
  return outcomes.includes('timeout') ? 'timeout' : 'success';
}
