/**
 * Watches what goes into a Node stream: from `write()`, through its own buffer, to the method that
 * takes it, and to that method's callback.
 */
import { Transform } from 'node:stream';
import type { StreamProbe } from '../probe';
import type { Batch } from './batch';
import type { NodeStream } from './node-stream';
import type { NodeOutlet, Outlet } from './outlet';
import { Ring } from './ring';
import type { Method } from './shadow';
import type { Watch } from './watch';
import { elapsed, type Work } from './work';

/** What is to be known of a stream that is watched at its way in. */
export interface InletParts {
  readonly watch: Watch;
  readonly target: NodeStream;
  readonly work: Work;
  /** Where its chunks come from. */
  readonly upstream: Outlet;
  /** The queue before it. */
  readonly probe: StreamProbe;
  /** Its way out; `null` where none is observed. */
  readonly outlet: NodeOutlet | null;
  /** Whether it is all of its pipeline that is observed. */
  readonly isAlone: boolean;
}

/** A stream's way in, under observation. */
export interface Inlet {
  /** Its chunks come from there from now on. */
  connect(upstream: Outlet): void;
}

type Callback = (error?: unknown, value?: unknown) => unknown;

// eslint-disable-next-line @typescript-eslint/unbound-method -- compared, never called
const writeOfTransform = Transform.prototype._write;

/** Watches a stream's way in, for as long as its pipeline is watched. */
export function watchNodeInlet(parts: InletParts): Inlet {
  const inlet = new NodeInlet(parts);
  inlet.attach();
  return inlet;
}

class NodeInlet implements Inlet {
  readonly #watch: Watch;
  readonly #target: NodeStream;
  readonly #work: Work;
  #upstream: Outlet;
  readonly #probe: StreamProbe;
  readonly #outlet: NodeOutlet | null;
  readonly #waits: Batch;
  /** Chunks that have not waited. */
  #straight = 0;
  readonly #isAlone: boolean;
  /** Whether chunks may wait. */
  #isQueueing = false;
  /** Written, and not yet taken. */
  readonly #waiting = new Ring();
  /** Taken together, by `_writev`. */
  readonly #batch = new Ring();
  /** Whether a chunk is being written, and has not been taken. */
  #isHanded = false;
  #handedOriginNs = NaN;
  #handedNs = NaN;
  #isPressed = false;

