/** What a component has put out and the next one has not yet taken: the origins of its chunks. */
import type { StreamProbe } from '../probe';
import type { NodeStream } from './node-stream';
import { Ring } from './ring';
import type { Work } from './work';

/** The way out of one component. */
export interface Outlet {
  /** Whose it is; `null` where that is not observed. */
  readonly work: Work | null;
  /** The origin of a chunk that the next component takes now; NaN where that is not known. */
  take(chunk: unknown): number;
}

/** Chunks that are known one by one, in their order. */
export class QueuedOutlet implements Outlet {
  readonly work: Work | null;
  readonly #kept = new Ring();

  constructor(work: Work | null) {
    this.work = work;
  }

  /** A chunk has been put out. */
  keep(originNs: number): void {
    this.#kept.push(originNs, NaN);
  }

  take(): number {
    const kept = this.#kept;
    if (kept.size === 0) return NaN;
    const { originNs } = kept;
    kept.shift();
    return originNs;
  }
}

/** Old streams have no buffer and no `push`: their chunks are seen where they arrive. */
export class UnseenOutlet implements Outlet {
  readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  take(): number {
    this.work.probe.invoked(0);
    return NaN;
  }
}

/**
 * The way out of a Node stream, told by the length of its buffer: what has come into the buffer
 * since one looked last has the origin that the component's outputs had all that time. So one looks
 * before that origin changes, and when a chunk is taken; a chunk that goes right through costs a
 * look, and no place in the queue.
 */
export class NodeOutlet implements Outlet {
  readonly work: Work;
  /** Since when the chunk that was taken last had been here: nanoseconds; NaN where it was not. */
  enteredNs = NaN;
  /** The queue whose depth this is, where the next component reads from here and nowhere else. */
  probe: StreamProbe | null = null;
  readonly #target: NodeStream;
  /** Whether chunks are counted by their lengths: they may be merged or cut. */
  readonly #isBytes: boolean;
  readonly #kept = new Ring();
  /** In bytes, how long each kept chunk is. */
  readonly #lengths: number[] = [];
  /** How much of the buffer the queue knows of. */
  #known = 0;

  constructor(target: NodeStream, work: Work) {
    this.#target = target;
    this.work = work;
    this.#isBytes = target.readableObjectMode === false;
  }

  /** Chunks that wait, as far as they are known apart. */
  get size(): number {
    return this.#kept.size;
  }

  /** Looks at what has come into the buffer. */
  look(nowNs: number): void {
    const length = this.#target.readableLength!;
    if (length !== this.#known) this.#follow(length, nowNs);
  }

  take(chunk: unknown): number {
    const left = this.#target.readableLength!;
    this.work.hasGiven = true;
    if (left === 0 && this.#known === 0) {
      this.enteredNs = NaN;
      return this.work.originNs;
    }
    return this.#takeKept(left, this.#isBytes ? lengthOf(chunk) : 1);
  }

  /** Forgets everything, and sees what is in the buffer as new. */
  reset(nowNs: number): void {
    this.#kept.clear();
    this.#lengths.length = 0;
    this.#known = 0;
    const { originNs } = this.work;
    this.work.originNs = nowNs;
    this.look(nowNs);
    this.work.originNs = originNs;
  }

  #takeKept(left: number, units: number): number {
    const kept = this.#kept;
    if (left + units !== this.#known) this.#follow(left + units, NaN);
    // An empty chunk, at most.
    if (kept.size === 0) return this.work.originNs;
    const { originNs } = kept;
    this.enteredNs = kept.enteredNs;
    if (this.#isBytes) this.#drop(units);
    else {
      kept.shift();
      this.#known--;
    }
    if (this.probe !== null) this.probe.setDepth(kept.size);
    return originNs;
  }

  /** Takes it that the buffer is so long: what is more came last, what is less has gone first. */
  #follow(length: number, nowNs: number): void {
    const more = length - this.#known;
    if (more < 0) {
      this.#drop(-more);
      return;
    }
    const { originNs } = this.work;
    this.work.hasGiven = true;
    this.#known = length;
    if (this.#isBytes) {
      this.#kept.push(originNs, nowNs);
      this.#lengths.push(more);
    } else for (let i = 0; i < more; i++) this.#kept.push(originNs, nowNs);
    if (this.probe !== null) this.probe.setDepth(this.#kept.size);
  }

  #drop(units: number): void {
    const kept = this.#kept;
    const lengths = this.#lengths;
    this.#known -= units;
    let left = units;
    while (kept.size > 0 && left > 0) {
      const length = this.#isBytes ? lengths[0]! : 1;
      if (length > left) {
        lengths[0] = length - left;
        return;
      }
      left -= length;
      kept.shift();
      if (this.#isBytes) lengths.shift();
    }
  }
}

function lengthOf(chunk: unknown): number {
  const { length } = chunk as { length?: unknown };
  return typeof length === 'number' ? length : 0;
}
