/**
 * What is watched of components whose values are pulled by iteration: sources, functions, and the
 * readable ends of web streams.
 */
import type { StreamProbe } from '../probe';
import { observe, type PullListener } from './pull';
import type { QueuedOutlet } from './outlet';
import type { Watch } from './watch';
import { elapsed, type Work } from './work';

/** A source that is iterated over: an invocation is a call of `next()` that gives a value. */
export class PulledSource implements PullListener {
  readonly #watch: Watch;
  readonly #work: Work;
  readonly #outlet: QueuedOutlet;

  constructor(watch: Watch, work: Work, outlet: QueuedOutlet) {
    this.#watch = watch;
    this.#work = work;
    this.#outlet = outlet;
  }

  asked(): void {
    const work = this.#work;
    if (work.isOpen) return;
    work.isOpen = true;
    work.startNs = this.#watch.now();
  }

  gave(): void {
    const work = this.#work;
    const nowNs = this.#watch.now();
    work.isOpen = false;
    work.probe.invoked(elapsed(work.startNs, nowNs));
    // Where several values are asked for at once, the next one is worked on from here.
    work.startNs = nowNs;
    this.#outlet.keep(nowNs);
  }

  ended(): void {
    this.#work.isOpen = false;
    this.#watch.drain();
  }

  failed(error: unknown): void {
    this.#watch.fail(this.#work, error);
  }

  stopped(): void {
    this.#work.isOpen = false;
  }
}

/**
 * A component that is a function of an iterable: an invocation begins when an input comes, ends when
 * the function asks for the next one, and rests while the function waits at a `yield`.
 */
export class FunctionStage implements PullListener {
  readonly #watch: Watch;
  readonly #work: Work;
  /** Its way out; `null` for the last component. */
  readonly #outlet: QueuedOutlet | null;
  /** The queue before it. */
  readonly #probe: StreamProbe | null;
  /** Since when it has rested at a `yield`; 0 while it does not. */
  #restingNs = 0;
  /** Whether it gives back what it is given: its inputs are its outputs. */
  #isIdentity = false;

  constructor(watch: Watch, work: Work, outlet: QueuedOutlet | null, probe: StreamProbe | null) {
    this.#watch = watch;
    this.#work = work;
    this.#outlet = outlet;
    this.#probe = probe;
  }

  /** What it gives out is what it is given. */
  passOn(): void {
    this.#isIdentity = true;
  }

  /** It asks for an input: it has finished with the one before. */
  requested(): void {
    const work = this.#work;
    if (work.isOpen) {
      work.end(this.#restingNs === 0 ? this.#watch.now() : this.#restingNs);
      work.settle();
    }
    this.#restingNs = 0;
  }

  /** An input has come, which had waited so long. */
  delivered(originNs: number, waitNs: number, nowNs: number): void {
    this.requested();
    this.#probe?.transferred(waitNs);
    this.#work.begin(Number.isNaN(originNs) ? nowNs : originNs, nowNs);
    if (this.#isIdentity) this.#outlet?.keep(this.#work.originNs);
  }

  asked(): void {
    if (this.#restingNs === 0) return;
    if (this.#work.isOpen) this.#work.startNs += this.#watch.now() - this.#restingNs;
    this.#restingNs = 0;
  }

  gave(): void {
    const work = this.#work;
    const nowNs = this.#watch.now();
    work.hasGiven = true;
    this.#restingNs = nowNs;
    this.#outlet?.keep(Number.isNaN(work.originNs) ? nowNs : work.originNs);
  }

  ended(): void {
    this.requested();
  }

  failed(error: unknown): void {
    this.#watch.fail(this.#work, error);
  }

  stopped(): void {
    this.requested();
  }

  /** Watches what a last function gives: a promise, whatever it is made of. */
  settle(result: unknown): unknown {
    return observe(
      result,
      () => {
        this.ended();
      },
      (error) => {
        this.failed(error);
      },
    );
  }
}

/** Between what is pulled and what pulls it, where that is a function. */
export class Pull implements PullListener {
  readonly #watch: Watch;
  readonly #producer: PullListener;
  readonly #outlet: QueuedOutlet;
  readonly #consumer: FunctionStage;

  constructor(watch: Watch, producer: PullListener, outlet: QueuedOutlet, consumer: FunctionStage) {
    this.#watch = watch;
    this.#producer = producer;
    this.#outlet = outlet;
    this.#consumer = consumer;
  }

  asked(): void {
    this.#consumer.requested();
    this.#producer.asked();
  }

  gave(): void {
    this.#producer.gave();
    this.#consumer.delivered(this.#outlet.take(), 0, this.#watch.lastNs);
  }

  ended(): void {
    this.#producer.ended();
  }

  failed(error: unknown): void {
    this.#producer.failed(error);
  }

  stopped(): void {
    this.#consumer.requested();
    this.#producer.stopped();
  }
}
