/**
 * Replicated state: entities that any replica may change alone, and that are merged when they meet.
 * There are two kinds: a tally, where each replica counts for itself, so that nothing is lost; and a
 * note, where only the last writer can be right.
 */
import { createHash } from 'node:crypto';

/** Hash comparison looks at so many parts of the state first. */
export const BUCKETS = 16;

/**
 * @typedef {{ kind: 'tally', counts: Record<string, number> }} Tally
 * @typedef {{ kind: 'note', text: string, at: number, by: string }} Note
 */
export class State {
  #replica;
  #clock = 0;
  /** @type {Map<string, Tally | Note>} */
  #entities = new Map();

  /** @param {string} replica Who writes here. */
  constructor(replica) {
    this.#replica = replica;
  }

  get size() {
    return this.#entities.size;
  }

  /** The hash of all of it: equal where two replicas have the same. */
  get root() {
    return hash(this.bucketHashes());
  }

  get ids() {
    return [...this.#entities.keys()].sort();
  }

  /** The entities of these ids that there are, as pairs. */
  take(ids) {
    return ids.flatMap((id) => (this.#entities.has(id) ? [[id, this.#entities.get(id)]] : []));
  }

  count(id) {
    const { counts = {} } = this.#entities.get(id) ?? {};
    const mine = (counts[this.#replica] ?? 0) + 1;
    return this.#put(id, { kind: 'tally', counts: { ...counts, [this.#replica]: mine } });
  }

  write(id, text) {
    this.#clock += 1;
    return this.#put(id, { kind: 'note', text, at: this.#clock, by: this.#replica });
  }

  /**
   * Takes another replica's version of an entity in.
   *
   * @returns {'new' | 'same' | 'merged' | 'last writer'} What came of it; the last is a merge too.
   */
  merge(id, theirs) {
    const mine = this.#entities.get(id);
    if (theirs.kind === 'note') this.#clock = Math.max(this.#clock, theirs.at);
    if (mine === undefined) {
      this.#entities.set(id, theirs);
      return 'new';
    }
    if (hash(mine) === hash(theirs)) return 'same';
    if (mine.kind === 'tally' && theirs.kind === 'tally') {
      this.#entities.set(id, { kind: 'tally', counts: largest(mine.counts, theirs.counts) });
      return 'merged';
    }
    if (isLater(theirs, mine)) this.#entities.set(id, theirs);
    return 'last writer';
  }

  bucketHashes() {
    return Array.from({ length: BUCKETS }, (_, bucket) => hash(this.entityHashes([bucket])));
  }

  /** Ids with the hashes of their entities, in those buckets. */
  entityHashes(buckets) {
    return this.ids
      .filter((id) => buckets.includes(bucketOf(id)))
      .map((id) => [id, hash(this.#entities.get(id))]);
  }

  clear() {
    this.#entities.clear();
  }

  #put(id, entity) {
    this.#entities.set(id, entity);
    return [id, entity];
  }
}

function largest(one, other) {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    names.map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)]),
  );
}

function isLater(one, other) {
  return one.at === other.at ? one.by > other.by : one.at > other.at;
}

function bucketOf(id) {
  return Number.parseInt(hash(id)[0], 16);
}

/** Of a value, whatever the order in which its properties were set. */
function hash(value) {
  const sorted = (_, part) =>
    typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex');
}
