/** The pieces of a torrent in a file, and what reading, writing and hashing them costs. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PIECE_BYTES } from './torrent.mjs';

// So many pieces are kept in memory: less than a torrent has.
const CACHED_PIECES = 2;

export class Store {
  #torrent;
  #disk;
  #file;
  #cache = new Map();
  /** Numbers of the pieces that are in the file. */
  have = new Set();
  /** Everything that was done, in order: `{ job, bytes, tookUs }`, of hashes also `isRight`. */
  log = [];
  /** Jobs that the disk has not finished. */
  pending = 0;

  /** @param disk The handles of the catalog's `disk`. */
  constructor(torrent, disk) {
    this.#torrent = torrent;
    this.#disk = disk;
  }

  /** @param {string} path @param {Iterable<number>} have What is in the file already. */
  async open(path, have = []) {
    this.have = new Set(have);
    this.#file = await open(path, this.have.size > 0 ? 'r+' : 'w+');
  }

  get isComplete() {
    return this.have.size === this.#torrent.hashes.length;
  }

  /** A part of a piece. */
  async read(piece, begin, length) {
    const cached = this.#cache.get(piece);
    this.log.push({ job: cached ? 'hit' : 'miss' });
    if (cached) this.#disk.cache_hits.inc();
    else this.#disk.cache_misses.inc();
    const bytes = cached ?? (await this.#readPiece(piece));
    return bytes.subarray(begin, begin + length);
  }

  async write(piece, bytes) {
    this.#disk.write_buffer_bytes.add(bytes.length);
    await this.#job('write', bytes.length, () =>
      this.#file.write(bytes, 0, bytes.length, piece * PIECE_BYTES),
    );
    this.#disk.write_buffer_bytes.add(-bytes.length);
    this.#disk.write_count.inc();
    this.#disk.write_bytes.add(bytes.length);
    this.have.add(piece);
  }

  /** Whether bytes are what the torrent promises. */
  isRight(piece, bytes) {
    this.#disk.hash_count.inc();
    const isRight = createHash('sha1').update(bytes).digest().equals(this.#torrent.hashes[piece]);
    this.log.push({ job: 'hash', bytes: bytes.length, isRight });
    return isRight;
  }

  close() {
    return this.#file.close();
  }

  async #readPiece(piece) {
    const bytes = Buffer.alloc(PIECE_BYTES);
    await this.#job('read', PIECE_BYTES, () =>
      this.#file.read(bytes, 0, PIECE_BYTES, piece * PIECE_BYTES),
    );
    this.#disk.read_count.inc();
    this.#disk.read_bytes.add(PIECE_BYTES);
    this.#cache.set(piece, bytes);
    if (this.#cache.size > CACHED_PIECES) this.#cache.delete(this.#cache.keys().next().value);
    return bytes;
  }

  async #job(job, bytes, work) {
    this.#disk.queue_depth.inc();
    this.pending += 1;
    const startedMs = performance.now();
    await work();
    // Whole microseconds, so that they can be added up in any order.
    const tookUs = Math.round((performance.now() - startedMs) * 1000);
    this.#disk.queue_depth.dec();
    this.pending -= 1;
    this.#disk.job_time_us.add(tookUs);
    this.log.push({ job, bytes, tookUs });
  }
}
