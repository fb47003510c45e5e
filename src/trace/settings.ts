/** What of tracing can be seen and set while it goes on: `meter.tracing`. */
import type { BackendMeter } from '../backend/backend';
import * as layout from '../generated/layout';
import { TRACING_CHECKS } from './options';
import { checkTraceId } from './query';
import type { TracerSource } from './source';

const NS_PER_MS = 1e6;

/**
 * How spans are recorded and chosen, in all threads of the process at once. Set, a value counts from
 * the next local trace on; those that are decided stay so.
 */
export class Tracing {
  readonly #meter: BackendMeter;
  readonly #source: TracerSource;
  readonly #cells: Float64Array;

  /** @internal */
  constructor(meter: BackendMeter, source: TracerSource) {
    this.#meter = meter;
    this.#source = source;
    this.#cells = meter.traceSettings().cells;
  }

  /** Whether spans are recorded, at levels above off: false where `open()` was told `tracing: false`. */
  get isEnabled(): boolean {
    return this.#cells[layout.TRACING_ENABLED] === 1;
  }

  /** The share, 0 to 1, of the traces beginning here that are promoted whatever becomes of them. */
  get sampleRate(): number {
    return this.#cells[layout.TRACING_SAMPLE_RATE]!;
  }

  /** Throws `NANOMETER_INVALID_OPTION`. */
  set sampleRate(rate: number) {
    this.#cells[layout.TRACING_SAMPLE_RATE] = TRACING_CHECKS.sampleRate(rate);
  }

  /** Whether a trace is promoted when an element or a span of it fails. */
  get promoteErrors(): boolean {
    return this.#cells[layout.TRACING_PROMOTE_ERRORS] !== 0;
  }

  /** Throws `NANOMETER_INVALID_OPTION`. */
  set promoteErrors(promotes: boolean) {
    this.#cells[layout.TRACING_PROMOTE_ERRORS] = Number(TRACING_CHECKS.promoteErrors(promotes));
  }

  /** From how many milliseconds on elements and first spans are promoted; `null`: none is for that. */
  get promoteLatencyMs(): number | null {
    const ns = this.#cells[layout.TRACING_PROMOTE_LATENCY_NS]!;
    return ns === Infinity ? null : ns / NS_PER_MS;
  }

  /** Throws `NANOMETER_INVALID_OPTION`. */
  set promoteLatencyMs(ms: number | null) {
    const checked = TRACING_CHECKS.promoteLatencyMs(ms);
    this.#cells[layout.TRACING_PROMOTE_LATENCY_NS] =
      checked === null ? Infinity : checked * NS_PER_MS;
  }

  /** The most promotions a second, in all threads together; `null`: any number. */
  get maxPromotionsPerSecond(): number | null {
    const most = this.#cells[layout.TRACING_MOST_PROMOTIONS]!;
    return most === Infinity ? null : most;
  }

  /** Throws `NANOMETER_INVALID_OPTION`. */
  set maxPromotionsPerSecond(most: number | null) {
    this.#cells[layout.TRACING_MOST_PROMOTIONS] =
      TRACING_CHECKS.maxPromotionsPerSecond(most) ?? Infinity;
  }

  /**
   * Promotes what all threads have of a trace, that under way included: this thread's at once, the
   * others' when they next begin or end an element or a first span. No limit applies.
   *
   * @param traceId - 32 hexadecimal digits, lowercase
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  promote(traceId: string): void {
    const wanted = checkTraceId(traceId);
    if (!this.isEnabled) return;
    // What was asked for before this thread had a tracer would not be seen by it.
    const { tracer } = this.#source;
    this.#meter.wantTrace(wanted);
    tracer?.catchUp();
  }
}
