/**
 * Watches web streams from outside, by the methods through which a pipeline uses them: nothing is
 * put between, so nothing more is queued.
 *
 * A web stream does not tell when it takes a chunk: writing is done one chunk after the other, so a
 * chunk is taken when it has been written and the one before it is done; in a transform stream not
 * before something has been asked of its other end, either.
 */
import type { StreamProbe } from '../probe';
import type { Inlet } from './node-inlet';
import type { Outlet, QueuedOutlet } from './outlet';
import { observe, WatchedIterator, type PullListener } from './pull';
import { Ring } from './ring';
import type { Method } from './shadow';
import type { Watch } from './watch';
import { elapsed, type Work } from './work';

/** Watches the readable end of a web stream: by iteration, or by a reader. */
export function watchWebReadable(watch: Watch, stream: object, listener: PullListener): void {
  const iterate =
    (make: Method): Method =>
    (options) =>
      new WatchedIterator(make.call(stream, options) as object, watch, listener);
  watch.sentinel(stream, Symbol.asyncIterator, iterate);
  watch.sentinel(stream, 'values', iterate);
  watch.sentinel(stream, 'getReader', (getReader) => (options) => {
    const reader = getReader.call(stream, options) as object;
    const iterator = { next: Reflect.get(reader, 'read') as () => unknown };
    watch.sentinel(reader, 'read', () => {
      const watched = new WatchedIterator(
        { next: (...args: unknown[]) => Reflect.apply(iterator.next, reader, args) as unknown },
        watch,
        listener,
      );
      return (...args) => watched.next(...args);
    });
    return reader;
  });
}

/** What is to be known of the writable end of a web stream. */
export interface WebInletParts {
  readonly watch: Watch;
  readonly work: Work;
  readonly upstream: Outlet;
  readonly probe: StreamProbe;
}

interface Writer {
  readonly desiredSize: number | null;
  readonly ready: Promise<unknown>;
  readonly closed: Promise<unknown>;
}

/** The writable end of a web stream, and where it is a transform stream, its readable end too. */
export class WebInlet implements PullListener, Inlet {
  readonly #watch: Watch;
  readonly #work: Work;
  #upstream: Outlet;
  readonly #probe: StreamProbe;
  /** Its way out; `null` for the last component. */
  readonly #outlet: QueuedOutlet | null;
  /** Written, and not yet done: the first of them is being worked on. */
  readonly #written = new Ring();
  #isOver = false;
  #isStopped = false;
  #isPressed = false;
  /** Whether it has given anything for the input that it is at. */
  #hasOutput = false;
  /** How many values are asked for and have not come. */
  #asked = 0;

  constructor({ watch, work, upstream, probe }: WebInletParts, outlet: QueuedOutlet | null) {
    this.#watch = watch;
    this.#work = work;
    this.#upstream = upstream;
    this.#probe = probe;
    this.#outlet = outlet;
    watch.onEnd(() => {
      this.#release();
      if (this.#written.size > 1) probe.setDepth(0);
      this.#isOver = true;
    });
  }

  connect(upstream: Outlet): void {
    this.#upstream = upstream;
  }

  /** Watches the writers of a stream. */
  attach(writable: object): void {
    this.#watch.sentinel(writable, 'getWriter', (getWriter) => () => {
      const writer = getWriter.call(writable) as Writer;
      observe(writer.closed, ignore, this.#failed);
      this.#watch.sentinel(writer, 'write', (write) => this.#write(writer, write));
      return writer;
    });
  }

  asked(): void {
    const work = this.#work;
    // What waited for this has begun only now.
    if (this.#asked++ === 0 && work.isOpen && !this.#hasOutput) work.startNs = this.#watch.now();
  }

  gave(): void {
    const work = this.#work;
    this.#asked--;
    this.#hasOutput = true;
    work.hasGiven = true;
    const nowNs = this.#watch.now();
    this.#outlet?.keep(Number.isNaN(work.originNs) ? nowNs : work.originNs);
  }

  ended(): void {
    this.#asked = 0;
  }

  failed(error: unknown): void {
    // Who wants no more cancels it, and its other end fails of that.
    if (!this.#isStopped) this.#watch.fail(this.#work, error);
  }

  stopped(): void {
    this.#asked = 0;
    this.#isStopped = true;
  }

  readonly #failed = (error: unknown): void => {
    this.failed(error);
  };

  readonly #done = (): void => {
    const work = this.#work;
    const written = this.#written;
    if (this.#isOver || written.size === 0) return;
    const nowNs = this.#watch.now();
    this.#probe.transferred(elapsed(written.enteredNs, work.startNs));
    written.shift();
    if (written.size > 0) this.#probe.setDepth(written.size - 1);
    if (work.isOpen) {
      work.end(nowNs);
      work.settle();
    }
    this.#hasOutput = false;
    if (written.size > 0) work.begin(written.originNs, nowNs);
  };

  #write(writer: Writer, write: Method): Method {
    return (chunk) => {
      if (!this.#watch.isLive()) return write.call(writer, chunk);
      const knownNs = this.#upstream.take(chunk);
      const nowNs = this.#watch.now();
      const originNs = Number.isNaN(knownNs) ? nowNs : knownNs;
      const written = this.#written;
      written.push(originNs, nowNs);
      if (written.size === 1) this.#work.begin(originNs, nowNs);
      else this.#probe.setDepth(written.size - 1);
      const result = write.call(writer, chunk);
      observe(result, this.#done, this.#failed);
      if (writer.desiredSize !== null && writer.desiredSize <= 0) this.#press(writer.ready);
      return result;
    };
  }

  #press(ready: Promise<unknown>): void {
    if (this.#isPressed || this.#isOver) return;
    this.#isPressed = true;
    this.#probe.pressed();
    const release = (): void => {
      this.#release();
    };
    observe(ready, release, release);
  }

  #release(): void {
    if (!this.#isPressed) return;
    this.#isPressed = false;
    this.#probe.released();
  }
}

function ignore(): void {
  // Nothing is to be done.
}
