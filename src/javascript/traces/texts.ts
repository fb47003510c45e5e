/**
 * Texts that spans name by numbers: names, flows, components, reasons. All threads add to one table,
 * which only grows, so that a number means the same in all of them and for good.
 *
 * ```text
 * table    4 blocks    word n - 1   where text n is, as a word of the whole store; 0: no more texts
 * text     word 0      its length in bytes, then UTF-8; in blocks that have nothing else
 *
 * place    0 ──compare and exchange──▶ where the text is        for good
 * ```
 *
 * A text is written before its place is taken, and whoever finds the place taken looks what is there
 * before it tries the next: so no text has two numbers, and a thread that is killed leaves none
 * without its text.
 */
import { MOST_TEXT_BYTES, MOST_TEXTS } from '../../generated/layout';
import { BLOCK_BYTES, type Store, Word } from '../store';

const WORDS_PER_BLOCK = BLOCK_BYTES / 4;
const TABLE_BLOCKS = Math.ceil(MOST_TEXTS / WORDS_PER_BLOCK);

/** The texts of a store, as one thread knows them. */
export class Texts {
  readonly #store: Store;
  readonly #known: string[] = [];
  readonly #numbers = new Map<string, number>();
  #table: Int32Array | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The number of a text, from 1; 0 where it is too long, or no more fit. */
  number(given: string): number {
    const text = given.toWellFormed();
    this.#learn();
    return this.#numbers.get(text) ?? this.#add(text);
  }

  /** The text of that number; `null` where there is none. */
  text(number: number): string | null {
    if (number > this.#known.length) this.#learn();
    return this.#known[number - 1] ?? null;
  }

  #add(text: string): number {
    const bytes = new TextEncoder().encode(text);
    const table = this.#tableFor(bytes.length);
    if (table === null || this.#known.length === MOST_TEXTS) return 0;
    const place = this.#write(bytes);
    if (place === null) return 0;
    for (let next = this.#known.length; next < MOST_TEXTS; next = this.#known.length) {
      Atomics.compareExchange(table, next, 0, place);
      this.#learn();
      const number = this.#numbers.get(text);
      if (number !== undefined) return number;
    }
    return 0;
  }

  /** Reads what has been added since the last time. */
  #learn(): void {
    const table = this.#tableFor(null);
    if (table === null) return;
    while (this.#known.length < MOST_TEXTS) {
      const place = Atomics.load(table, this.#known.length);
      if (place === 0) break;
      const text = this.#read(place);
      this.#known.push(text);
      this.#numbers.set(text, this.#known.length);
    }
  }

  #read(place: number): string {
    const words = this.#store.blockWords(Math.floor(place / WORDS_PER_BLOCK));
    const at = place % WORDS_PER_BLOCK;
    const start = words.byteOffset + (at + 1) * 4;
    // Decoders refuse shared memory: decode a copy.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      new Uint8Array(words.buffer, start, words[at]).slice(),
    );
  }

  /** Where those bytes are now; `null` when there is no room. */
  #write(bytes: Uint8Array): number | null {
    const wanted = 1 + Math.ceil(bytes.length / 4);
    const place = this.#claim(wanted);
    if (place === null) return null;
    const words = this.#store.blockWords(Math.floor(place / WORDS_PER_BLOCK));
    const at = place % WORDS_PER_BLOCK;
    words[at] = bytes.length;
    new Uint8Array(words.buffer, words.byteOffset + (at + 1) * 4, bytes.length).set(bytes);
    return place;
  }

  /** The first of that many words that nobody else writes; `null` when there is no room. */
  #claim(wanted: number): number | null {
    const { words } = this.#store;
    for (;;) {
      const end = Atomics.load(words, Word.textEnd);
      const left = end === 0 ? 0 : WORDS_PER_BLOCK - (end % WORDS_PER_BLOCK);
      let place = end;
      // A block is never filled to its last word, so that an end is always in the block it is of.
      if (left <= wanted) {
        const block = this.#store.allot(1);
        if (block === null) return null;
        place = block * WORDS_PER_BLOCK;
      }
      if (Atomics.compareExchange(words, Word.textEnd, end, place + wanted) === end) return place;
    }
  }

  /**
   * The table; `null` where there is none yet, or no room for it.
   *
   * @param bytes - of the text for which it is made where there is none; `null`: it is not made
   */
  #tableFor(bytes: number | null): Int32Array | null {
    if (bytes !== null && bytes > MOST_TEXT_BYTES) return null;
    if (this.#table !== null) return this.#table;
    const { words } = this.#store;
    if (bytes !== null && Atomics.load(words, Word.texts) === 0) {
      const block = this.#store.allot(TABLE_BLOCKS);
      if (block === null) return null;
      Atomics.compareExchange(words, Word.texts, 0, block);
    }
    const first = Atomics.load(words, Word.texts);
    if (first !== 0) this.#table = this.#store.blockWords(first, TABLE_BLOCKS);
    return this.#table;
  }
}
