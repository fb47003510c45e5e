/**
 * The memory of one meter, shared by all threads of the process: a growable SharedArrayBuffer cut
 * into blocks of 64 KiB that never move.
 *
 * ```text
 * store     block 0    header: words, the inspection text, the table of lanes
 *           block n    of one lane: its index, a part of its directory, cells, events, or spans
 *                    of all: texts
 *
 * header    0     int32 words, see `Word`
 *           64    cells, see `HeaderCell`
 *           1024  inspection: length in bytes (int32), then JSON
 *           4096  lanes: [state, thread id, index block, -] as int32, MAX_LANES times
 *           20480 what threads share of tracing: see `crates/core/src/layout/spans.rs`
 * ```
 *
 * Threads find the store in the environment data of worker_threads, which a new thread gets a
 * copy of when it is started; so no message is needed, and a thread that is stuck is read like any
 * other. Views of fixed length over a growable buffer are as fast as over an ordinary one.
 */
import type { Views } from '../backend/backend';
import { CELLS_PER_BLOCK, TRACING_EXEMPLARS } from '../generated/layout';
import { NanometerError } from '../errors';

/** Size of a block in bytes. */
export const BLOCK_BYTES = CELLS_PER_BLOCK * 8;
/** The most lanes: threads that record at the same time. */
export const MAX_LANES = 1_024;
/** Int32 words of one row of the table of lanes. */
export const LANE_ROW_WORDS = 4;
/** Index of the first word of the table of lanes. */
export const LANE_TABLE = 4_096 / 4;

/** Int32 words of the header. All of them are read and written through Atomics. */
export const Word = {
  /** How many blocks are given out. */
  blocks: 0,
  /** The level: see `gates.ts`. */
  level: 1,
  /** The next stamp of a directory record, which orders records of all lanes. */
  sequence: 2,
  /** Grows with each change of any directory. */
  directories: 3,
  /** How many series were removed by one thread while another one may have held them. */
  removals: 4,
  /** The first block of the table of texts; 0 before the first text. */
  texts: 5,
  /** Where the next text goes, as a word of the whole store; 0 before the first. */
  textEnd: 6,
  /** How many lanes have memory for spans. */
  tracers: 7,
  /** How many blocks a flight ring has. */
  flightBlocks: 8,
  /** How many traces have been asked for, those included whose id is being written. */
  wanted: 9,
} as const;

/** Cells of the header: float64, unless they say otherwise. */
export const HeaderCell = {
  /** When the lease ends, Unix milliseconds; means nothing without a lease. */
  leaseEnds: 8,
  /** When the meter was opened, Unix milliseconds. */
  openedAt: 9,
  /** How many events have been given a number, as an int64: counted up by all threads. */
  events: 16,
} as const;

const TRACING_OFFSET = 20_480;
/** Up to the last cell that has a meaning. */
const TRACING_BYTES = (TRACING_EXEMPLARS + 1) * 8;
const INSPECTION_OFFSET = 1_024;
const INSPECTION_BYTES = 3_000;

// Address space, not memory: pages are taken when the store grows over them and they are touched.
const RESERVATIONS = [2 ** 30, 2 ** 28, 2 ** 26];

type GrowableBuffer = SharedArrayBuffer & {
  readonly maxByteLength: number;
  grow(bytes: number): void;
};
type GrowableConstructor = new (
  bytes: number,
  options: { maxByteLength: number },
) => GrowableBuffer;

/** The shared memory of one meter, as one thread sees it. Every thread makes its own `Store`. */
export class Store {
  /** What other threads are given to find this store. */
  readonly buffer: SharedArrayBuffer;
  /** The int32 words of the header and of the table of lanes. */
  readonly words: Int32Array;
  /** The float64 cells of the header. */
  readonly cells: Float64Array;
  /** What threads share of tracing. */
  readonly tracing: Views;

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, BLOCK_BYTES / 4);
    this.cells = new Float64Array(buffer, 0, CELLS_PER_BLOCK);
    this.tracing = {
      cells: new Float64Array(buffer, TRACING_OFFSET, TRACING_BYTES / 8),
      words: new Int32Array(buffer, TRACING_OFFSET, TRACING_BYTES / 4),
    };
  }

  /** New memory: an empty header and nothing else. */
  static create(): Store {
    const Growable = SharedArrayBuffer as unknown as GrowableConstructor;
    let refused: unknown;
    for (const maxByteLength of RESERVATIONS) {
      try {
        const store = new Store(new Growable(BLOCK_BYTES, { maxByteLength }));
        store.words[Word.blocks] = 1;
        return store;
      } catch (error) {
        refused = error;
      }
    }
    throw new NanometerError(
      'NANOMETER_CAPACITY',
      'no address space for the memory of a meter: at least 64 MiB are to be reserved',
      { cause: refused },
    );
  }

  /** The store behind a buffer that another thread made. */
  static join(buffer: SharedArrayBuffer): Store {
    return new Store(buffer);
  }

  /** The word that counts events. */
  get eventSequence(): BigInt64Array {
    return new BigInt64Array(this.buffer, HeaderCell.events * 8, 1);
  }

  /** Bytes given out so far. */
  get bytes(): number {
    return Atomics.load(this.words, Word.blocks) * BLOCK_BYTES;
  }

  /**
   * Gives out that many blocks in a row and returns the number of the first; `null` when the
   * reserved address space is used up.
   */
  allot(blocks: number): number | null {
    const first = Atomics.add(this.words, Word.blocks, blocks);
    const end = (first + blocks) * BLOCK_BYTES;
    const buffer = this.buffer as GrowableBuffer;
    if (end > buffer.maxByteLength) {
      Atomics.sub(this.words, Word.blocks, blocks);
      return null;
    }
    while (buffer.byteLength < end) {
      try {
        buffer.grow(end);
      } catch (error) {
        // Another thread has grown it further meanwhile, which refuses this length; or there is
        // no memory.
        if (buffer.byteLength < end) throw error;
      }
    }
    return first;
  }

  /** The cells of a block: fixed in length and place for ever. */
  blockCells(block: number): Float64Array {
    return new Float64Array(this.buffer, block * BLOCK_BYTES, CELLS_PER_BLOCK);
  }

  /** Some blocks in a row as int32 words. */
  blockWords(block: number, blocks = 1): Int32Array {
    return new Int32Array(this.buffer, block * BLOCK_BYTES, (blocks * BLOCK_BYTES) / 4);
  }

  /** The text that says where the inspection server answers; empty when there is none. */
  get inspectionText(): string {
    const length = Atomics.load(this.words, INSPECTION_OFFSET / 4);
    const shared = new Uint8Array(this.buffer, INSPECTION_OFFSET + 4, INSPECTION_BYTES);
    return new TextDecoder().decode(shared.slice(0, length));
  }

  set inspectionText(text: string) {
    const bytes = new TextEncoder().encode(text);
    const fits = bytes.length <= INSPECTION_BYTES;
    if (fits) new Uint8Array(this.buffer, INSPECTION_OFFSET + 4, INSPECTION_BYTES).set(bytes);
    Atomics.store(this.words, INSPECTION_OFFSET / 4, fits ? bytes.length : 0);
  }
}
