/** Puts the observers of one pipeline to its stages. */
import type { FlowProbe } from '../probe';
import { monitor } from './monitor';
import { watchNodeInlet, type Inlet } from './node-inlet';
import { watchNodeOutlet, watchNodeSource } from './node-outlet';
import { watchNodePull, watchNodeRelay } from './node-pull';
import type { NodeStream } from './node-stream';
import { NodeOutlet, QueuedOutlet, type Outlet } from './outlet';
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
  readonly #stages: readonly unknown[];
  readonly #works: readonly Work[];
  /** The way out of each component, from where the next one takes. */
  readonly #outlets: Outlet[];
  /** The same of those that are iterated over. */
  readonly #queues: readonly QueuedOutlet[];
  /** The way into each component that is a stream. */
  readonly #inlets: (Inlet | null)[] = [];
  /** The components that are functions. */
  readonly #functions: readonly (FunctionStage | null)[];

  /** @param stages - checked */
  constructor(watch: Watch, stages: readonly unknown[]) {
    const { flow } = watch;
    this.#watch = watch;
    this.#flow = flow;
    this.#stages = stages;
    this.#works = stages.map((_, i) => new Work(flow, watch.batches, i));
    this.#queues = this.#works.map((work) => new QueuedOutlet(work));
    this.#outlets = [...this.#queues];
    this.#functions = stages.map((stage, i) => {
      if (typeof stage !== 'function') return null;
      const probe = flow.streamProbes[i - 1] ?? null;
      return new FunctionStage(watch, this.#works[i]!, this.#queues[i]!, probe);
    });
    for (const work of this.#works) watch.add(work);
  }

  /** The stages, observed: themselves, or what is to stand in their places. */
  observe(): unknown[] {
    return this.#stages.map((stage, i) => {
      if (typeof stage === 'function') return this.#callable(stage as Method, i);
      if (i === 0) return this.#producer(stage, i);
      if (kindOf(stage) === 'node') this.#node(stage as NodeStream, i);
      else this.#web(stage as object, i);
      return stage;
    });
  }

  /** A Node stream behind another stage. */
  #node(target: NodeStream, index: number): void {
    const watch = this.#watch;
    const work = this.#works[index]!;
    monitor(watch, target, work);
    const outlet = this.#nodeOutlet(target, index);
    this.#inlets[index] = watchNodeInlet({
      watch,
      target,
      work,
      upstream: this.#outlets[index - 1]!,
      probe: this.#flow.streamProbes[index - 1]!,
      outlet: outlet instanceof NodeOutlet ? outlet : null,
      isAlone: false,
    });
  }

  /** A web stream behind another stage. */
  #web(stream: object, index: number): void {
    const watch = this.#watch;
    const isLast = index === this.#works.length - 1;
    const inlet = new WebInlet(
      {
        watch,
        work: this.#works[index]!,
        upstream: this.#outlets[index - 1]!,
        probe: this.#flow.streamProbes[index - 1]!,
      },
      isLast ? null : this.#queues[index]!,
    );
    this.#inlets[index] = inlet;
    inlet.attach(writableEnd(stream));
    if (!isLast) watchWebReadable(watch, readableEnd(stream), this.#pulled(inlet, index));
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
      case 'web': {
        const listener = this.#pulled(this.#listener(index), index);
        watchWebReadable(watch, readableEnd(value as object), listener);
        return value;
      }
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

  #nodeOutlet(target: NodeStream, index: number): Outlet | null {
    const watch = this.#watch;
    const work = this.#works[index]!;
    const isLast = index === this.#works.length - 1;
    if (isLast || !isReadableNode(target)) return null;
    const outlet =
      index === 0
        ? watchNodeSource(watch, target, work, kindOf(this.#stages[1]) === 'node')
        : watchNodeOutlet(watch, target, work);
    this.#connect(outlet, index);
    if (!(outlet instanceof NodeOutlet)) return outlet;
    const consumer = this.#functions[index + 1];
    const probe = this.#flow.streamProbes[index]!;
    if (consumer) watchNodePull({ watch, target, outlet, probe, consumer });
    else if (kindOf(this.#stages[index + 1]) === 'web') {
      this.#connect(watchNodeRelay(watch, target, outlet), index);
    }
    return outlet;
  }

  /** From now on, the next component takes from there: it may be observed already. */
  #connect(outlet: Outlet, index: number): void {
    this.#outlets[index] = outlet;
    this.#inlets[index + 1]?.connect(outlet);
  }

  /** What listens to a component that is iterated over. */
  #listener(index: number): PullListener {
    if (index > 0) return this.#functions[index]!;
    return new PulledSource(this.#watch, this.#works[index]!, this.#queues[index]!);
  }

  /** The same, with the function after it, where that is one. */
  #pulled(listener: PullListener, index: number): PullListener {
    const consumer = this.#functions[index + 1];
    if (!consumer) return listener;
    return new Pull(this.#watch, listener, this.#queues[index]!, consumer);
  }
}