  constructor({ watch, target, work, upstream, probe, outlet, isAlone }: InletParts) {
    this.#watch = watch;
    this.#target = target;
    this.#work = work;
    this.#upstream = upstream;
    this.#probe = probe;
    this.#outlet = outlet;
    this.#waits = watch.batches.make((values, count) => {
      probe.transferredAll(values, count);
    });
    this.#isAlone = isAlone;
    // What passes is worked on, which is added to another batch.
    watch.batches.also(() => {
      if (this.#straight === 0) return;
      probe.passed(this.#straight);
      this.#straight = 0;
    });
  }

  connect(upstream: Outlet): void {
    this.#upstream = upstream;
  }

  attach(): void {
    const watch = this.#watch;
    const target = this.#target;
    const drained = (): void => {
      this.#release();
    };
    // Before the producer's listener goes on.
    target.prependListener('drain', drained);
    watch.onEnd(() => {
      target.removeListener('drain', drained);
      this.#clear();
    });
    watch.onStart(() => {
      this.#findBuffered();
    });
    if (!has(target, '_write')) {
      watch.shadow(target, 'write', (method) => NodeInlet.#legacyWrite(this, method));
      return;
    }
    const isTransform =
      has(target, '_transform') && Reflect.get(target, '_write') === writeOfTransform;
    if (isTransform) {
      watch.shadow(target, '_transform', (method) => NodeInlet.#transform(this, method));
    } else watch.shadow(target, '_write', (method) => NodeInlet.#takeOne(this, method));
    if (has(target, '_writev')) {
      watch.shadow(target, '_writev', (method) => NodeInlet.#takeMany(this, method));
    }
    if (this.#isAlone) this.#queue();
  }

  /**
   * From now on chunks may wait: `write()` is watched too. While a stream takes each chunk at once,
   * which is while it has answered each before it returned, that would tell nothing more.
   */
  #queue(): void {
    if (this.#isQueueing) return;
    this.#isQueueing = true;
    this.#watch.shadow(this.#target, 'write', (method) => NodeInlet.#write(this, method));
    // What is being written now may be the first that is too much.
    void Promise.resolve().then(() => {
      if (this.#target.writableNeedDrain === true) this.#press();
    });
  }

  static #write(inlet: NodeInlet, method: Method): Method {
    const watch = inlet.#watch;
    return function (this: unknown, chunk, encoding, callback) {
      const nowNs = watch.nowIfStale();
      const originNs = inlet.#upstream.take(chunk);
      inlet.#isHanded = true;
      inlet.#handedOriginNs = Number.isNaN(originNs) ? nowNs : originNs;
      inlet.#handedNs = nowNs;
      const accepted = method.call(this, chunk, encoding, callback);
      if (inlet.#isHanded) inlet.#keep();
      if (accepted === false) inlet.#press();
      inlet.#leave(nowNs);
      return accepted;
    };
  }

  /** For what has a `write()` and none of the rest: the call is the work. */
  static #legacyWrite(inlet: NodeInlet, method: Method): Method {
    const watch = inlet.#watch;
    const work = inlet.#work;
    return function (this: unknown, chunk, encoding, callback) {
      const nowNs = watch.now();
      const originNs = inlet.#upstream.take(chunk);
      inlet.#straight++;
      work.begin(Number.isNaN(originNs) ? nowNs : originNs, nowNs);
      let accepted: unknown;
      try {
        accepted = method.call(this, chunk, encoding, callback);
      } catch (error) {
        watch.fail(work, error);
        throw error;
      }
      if (work.isOpen) work.end(watch.now());
      if (accepted === false) inlet.#press();
      return accepted;
    };
  }

  static #transform(inlet: NodeInlet, method: Method): Method {
    const watch = inlet.#watch;
    const work = inlet.#work;
    return function (this: unknown, chunk, encoding, callback) {
      inlet.#take(chunk);
      const { startNs } = work;
      work.isInside = true;
      try {
        const result = method.call(this, chunk, encoding, (error?: unknown, value?: unknown) => {
          inlet.#done(error);
          watch.isFresh = true;
          (callback as Callback)(error, value);
          watch.isFresh = false;
        });
        work.isInside = false;
        if (!inlet.#isQueueing) inlet.#passed(startNs);
        return result;
      } catch (error) {
        work.isInside = false;
        watch.fail(work, error);
        throw error;
      }
    };
  }

  static #takeOne(inlet: NodeInlet, method: Method): Method {
    const work = inlet.#work;
    // Node gives the same callback with every chunk.
    let known: unknown;
    let done: Callback | undefined;
    return function (this: unknown, chunk, encoding, callback) {
      inlet.#take(chunk);
      const { startNs } = work;
      if (callback !== known || done === undefined) {
        known = callback;
        done = (error) => {
          inlet.#done(error);
          if (!work.isSink) inlet.#settle();
          return (callback as Callback)(error);
        };
      }
      try {
        const result = method.call(this, chunk, encoding, done);
        if (!inlet.#isQueueing) inlet.#passed(startNs);
        return result;
      } catch (error) {
        inlet.#watch.fail(work, error);
        throw error;
      }
    };
  }

  static #takeMany(inlet: NodeInlet, method: Method): Method {
    const work = inlet.#work;
    return function (this: unknown, chunks, callback) {
      // Within _write, which is how a stream that has only _writev takes one chunk.
      if (work.isOpen) return method.call(this, chunks, callback);
      inlet.#queue();
      inlet.#takeBatch((chunks as readonly unknown[]).length);
      const done: Callback = (error) => {
        inlet.#batchDone(error);
        return (callback as Callback)(error);
      };
      try {
        return method.call(this, chunks, done);
      } catch (error) {
        inlet.#watch.fail(work, error);
        throw error;
      }
    };
  }

  /** The chunk that is being written has not been taken: it waits. */
  #keep(): void {
    const waiting = this.#waiting;
    this.#isHanded = false;
    waiting.push(this.#handedOriginNs, this.#handedNs);
    // A stream that writes on its own account may have dropped some.
    const count = this.#target._writableState?.bufferedRequestCount ?? waiting.size;
    while (waiting.size > count && waiting.size > 1) waiting.shift();
    this.#probe.setDepth(waiting.size);
  }

  #take(chunk: unknown): void {
    const work = this.#work;
    if (!this.#isQueueing) {
      const nowNs = this.#watch.nowIfStale();
      const originNs = this.#upstream.take(chunk);
      if (this.#outlet !== null) this.#outlet.look(nowNs);
      this.#straight++;
      work.begin(Number.isNaN(originNs) ? nowNs : originNs, nowNs);
    } else if (this.#isHanded) {
      this.#isHanded = false;
      const nowNs = this.#handedNs;
      if (this.#outlet !== null) this.#outlet.look(nowNs);
      this.#straight++;
      work.begin(this.#handedOriginNs, nowNs);
    } else this.#takeWaiting();
  }

  /** A chunk has been taken while it was written. */
  #passed(startNs: number): void {
    if (this.#work.isOpen) this.#queue();
    this.#leave(startNs);
  }

  /** Back to whoever has written: what has been worked here is none of its work. */
  #leave(sinceNs: number): void {
    const producer = this.#upstream.work;
    if (producer?.isInside === true && producer.isOpen) {
      producer.startNs += this.#watch.lastNs - sinceNs;
    }
  }

  #takeWaiting(): void {
    const nowNs = this.#watch.now();
    if (this.#outlet !== null) this.#outlet.look(nowNs);
    const originNs = this.#shift(nowNs);
    this.#probe.setDepth(this.#waiting.size);
    this.#work.begin(originNs, nowNs);
  }

  /** The origin of the chunk that has waited longest; it has come to an end. */
  #shift(nowNs: number): number {
    const waiting = this.#waiting;
    if (waiting.size === 0) {
      // Given to end(), which writes by itself.
      this.#straight++;
      return nowNs;
    }
    const { originNs, enteredNs } = waiting;
    waiting.shift();
    this.#waits.add(nowNs - enteredNs);
    return originNs;
  }

  /** What it gives out from now on is of no one input. */
  #settle(): void {
    if (this.#outlet !== null) this.#outlet.look(this.#watch.lastNs);
    this.#work.settle();
  }

  #done(error: unknown): void {
    const work = this.#work;
    if (error) this.#watch.fail(work, error);
    else if (work.isOpen) work.end(this.#watch.now());
  }

  #takeBatch(count: number): void {
    const batch = this.#batch;
    const nowNs = this.#watch.now();
    if (this.#outlet !== null) this.#outlet.look(nowNs);
    batch.clear();
    for (let i = 0; i < count; i++) batch.push(this.#shift(nowNs), nowNs);
    this.#probe.setDepth(this.#waiting.size);
    this.#work.begin(count > 0 ? batch.originNs : nowNs, nowNs);
  }

  /** An invocation for each chunk of the batch, of equal parts of its time. */
  #batchDone(error: unknown): void {
    const work = this.#work;
    if (error) {
      this.#watch.fail(work, error);
      return;
    }
    if (!work.isOpen) return;
    const batch = this.#batch;
    const nowNs = this.#watch.now();
    const startNs = nowNs - elapsed(work.startNs, nowNs) / batch.size;
    while (batch.size > 0) {
      work.originNs = batch.originNs;
      work.startNs = startNs;
      work.end(nowNs);
      batch.shift();
    }
    if (!work.isSink) this.#settle();
  }

  #press(): void {
    // A stream that has failed says no too, and nobody waits for it.
    if (this.#isPressed || this.#target.writableNeedDrain === false) return;
    this.#isPressed = true;
    this.#probe.pressed();
  }

  #release(): void {
    if (!this.#isPressed) return;
    this.#isPressed = false;
    this.#probe.released();
  }

  #findBuffered(): void {
    this.#clear();
    const nowNs = this.#watch.now();
    const state = this.#target._writableState;
    const count = state?.bufferedRequestCount ?? 0;
    for (let i = 0; i < count; i++) this.#waiting.push(nowNs, nowNs);
    // Busy, or not yet made: see `write()`.
    if (
      this.#target.writableLength !== 0 ||
      state?.constructed === false ||
      this.#target.writableCorked !== 0
    )
      this.#queue();
    if (count > 0) this.#probe.setDepth(count);
    if (this.#target.writableNeedDrain === true) this.#press();
  }

  #clear(): void {
    this.#release();
    if (this.#waiting.size > 0) this.#probe.setDepth(0);
    this.#waiting.clear();
    this.#isHanded = false;
  }
}

function has(target: object, name: string): boolean {
  return typeof Reflect.get(target, name) === 'function';
}
