/**
 * What the observers of one pipeline share: the clock, the methods that are replaced while something
 * is recorded, and the errors.
 *
 * At the level off nothing is replaced but what notices that the level has changed: the way out of
 * the source. So a pipeline that is not recorded runs on the code that it would have run on.
 */
import type { Clock } from '../../backend/backend';
import { GATE } from '../../generated/layout';
import type { FlowProbe, RunProbe } from '../probe';
import { Batches } from './batch';
import type { Faults } from './faults';
import { Shadow, type Method } from './shadow';
import { elapsed, type Work } from './work';

/** What has happened at a time that is yet to be read from the clock. */
export interface Pending {
  /** It was now. */
  settle(nowNs: number): void;
}

/** One pipeline under observation. */
export class Watch {
  readonly flow: FlowProbe;
  readonly clock: Clock;
  readonly batches = new Batches(() => {
    this.settle();
  });
  /** The last reading of the clock: nanoseconds. */
  lastNs = NaN;
  /** Whether nothing but Node's own code has run since then. */
  isFresh = false;
  /** What waits for the next reading of the clock. */
  pending: Pending | null = null;
  readonly #gate: Float64Array;
  readonly #faults: Faults;
  readonly #run: RunProbe | null;
  readonly #works: Work[] = [];
  /** Replaced while something is recorded. */
  readonly #shadows: Shadow[] = [];
  /** Replaced all the time. */
  readonly #sentinels: Shadow[] = [];
  readonly #starters: (() => void)[] = [];
  readonly #enders: (() => void)[] = [];
  #isAttached = false;
  #isOver = false;
  /** The component that an abort has interrupted, and for how long it had been at work. */
  #interrupted: Work | null = null;
  #interruptedNs = 0;
  #hasInterruptedElement = false;
  /** Where errors that have not been counted were seen first: a stream, or what an abort ends. */
  readonly #suspicions = new Map<unknown, Work>();
  #closedEarly: Work | null = null;

  /** @param run - the run to tell of; `null` where the program leads the flow's life */
  constructor(flow: FlowProbe, faults: Faults, run: RunProbe | null) {
    this.flow = flow;
    this.clock = flow.clock;
    this.#gate = flow.gate;
    this.#faults = faults;
    this.#run = run;
  }

  /** The time; reads the clock. */
  now(): number {
    const { clock } = this;
    clock.tick();
    const nowNs = clock.cell[0]!;
    this.lastNs = nowNs;
    if (this.pending !== null) this.#settle(nowNs);
    return nowNs;
  }

  /** Whether the clock was read in this turn of the event loop, and all that works is observed. */
  isRecent(): boolean {
    return this.#run !== null && this.batches.isOpen;
  }

  /** Something has happened, and the clock is about to be read. */
  wait(pending: Pending): void {
    this.pending = pending;
    this.batches.open();
  }

  /** Reads the clock, if something waits for it. */
  settle(): void {
    if (this.pending !== null) this.now();
  }

