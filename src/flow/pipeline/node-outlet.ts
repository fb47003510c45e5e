/** Watches what Node streams put out. */
import type { NodeStream } from './node-stream';
import { NodeOutlet, UnseenOutlet, type Outlet } from './outlet';
import type { Method, Shadow } from './shadow';
import type { Pending, Watch } from './watch';
import type { Work } from './work';

/**
 * Watches the source of a pipeline: a chunk that it pushes is an invocation.
 *
 * @param isPiped - whether a Node stream takes its chunks
 */
export function watchNodeSource(
  watch: Watch,
  target: NodeStream,
  work: Work,
  isPiped: boolean,
): Outlet {
  if (target._readableState === undefined) return watchLegacySource(watch, target, work);
  const source = new NodeSource(watch, target, work, isPiped);
  source.attach();
  return source.outlet;
}

// So many calls of `_read` in a row that push one chunk each, and the rest is taken to do so too.
const STEADY = 4;

/**
 * A source is watched at `push()` and `_read()`. One that pushes one object each time that it is
 * asked, before it answers, is soon watched at `_read()` only: it has pushed when that has returned,
 * and the time is that of the next reading of the clock, which is made when the next component takes
 * a chunk; Node sees to that right away.
 */
class NodeSource implements Pending {
  readonly outlet: NodeOutlet;
  readonly #watch: Watch;
  readonly #target: NodeStream;
  readonly #work: Work;
  readonly #isBytes: boolean;
  /** Whether it may be watched at `_read` only. */
  #mayBeLean: boolean;
  #isLean = false;
  #pushes: Shadow | null = null;
  /** How many chunks it has pushed, as far as that is watched. */
  #pushed = 0;
  #steady = 0;

  constructor(watch: Watch, target: NodeStream, work: Work, isPiped: boolean) {
    this.outlet = new NodeOutlet(target, work);
    this.#watch = watch;
    this.#target = target;
    this.#work = work;
    this.#isBytes = target.readableObjectMode === false;
    this.#mayBeLean = isPiped && !this.#isBytes;
  }

  attach(): void {
    const watch = this.#watch;
    const target = this.#target;
    const ended = (): void => {
      watch.drain();
    };
    target.on('end', ended);
    watch.onEnd(() => target.removeListener('end', ended));
    watch.sentinel(target, '_read', (read) => NodeSource.#read(this, read));
    this.#pushes = watch.shadow(target, 'push', (push) => NodeSource.#push(this, push));
    let isFirst = true;
    watch.onStart(() => {
      this.outlet.reset(watch.now());
      this.#isLean = false;
      this.#steady = 0;
      // What it had read before the pipeline began is its work too.
      if (isFirst) for (let i = 0; i < this.outlet.size; i++) this.#work.probe.invoked(0);
      isFirst = false;
    });
  }

  settle(nowNs: number): void {
    const work = this.#work;
    work.step(nowNs);
    work.originNs = nowNs;
    work.startNs = nowNs;
  }

  static #push(source: NodeSource, push: Method): Method {
    const { outlet } = source;
    const watch = source.#watch;
    const work = source.#work;
    return function (this: unknown, chunk, encoding) {
      if (chunk === null) watch.drain();
      if (chunk === null || source.#isNothing(chunk)) return push.call(this, chunk, encoding);
      source.#pushed++;
      const nowNs = watch.now();
      // What it pushed before has an origin of its own.
      outlet.look(work.originNs);
      source.settle(nowNs);
      watch.isFresh = true;
      const more = push.call(this, chunk, encoding);
      watch.isFresh = false;
      // It goes on from here if it pushes again before it is asked to.
      work.startNs = watch.lastNs;
      work.isOpen = more !== false;
      return more;
    };
  }

  static #read(source: NodeSource, read: Method): Method {
    const { outlet } = source;
    const watch = source.#watch;
    const target = source.#target;
    const work = source.#work;
    return function (this: unknown, size) {
      if (!watch.isLive()) return read.call(this, size);
      watch.settle();
      outlet.look(work.originNs);
      const pushed = source.#pushed;
      const length = target.readableLength!;
      work.isOpen = true;
      // Whatever has run since the clock was read in this turn is hardly more than Node's own code.
      work.startNs = watch.isRecent() ? watch.lastNs : watch.now();
      let result: unknown;
      try {
        result = read.call(this, size);
      } catch (error) {
        watch.fail(work, error);
        throw error;
      }
      if (source.#isLean) source.#count(target.readableLength! - length);
      else if (source.#mayBeLean) source.#learn(source.#pushed - pushed);
      return result;
    };
  }

  /** It has pushed so many in a call of `_read` that was watched alone. */
  #count(pushed: number): void {
    const work = this.#work;
    if (pushed === 1) {
      work.isOpen = false;
      this.#watch.wait(this);
      return;
    }
    // It is no such source after all: from now on each push is watched.
    if (pushed > 1) {
      this.#watch.wait(this);
      for (let i = 1; i < pushed; i++) work.probe.invoked(0);
    }
    this.#isLean = false;
    this.#mayBeLean = false;
    this.#pushes?.set();
  }

  /** It has pushed so many in a call of `_read`. */
  #learn(pushed: number): void {
    if (pushed === 1) {
      if (++this.#steady < STEADY) return;
      this.#isLean = true;
      this.#pushes?.restore();
    } else this.#mayBeLean = false;
  }

  /** In bytes, no chunk: a sign that something may come. */
  #isNothing(chunk: unknown): boolean {
    if (!this.#isBytes) return false;
    return chunk === undefined || (chunk as { readonly length?: unknown }).length === 0;
  }
}

/** Watches a stream in the middle of a pipeline: what it pushes descends from what it took. */
export function watchNodeOutlet(watch: Watch, target: NodeStream, work: Work): NodeOutlet {
  const outlet = new NodeOutlet(target, work);
  if (typeof Reflect.get(target, '_flush') === 'function') {
    watch.shadow(
      target,
      '_flush',
      (flush) =>
        function (this: unknown, callback) {
          outlet.look(watch.now());
          work.settle();
          return flush.call(this, callback);
        },
    );
  }
  watch.onStart(() => {
    outlet.reset(watch.now());
  });
  return outlet;
}

function watchLegacySource(watch: Watch, target: NodeStream, work: Work): Outlet {
  const ended = (): void => {
    watch.drain();
  };
  target.on('end', ended);
  watch.onEnd(() => target.removeListener('end', ended));
  return new UnseenOutlet(work);
}
