/** What a run has measured so far, and what it tells of it on the way. */
import { performance } from 'node:perf_hooks';
import type { Ready } from '../load/messages';
import type { ComponentErrors, Measured, TimelinePoint } from '../measured';
import type { BenchPlan, Variant } from '../plan';
import { BenchFault } from './faults';
import type { Progress } from './progress';
import type { RanRound } from './round';

// So many elements in warm-up that all fail are enough to say so; of fewer the run decides.
const ENOUGH = 100;

/** A run's record. */
export class Recording {
  /** Why the run is to end before its time. */
  endedEarly: 'source' | null = null;
  readonly #plan: BenchPlan;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #rounds: RanRound[] = [];
  readonly #points: TimelinePoint[] = [];
  readonly #errors = new Map<string, ComponentErrors>();
  #phase: Progress['phase'] = 'harness';
  #variant: Variant;
  #beganMs = 0;
  #measuringMs = 0;

  constructor(plan: BenchPlan, onProgress: ((progress: Progress) => void) | undefined) {
    this.#plan = plan;
    this.#onProgress = onProgress;
    this.#variant = plan.variants[0]!;
  }

  /** Whether rounds are being run. */
  get isRunning(): boolean {
    return this.#phase !== 'harness';
  }

  /** A phase begins. */
  begin(phase: 'warmup' | 'measuring'): void {
    const now = performance.now();
    if (phase === 'warmup') this.#beganMs = now;
    this.#measuringMs = now;
    this.#phase = phase;
  }

  /** @returns when, in milliseconds since the phase began */
  startRound(variant: Variant): number {
    this.tell(this.#phase, variant);
    return performance.now() - this.#measuringMs;
  }

  point(point: TimelinePoint): void {
    if (this.#phase === 'measuring') this.#points.push(point);
    this.tell(this.#phase, this.#variant);
  }

  /**
   * Keeps a round, unless it was interrupted too early to say anything.
   *
   * @throws BenchFault where nothing came through in warm-up
   */
  endRound(ran: RanRound, isInterrupted: boolean): void {
    if (ran.hasEnded) this.endedEarly = 'source';
    const { elements, failed, durationNs, variant } = ran.round;
    if (elements >= ENOUGH && failed === elements && this.#phase === 'warmup')
      throw allFailed(ran.errors);
    // Where a source ends in warm-up, that is all there is.
    if (this.#phase === 'warmup' && !ran.hasEnded) return;
    const isShort = isInterrupted && durationNs < (this.#plan.roundMs * 1e6) / 2;
    if (elements === 0) return;
    if (isShort && this.#rounds.some(({ round }) => round.variant === variant)) return;
    this.#rounds.push(ran);
    for (const error of ran.errors) {
      const { component, errors, first } = this.#errors.get(error.component) ?? {
        ...error,
        errors: 0,
      };
      this.#errors.set(component, { component, errors: errors + error.errors, first });
    }
  }

  /**
   * Looks at the whole run.
   *
   * @throws BenchFault where nothing ended, or all failed
   */
  judge(): void {
    const elements = this.#rounds.reduce((sum, { round }) => sum + round.elements, 0);
    const failed = this.#rounds.reduce((sum, { round }) => sum + round.failed, 0);
    if (elements === 0) throw new BenchFault('source', 'no element came through the pipeline');
    if (failed === elements) throw allFailed([...this.#errors.values()]);
  }

  /** What there is, as a part of `Measured`. */
  measured(ready: Ready | null): Pick<Measured, 'pipeline' | 'rounds' | 'timeline' | 'errors'> {
    const latencyOf =
      this.#rounds.find((ran) => ran.latencyOf === 'flow')?.latencyOf ??
      this.#rounds[0]?.latencyOf ??
      'element';
    return {
      pipeline: {
        ...(ready?.pipeline ?? {
          name: '',
          passage: 'elements',
          components: [],
          source: 'integers',
        }),
        latencyOf,
      },
      rounds: this.#rounds.map(({ round, flowLatency }) =>
        latencyOf === 'flow' ? { ...round, latency: flowLatency } : round,
      ),
      timeline: this.#points,
      errors: [...this.#errors.values()],
    };
  }

  tell(phase: Progress['phase'], variant: Variant): void {
    this.#variant = variant;
    const { warmupMs, durationMs } = this.#plan;
    this.#onProgress?.({
      phase,
      elapsedMs: phase === 'harness' ? 0 : performance.now() - this.#beganMs,
      totalMs: warmupMs + durationMs,
      variant,
      points: this.#points,
    });
  }
}

function allFailed(errors: readonly ComponentErrors[]): BenchFault {
  const { component, first } = errors[0]!;
  return new BenchFault(
    component,
    `all elements failed, first in ${JSON.stringify(component)}: ${first}`,
  );
}
