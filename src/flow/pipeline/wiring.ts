/** Puts the observers of one pipeline to its stages. */
import type { FlowProbe } from '../probe';
import { monitor } from './monitor';
import { watchNodeInlet } from './node-inlet';
import { watchNodeOutlet, watchNodeSource } from './node-outlet';
import { watchNodePull } from './node-pull';
import type { NodeStream } from './node-stream';
import { Outlet } from './outlet';
import { FunctionStage, Pull, PulledSource } from './producers';
import { watchIterable, watchIterableWhole, type PullListener } from './pull';
import type { Method } from './shadow';
import { isReadableNode, kindOf, readableEnd, writableEnd } from './stages';
import type { Watch } from './watch';
import { WebInlet, watchWebReadable } from './web';
import { Work } from './work';

/** The stages of one pipeline, and what lies between them. */
export class Wiring {
  readonly #watch: Watch;
  readonly #flow: FlowProbe;
  readonly #works: readonly Work[];
  /** The way out of each component but the last. */
  readonly #outlets: readonly Outlet[];
  /** The components that are functions. */
  readonly #functions: readonly (FunctionStage | null)[];

  /** @param stages - checked */
  constructor(watch: Watch, stages: readonly unknown[]) {
    const { flow } = watch;
    this.#watch = watch;
    this.#flow = flow;
    this.#works = stages.map((_, i) => new Work(flow, i));
    this.#outlets = stages.slice(1).map(() => new Outlet());
    this.#functions = stages.map((stage, i) =>
      typeof stage === 'function'
        ? new FunctionStage(
            watch,
            this.#works[i]!,
            this.#outlets[i] ?? null,
            flow.streamProbes[i - 1] ?? null,
          )
        : null,
    );
    for (const work of this.#works) watch.add(work);
  }

  /** A stage, observed: itself, or what is to stand in its place. */
  observe(stage: unknown, index: number): unknown {
    if (typeof stage === 'function') return this.#callable(stage as Method, index);
    if (index === 0) return this.#producer(stage, index);
    const kind = kindOf(stage);
    const work = this.#works[index]!;
    const parts = {
      watch: this.#watch,
      work,
      upstream: this.#outlets[index - 1]!,
      probe: this.#flow.streamProbes[index - 1]!,
    };
    const outlet = this.#outlets[index] ?? null;
    if (kind === 'node') {
      const target = stage as NodeStream;
      monitor(this.#watch, target, work);
      watchNodeInlet({ ...parts, target });
      if (outlet !== null) this.#nodeOutlet(target, index);
    } else {
      const inlet = new WebInlet(parts, outlet);
      inlet.attach(writableEnd(stage as object));
      if (outlet !== null) {
        watchWebReadable(this.#watch, readableEnd(stage as object), this.#pulled(inlet, index));
      }
    }
    return stage;
  }

  /** A function as a stage: its arguments are observed already, its result is yet to be. */
  #callable(stage: Method, index: number): Method {
    const own = this.#functions[index]!;
    const isLast = index === this.#works.length - 1;
    const observed = (result: unknown, source: unknown): unknown => {
      if (index > 0 && result === source) {
        own.passOn();
        return result;
      }
      // An iterable, or a stream; pipeline says what else it refuses.
      if (kindOf(result) !== 'other') return this.#producer(result, index);
      return isLast ? own.settle(result) : result;
    };
    return function (this: unknown, ...args) {
      let result: unknown;
      try {
        result = Reflect.apply(stage, this, args);
      } catch (error) {
        own.failed(error);
        throw error;
      }
      return observed(result, args[0]);
    };
  }

  /** Something that gives values, observed: itself, or what is to stand in its place. */
  #producer(value: unknown, index: number): unknown {
    const watch = this.#watch;
    switch (kindOf(value)) {
      case 'node':
        monitor(watch, value as NodeStream, this.#works[index]!);
        this.#nodeOutlet(value as NodeStream, index);
        return value;
      case 'web':
        watchWebReadable(
          watch,
          readableEnd(value as object),
          this.#pulled(this.#listener(index), index),
        );
        return value;
      case 'iterable': {
        const listener = this.#pulled(this.#listener(index), index);
        const isForFunction = (this.#functions[index + 1] ?? null) !== null;
        const watchAny = isForFunction ? watchIterableWhole : watchIterable;
        return watchAny(Object(value) as object, watch, listener);
      }
      default:
        return value;
    }
  }

  #nodeOutlet(target: NodeStream, index: number): void {
    const watch = this.#watch;
    const outlet = this.#outlets[index];
    if (outlet === undefined || !isReadableNode(target)) return;
    const parts = { watch, target, work: this.#works[index]!, outlet };
    if (index === 0) watchNodeSource(parts);
    else watchNodeOutlet(parts);
    const consumer = this.#functions[index + 1];
    const probe = this.#flow.streamProbes[index]!;
    if (consumer) watchNodePull({ watch, target, outlet, probe, consumer });
  }

  /** What listens to a component that is iterated over. */
  #listener(index: number): PullListener {
    if (index > 0) return this.#functions[index]!;
    return new PulledSource(this.#watch, this.#works[index]!, this.#outlets[index]!);
  }

  /** The same, with the function after it, where that is one. */
  #pulled(listener: PullListener, index: number): PullListener {
    const consumer = this.#functions[index + 1];
    if (!consumer) return listener;
    return new Pull(this.#watch, listener, this.#outlets[index]!, consumer);
  }
}
