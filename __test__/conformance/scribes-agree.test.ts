/**
 * The native scribe and JavaScript's own write the same, to the word, whatever is done in which order;
 * and so do the tallies that it records.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Clock, TraceMemory, Views } from '../../dist/backend/backend';
import { define } from '../../dist/definition/define';
import * as layout from '../../dist/generated/layout';
import { Counter } from '../../dist/handles/counter';
import { Histogram } from '../../dist/handles/histogram';
import { loadNative } from '../../dist/backend/native';
import { resolveOptions } from '../../dist/open/options';
import { MARK_ELEMENT } from '../../dist/trace/entry';
import { Ids } from '../../dist/trace/ids';
import { desk, DURATION, SEQUENCE, stage, START } from '../../dist/trace/stage';
import { Tally } from '../../dist/trace/tally';
import { stageError } from '../../dist/trace/text';
import { IF_FAILED, IF_SLOW, Tracer } from '../../dist/trace/tracer';
import { counterAt, histogramAt } from '../trace/support/handles';
import { accountOf, traceMemory } from '../trace/support/memory';

const native = loadNative();
// What is behind the trace flags is nobody's.
const WORDS_OF_A_SLOT = layout.SPAN_TRACE_FLAGS + 1;

const BOUNDS = [0, 100, 250, 1_000, 5_000, 1e6];
// Of a tally: a counter, and a histogram with its buckets.
const TALLY_CELLS = 1 + layout.HISTOGRAM_HEAD_CELLS + BOUNDS.length + 1;
const SLOW_NS = 2_000;

const act = fc.record({
  // Each reads the clock once at most.
  does: fc.constantFrom(
    ...(['begin', 'enter', 'enter', 'enter', 'leave', 'leave', 'leave'] as const),
    ...(['fail', 'end', 'endNow', 'endElement', 'part', 'note', 'gate', 'move', 'hand'] as const),
  ),
  which: fc.nat(1_000),
  text: fc.constantFrom('', 'lost', 'x'.repeat(300)),
  isLate: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** A tracer, and what is open in it. */
class Hand {
  readonly open: { entry: number; word: number }[] = [];
  readonly #entered: { entry: number; word: number; id: number; startNs: number }[] = [];
  /** What was answered, whether something was slow. */
  readonly slow: boolean[] = [];
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #counter: Counter;
  readonly #times: Histogram;
  readonly #cells: Float64Array;
  readonly #first: number;

  /** @param first - of the cells in a block that are for two tallies */
  constructor(
    memory: TraceMemory,
    clock: Clock,
    seed: Int32Array,
    block: Float64Array,
    first: number,
  ) {
    this.#cells = block;
    this.#first = first;
    this.#counter = counterAt(block, first);
    this.#times = histogramAt(block, first + 1, BOUNDS, clock);
    this.#tally = new Tally(this.#counter, this.#times, SLOW_NS);
    const { cells } = memory.shared;
    cells[layout.TRACING_SAMPLE_RATE] = 0.2;
    cells[layout.TRACING_PROMOTE_ERRORS] = 1;
    cells[layout.TRACING_MOST_PROMOTIONS] = Infinity;
    const gate = new Float64Array(layout.BLOCK_HEADER_CELLS);
    gate[layout.GATE] = 1;
    const dropped = { inc: () => undefined } as unknown as Counter;
    this.#tracer = new Tracer({ memory, clock, gate, dropped, ids: new Ids(seed) });
    this.#clock = clock;
    this.#tracer.handOver(this.#tally);
  }