  #settle(nowNs: number): void {
    const { pending } = this;
    this.pending = null;
    pending?.settle(nowNs);
  }

  /**
   * The time, where nothing but Node's own code has run since it was read, without another reading.
   */
  nowIfStale(): number {
    if (!this.isFresh) return this.now();
    this.isFresh = false;
    return this.lastNs;
  }

  /** Whether something is recorded; replaces methods, or puts them back, where that has changed. */
  isLive(): boolean {
    const isRecording = this.#gate[GATE]! > 0;
    if (isRecording !== this.#isAttached) this.#attach(isRecording);
    return isRecording;
  }

  /** Takes a component's work into account, in the order of the flow. */
  add(work: Work): void {
    this.#works.push(work);
  }

  /** Replaces a method of an object while something is recorded. */
  shadow(target: object, name: PropertyKey, make: (method: Method) => Method): Shadow {
    const shadow = new Shadow(target, name, make);
    this.#shadows.push(shadow);
    if (this.#isAttached) shadow.set();
    return shadow;
  }

  /** Replaces a method of an object for as long as the pipeline is observed. */
  sentinel(target: object, name: PropertyKey, make: (method: Method) => Method): void {
    const shadow = new Shadow(target, name, make);
    this.#sentinels.push(shadow);
    if (!this.#isOver) shadow.set();
  }

  /** Calls a function whenever recording begins, now included: to see what is in the buffers. */
  onStart(starter: () => void): void {
    this.#starters.push(starter);
    if (this.#isAttached) starter();
  }

  /** Calls a function when the observation ends. */
  onEnd(ender: () => void): void {
    this.#enders.push(ender);
  }

  /** The source has ended. */
  drain(): void {
    if (!this.#isOver) this.#run?.drain();
  }

  /** An invocation has failed, or a component has outside of one. */
  fail(work: Work, error: unknown): void {
    // Where a stream has shown the same error before, it began there.
    const first = this.#suspicions.get(error) ?? work;
    // Most comes of the abort, but it may end the run.
    if (this.#interrupted !== null) this.#suspicions.set(error, first);
    this.#count(first, error);
    work.isOpen = false;
  }

  /**
   * A stream shows an error, which may have begun in it or been handed to it: counted, in the first
   * one that showed it, where nothing better is known when the run ends.
   */
  suspect(work: Work, error: unknown): void {
    if (this.#run === null) {
      // Node destroys with this what was still open when all else had ended well.
      if (codeOf(error) !== 'ERR_STREAM_DESTROYED') this.fail(work, error);
      return;
    }
    if (!this.#suspicions.has(error)) this.#suspicions.set(error, work);
  }

  /** A stream has closed before its end, without an error. */
  closedEarly(work: Work): void {
    this.#closedEarly ??= work;
  }

  /** The program's signal aborts: what is at work nearest the sink is interrupted. */
  interrupt(): void {
    if (this.#isOver || this.#interrupted !== null) return;
    const work = this.#works.findLast(({ isOpen }) => isOpen) ?? this.#works[0]!;
    this.#interruptedNs = work.isOpen ? elapsed(work.startNs, this.now()) : 0;
    this.#hasInterruptedElement = work.isOpen && !work.isSource;
    work.isOpen = false;
    this.#interrupted = work;
  }

  /** The run has ended well. */
  complete(): void {
    this.stop();
    this.#run?.end('completed');
  }

  /** The run has ended with an error. */
  abandon(error: unknown): void {
    const interrupted = this.#interrupted;
    const isCancelled = interrupted !== null && nameOf(error) === 'AbortError';
    const work = isCancelled ? interrupted : this.#culprit(error);
    this.#interrupted = null;
    if (work === interrupted) this.#countInterrupted(work, error);
    else this.#count(work, error);
    this.stop();
    this.#run?.end(isCancelled ? 'cancelled' : 'failed', error);
  }

  /** Puts everything back. Twice is once. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.settle();
    this.batches.close();
    // Those that were replaced last come first: sentinels are there before anything else.
    for (const shadow of this.#shadows.toReversed()) shadow.restore();
    for (const sentinel of this.#sentinels.toReversed()) sentinel.restore();
    for (const ender of this.#enders) ender();
  }

  /** The component that the error which ended the run is of, as far as is known. */
  #culprit(error: unknown): Work {
    const isEarly = codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE';
    const early = isEarly ? this.#closedEarly : null;
    const [shown] = this.#suspicions.values();
    return early ?? this.#suspicions.get(error) ?? shown ?? this.#works[0]!;
  }

  /** The error that ended the run is of the component that an abort has interrupted. */
  #countInterrupted(work: Work, error: unknown): void {
    if (!this.#faults.claim(error)) return;
    work.probe.failed(this.#interruptedNs, error);
    if (this.#hasInterruptedElement) this.flow.elementFailed(elapsed(work.originNs, this.now()));
  }

  #count(work: Work, error: unknown): void {
    const isFirst = !this.#isOver && this.#interrupted === null && this.#faults.claim(error);
    if (isFirst) work.fail(this.now(), error);
    work.isOpen = false;
  }

  #attach(isRecording: boolean): void {
    if (this.#isOver) return;
    this.#isAttached = isRecording;
    if (isRecording) {
      for (const shadow of this.#shadows) shadow.set();
      for (const starter of this.#starters) starter();
    } else for (const shadow of this.#shadows.toReversed()) shadow.restore();
  }
}

function codeOf(error: unknown): unknown {
  return property(error, 'code');
}

function nameOf(error: unknown): unknown {
  return property(error, 'name');
}

function property(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  try {
    return Reflect.get(value, name) as unknown;
  } catch {
    return undefined;
  }
}
