/**
 * The life of one flow: its state, and what is told of each change. The state that is shown belongs
 * to the newest life of a flow's name; an older one that is still draining ends without showing it.
 */
import { inWords, NanometerError, show } from '../errors';
import { StateSet } from '../handles/state';
import { Stopwatch } from '../handles/stopwatch';
import type { LifecycleName } from './events';
import type { FlowRecord } from './flow-record';
import type { RunOutcome, RunProbe } from './probe';
import { isActive, isFinal, statesAfter, type FlowState } from './states';

/** What the lives of one name share, in one thread. */
export class LifeSign {
  /** The newest life, whose state is shown. */
  newest: Lifecycle | null = null;
  /** How many lives are running or draining. */
  active = 0;
  readonly #state: StateSet<FlowState>;
  readonly #activeDuration: Stopwatch;
  readonly #onActive: (change: 1 | -1) => void;

  /** @param onActive - told when the name becomes active, and when it no longer is */
  constructor(record: FlowRecord, onActive: (change: 1 | -1) => void) {
    const labels = { flow_id: record.id };
    this.#state = record.metrics.state('flow.state', labels);
    this.#activeDuration = record.metrics.stopwatch('flow.active_duration', labels);
    this.#onActive = onActive;
  }

  /** Shows the state of the newest life. */
  show(life: Lifecycle, state: FlowState): void {
    if (life === this.newest) StateSet.force(this.#state, state);
  }

  /** A life has become active, or is no longer. */
  change(by: 1 | -1): void {
    this.active += by;
    if (this.active === 1 && by === 1) {
      Stopwatch.forceStart(this.#activeDuration);
      this.#onActive(1);
    } else if (this.active === 0) {
      this.#activeDuration.stop();
      this.#onActive(-1);
    }
  }
}

/** One life of a flow, from created to its end. */
export class Lifecycle {
  readonly #record: FlowRecord;
  readonly #sign: LifeSign;
  #state: FlowState = 'created';
  #startedNs = 0;
  #runs = 0;
  #draining = 0;
  #outcome: RunOutcome = 'completed';
  #reason: unknown;

  constructor(record: FlowRecord, sign: LifeSign, components: readonly string[]) {
    this.#record = record;
    this.#sign = sign;
    sign.newest = this;
    sign.show(this, 'created');
    this.#tell('created', { components: components.join(',') });
  }

  get state(): FlowState {
    return this.#state;
  }

  /**
   * Goes on to a state.
   *
   * @throws NanometerError `NANOMETER_INVALID_STATE` where it does not follow the one now
   */
  go(to: FlowState, reason?: unknown): void {
    const from = this.#state;
    const accepted = statesAfter(from);
    if (!accepted.includes(to)) this.#refuse(`go from ${from} to ${to}`);
    const used = this.#record.slots.used;
    if (to === 'completed' && used > 0) {
      this.#refuse(`be completed with ${used} elements in flight: drain() waits for them`);
    }
    this.#state = to;
    if (!isActive(from) && isActive(to)) {
      this.#startedNs = this.#record.now();
      this.#sign.change(1);
    } else if (isActive(from) && !isActive(to)) this.#sign.change(-1);
    this.#sign.show(this, to);
    this.#tellOf(to, reason);
  }

  /** Ends by itself as soon as no element is in flight and no pipeline runs. */
  drain(): void {
    this.go('draining');
    this.#endWhenIdle();
  }

  /** Begins, for a first element: false where the flow takes no more. Never throws. */
  admit(): boolean {
    if (this.#state === 'running') return true;
    if (!statesAfter(this.#state).includes('running')) return false;
    this.go('running');
    return true;
  }

  /** See `FlowProbe`. */
  startRun(): RunProbe {
    if (this.#state === 'created') this.go('validated');
    if (this.#state !== 'running') {
      if (!statesAfter(this.#state).includes('running')) this.#refuse('run a pipeline');
      this.go('running');
    }
    this.#runs += 1;
    let phase: 'running' | 'draining' | 'over' = 'running';
    return {
      drain: () => {
        if (phase !== 'running') return;
        phase = 'draining';
        this.#draining += 1;
        this.#drainIfAllDo();
      },
      end: (outcome, error) => {
        if (phase === 'over') return;
        if (phase === 'draining') this.#draining -= 1;
        phase = 'over';
        this.#endRun(outcome, error);
      },
    };
  }

  #endRun(outcome: RunOutcome, error: unknown): void {
    this.#runs -= 1;
    if (outcome === 'failed' || (outcome === 'cancelled' && this.#outcome === 'completed')) {
      this.#outcome = outcome;
      this.#reason = error;
    }
    if (this.#runs > 0) this.#drainIfAllDo();
    else if (!isFinal(this.#state)) {
      if (this.#state === 'running' && this.#record.slots.used > 0) this.go('draining');
      this.#endWhenIdle();
    }
  }

  #drainIfAllDo(): void {
    if (this.#state !== 'running' || this.#draining < this.#runs) return;
    if (this.#record.slots.used === 0) this.go('draining');
  }

  #endWhenIdle(): void {
    const record = this.#record;
    const endIfIdle = (): boolean => {
      if (isFinal(this.#state)) return true;
      if (record.slots.used > 0 || this.#runs > 0) return false;
      this.go(this.#outcome, this.#reason);
      return true;
    };
    if (!endIfIdle()) record.whenIdle(endIfIdle);
  }

  #tellOf(state: FlowState, reason: unknown): void {
    const name = state === 'running' ? 'started' : state;
    if (!isFinal(state)) {
      this.#tell(name);
      return;
    }
    const durationNs = this.#startedNs === 0 ? 0 : this.#record.now() - this.#startedNs;
    const why = state === 'completed' ? {} : { reason: inWords(reason ?? '') };
    this.#tell(name, { duration_ns: durationNs, ...why });
  }

  #tell(name: LifecycleName, attributes?: Readonly<Record<string, string | number>>): void {
    this.#record.events.lifecycle(name, this.#record.id, attributes);
  }

  #refuse(what: string): never {
    const accepted = statesAfter(this.#state);
    const next =
      accepted.length === 0
        ? 'nothing follows it: meter.flow() with the same name begins its next life'
        : `what may follow is ${accepted.join(', ')}`;
    throw new NanometerError(
      'NANOMETER_INVALID_STATE',
      `the flow ${show(this.#record.id)} is ${this.#state} and cannot ${what}; ${next}`,
    );
  }
}