  /** The cells of both of the places that the tally may be in. */
  get tallied(): number[] {
    return Array.from(this.#cells.subarray(this.#first, this.#first + 2 * TALLY_CELLS));
  }

  /** Whether it is recorded in JavaScript. */
  get isOwn(): boolean {
    return this.#tally.isOwn;
  }

  #move(isSecond: boolean): void {
    const at = this.#first + (isSecond ? TALLY_CELLS : 0);
    Counter.redirect(this.#counter, this.#cells, at);
    Histogram.redirect(this.#times, this.#cells, at + 1);
  }

  do({ does, which, text, isLate }: Act): void {
    const tracer = this.#tracer;
    if (does === 'begin' || this.open.length === 0) {
      const entry = tracer.open(which, 3, MARK_ELEMENT);
      this.open.push({ entry, word: tracer.wordOf(entry) });
      return;
    }
    const at = which % this.open.length;
    const { entry, word } = this.open[at]!;
    stage[SEQUENCE] = which;
    if (does === 'enter') {
      stage[START] = this.#clock.cell[0]! - which;
      const id = tracer.scribe.enter(entry, which, isLate ? this.#tally : null);
      expect(desk[layout.DESK_WORD]).toBe(word);
      this.#entered.push({ entry, word, id, startNs: this.#clock.cell[0]! });
    } else if (does === 'leave' || does === 'fail') {
      const left = this.#entered.splice(which % (this.#entered.length + 1), 1)[0];
      if (left === undefined) return;
      stage[START] = left.startNs;
      const known = isLate ? left.word + 1 : left.word;
      if (does === 'leave') {
        const outcome = tracer.scribe.leave(left.entry, known, left.id, which, this.#tally);
        tracer.left(left.entry, outcome);
        this.slow.push((outcome & layout.OUTCOME_SLOW) !== 0);
      } else {
        const bytes = text === '' ? 0 : stageError(new Error(text), 1);
        tracer.leaveSaying(left.entry, known, left.id, which, layout.FORM_INVOKE, bytes);
      }
    } else if (does === 'gate') {
      this.#cells[layout.GATE] = isLate ? 0 : 1;
    } else if (does === 'move') {
      this.#move(isLate);
    } else if (does === 'hand') {
      if (isLate) this.#tally.takeBack();
      else this.#tracer.handOver(this.#tally);
    } else if (does === 'part') {
      const id = tracer.openPart(entry);
      stage[START] = this.#clock.cell[0]!;
      tracer.endPartNow(entry, layout.FORM_PLAIN, id, isLate ? 0 : id - 1, which);
    } else if (does === 'note') {
      stage[START] = which;
      stage[DURATION] = isLate ? -1 : which;
      tracer.note(entry, layout.FORM_TRANSFER, 0, 0, which);
    } else {
      this.open.splice(at, 1);
      stage[DURATION] = which - 1;
      const failed = text === '' ? IF_SLOW : IF_FAILED;
      const bytes = text === '' ? 0 : stageError(new Error(text), 1);
      if (does === 'endElement') {
        stage[DURATION] = which * 4 - 1;
        this.slow.push(tracer.endElement(entry, this.#tally));
      } else if (does === 'end') tracer.endRoot(entry, layout.FORM_FLOW, 5, bytes, failed);
      else tracer.endRootNow(entry, layout.FORM_FLOW, 5);
    }
  }
}

/** What says something in each of some blocks: headers, slots and entries. */
function wordsOf(blocks: readonly Views[]): number[][] {
  return blocks.flatMap(({ words }) => {
    const rows = [Array.from(words.slice(4, layout.BLOCK_HEADER_CELLS * 2))];
    for (let index = 0; index < layout.SPANS_PER_BLOCK; index++) {
      const at = layout.BLOCK_HEADER_CELLS * 2 + index * layout.SPAN_WORDS;
      rows.push(Array.from(words.slice(at, at + WORDS_OF_A_SLOT)));
    }
    return rows;
  });
}

test('the native scribe and the one in JavaScript leave the same words', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 300, maxLength: 2_500, size: 'max' }),
      async (acts) => {
        const options = { service: `scribes ${randomUUID()}`, stateDir: false, inspection: false };
        const tracing = { flightSpans: layout.SPANS_PER_BLOCK };
        const meter = native.open(resolveOptions({ ...options, tracing } as never).resolved);
        const memories = [meter.traceMemory(), traceMemory()] as const;
        // A block is there once something is defined in it.
        const { position } = meter.define(define('counter', 'tallied', {}, 1));
        const block = meter.block(Math.floor(position / layout.CELLS_PER_BLOCK));
        const twin = new Float64Array(block.length);
        block[layout.GATE] = twin[layout.GATE] = 1;
        const first = layout.CELLS_PER_BLOCK - 2 * TALLY_CELLS;
        // Each act is done by the native scribe, and then again at the time that it has read.
        const cell = new Float64Array(1);
        const again: Clock = { cell, tick: () => void (cell[0] = native.clock.cell[0]!) };
        const hands = [
          new Hand(memories[0], native.clock, Int32Array.of(1, 2, 3, 4), block, first),
          new Hand(memories[1], again, Int32Array.of(1, 2, 3, 4), twin, first),
        ] as const;
        expect(hands.map(({ isOwn }) => isOwn)).toEqual([false, true]);
        for (const each of acts) for (const hand of hands) hand.do(each);
        expect(hands[1].tallied).toEqual(hands[0].tallied);
        expect(hands[1].slow).toEqual(hands[0].slow);
        expect(hands[1].open).toEqual(hands[0].open);
        expect(wordsOf([memories[1].open])).toEqual(wordsOf([memories[0].open]));
        expect(wordsOf(memories[1].flight)).toEqual(wordsOf(memories[0].flight));
        const account = accountOf(memories[1]);
        expect(accountOf(memories[0])).toEqual(account);
        most = Math.max(most, account.recorded);
        await meter.close();
      },
    ),
    { numRuns: 30 },
  );
  // The ring was written over.
  expect(most).toBeGreaterThan(layout.SPANS_PER_BLOCK);
});
