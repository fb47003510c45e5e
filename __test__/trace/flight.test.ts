/** The flight ring's account, by a model: nothing recorded is lost without being counted. */
import fc from 'fast-check';
import { type Counter, mockClock } from 'nanometer';
import * as layout from '../../dist/generated/layout';
import { MARK_ELEMENT } from '../../dist/trace/entry';
import { stage, START } from '../../dist/trace/stage';
import { stageError } from '../../dist/trace/text';
import { IF_FAILED, Tracer } from '../../dist/trace/tracer';
import { accountOf, drain, openEntries, spansIn, traceMemory } from './support/memory';
import { tallied } from './support/tally';

const SLOTS = layout.SPANS_PER_BLOCK;
const EXPORT_SLOTS = layout.EXPORT_BLOCKS * layout.SPANS_PER_BLOCK;
const NO_ERROR = 'no error';
const TALLY = tallied();

/** A component ends. */
function leave(tracer: Tracer, entry: number, word: number, id: number): void {
  tracer.left(entry, tracer.scribe.leave(entry, word, id, 7, TALLY));
}

type Fate = 'kept' | 'promoted' | 'dropped' | 'overwritten';

/** A span of the model: where it stands among all slots ever used, and how many it takes. */
interface Span {
  readonly position: number;
  readonly slots: number;
  fate: Fate;
  isThere: boolean;
}

interface LocalTrace {
  readonly entry: number;
  readonly spans: Span[];
  decision: 'undecided' | 'promoted' | 'refused';
}

/** What ought to happen, written without looking at how it is done. */
class Model {
  readonly spans: Span[] = [];
  cursor = 0;
  free = EXPORT_SLOTS;
  allowance: number;
  account = { promoted: 0, overwritten: 0, droppedFull: 0, droppedLimit: 0, missed: 0, refused: 0 };
  #oldest = 0;

  constructor(allowance: number) {
    this.allowance = allowance;
  }

  record(trace: LocalTrace, textSlots: number): void {
    const span: Span = {
      ...{ position: this.cursor, slots: 1 + textSlots },
      ...{ fate: 'kept' as const, isThere: true },
    };
    this.cursor += span.slots;
    for (; this.#oldest < this.spans.length; this.#oldest++) {
      const old = this.spans[this.#oldest]!;
      if (old.position + SLOTS >= this.cursor) break;
      old.isThere = false;
      if (old.fate !== 'kept') continue;
      old.fate = 'overwritten';
      this.account.overwritten += 1;
    }
    this.spans.push(span);
    trace.spans.push(span);
    if (trace.decision === 'promoted') this.#export(span);
    if (trace.decision === 'refused') this.#drop(span);
  }

  promote(trace: LocalTrace, isLimited: boolean): void {
    if (trace.decision === 'promoted' || (trace.decision === 'refused' && isLimited)) return;
    const there = trace.spans.filter(({ isThere }) => isThere).reverse();
    if (isLimited && this.allowance === 0) {
      trace.decision = 'refused';
      this.account.refused += 1;
      for (const span of there) this.#drop(span);
      return;
    }
    if (isLimited) this.allowance -= 1;
    trace.decision = 'promoted';
    this.account.missed += trace.spans.length - there.length;
    for (const span of there) if (span.fate === 'kept') this.#export(span);
  }

  get kept(): number {
    return this.spans.filter(({ fate }) => fate === 'kept').length;
  }

  #export(span: Span): void {
    const fits = span.slots <= this.free;
    if (fits) this.free -= span.slots;
    span.fate = fits ? 'promoted' : 'dropped';
    this.account[fits ? 'promoted' : 'droppedFull'] += 1;
  }

  #drop(span: Span): void {
    span.fate = 'dropped';
    this.account.droppedLimit += 1;
  }
}

/** The slots that an error's text takes, by the form that the layout says. */
function textSlots(message: string | typeof NO_ERROR): number {
  if (message === NO_ERROR) return 0;
  const attributes = { 'exception.type': 'Error', 'exception.message': message };
  const text = JSON.stringify({ message, events: [{ name: 'exception', atNs: 1e9, attributes }] });
  return Math.ceil(Buffer.byteLength(text) / layout.TEXT_SLOT_BYTES);
}

/** A tracer, and a model that is told the same. */
function makePair(allowance: number) {
  const memory = traceMemory();
  const { cells } = memory.shared;
  cells[layout.TRACING_MOST_PROMOTIONS] = allowance;
  cells[layout.TRACING_PROMOTE_ERRORS] = 1;
  const gate = new Float64Array(layout.BLOCK_HEADER_CELLS);
  gate[layout.GATE] = 1;
  let dropped = 0;
  const counter = { inc: () => (dropped += 1) } as unknown as Counter;
  const tracer = new Tracer({ memory, clock: mockClock(1e9), gate, dropped: counter });
  // Rate 0 is nothing's of the head.
  return { memory, tracer, model: new Model(allowance), dropped: () => dropped };
}

const burst = fc.record({
  act: fc.constantFrom('run', 'run', 'run', 'end', 'fail', 'promote', 'begin', 'drain'),
  times: fc.integer({ min: 1, max: 150 }),
  which: fc.nat(1_000),
  error: fc.constantFrom(NO_ERROR, 'lost', 'é'.repeat(60), 'x'.repeat(400)),
});

test('recorded = promoted + overwritten + dropped + still there, whatever is done in which order', () => {
  let most = 0;
  fc.assert(
    fc.property(
      fc.array(burst, { minLength: 200, maxLength: 400, size: 'max' }),
      fc.constantFrom(0, 3, 40, Infinity),
      (bursts, allowance) => {
        const { memory, tracer, model, dropped } = makePair(allowance);
        const open: LocalTrace[] = [];
        const begin = () => {
          open.push({ entry: tracer.open(1, 0, MARK_ELEMENT), spans: [], decision: 'undecided' });
        };
        for (const { act, times, which, error } of bursts) {
          if (open.length === 0) begin();
          const at = which % open.length;
          const trace = open[at]!;
          switch (act) {
            case 'begin':
              begin();
              break;
            case 'run':
              for (let i = 0; i < times; i++) {
                const word = tracer.wordOf(trace.entry);
                const id = tracer.scribe.enter(trace.entry, 7, null);
                stage[START] = 1e9;
                leave(tracer, trace.entry, word, id);
                model.record(trace, 0);
              }
              break;
            case 'end':
              open.splice(at, 1);
              tracer.endRoot(trace.entry, layout.FORM_FLOW, 0, 0, 0);
              model.record(trace, 0);
              break;
            case 'fail': {
              open.splice(at, 1);
              const text = error === NO_ERROR ? 0 : stageError(new Error(error), 1e9);
              tracer.endRoot(trace.entry, layout.FORM_FLOW, 0, text, IF_FAILED);
              model.record(trace, textSlots(error));
              model.promote(trace, true);
              break;
            }
            case 'promote':
              tracer.promote(trace.entry);
              model.promote(trace, false);
              break;
            default:
              drain(memory);
              model.free = EXPORT_SLOTS;
          }
        }
        const found = accountOf(memory);
        expect(found).toEqual({
          ...model.account,
          recorded: model.spans.length,
          kept: model.kept,
        });
        const { promoted, overwritten, droppedFull, droppedLimit, kept } = found;
        expect(found.recorded).toBe(promoted + overwritten + droppedFull + droppedLimit + kept);
        expect(dropped()).toBe(droppedFull + droppedLimit);
        expect(memory.flight[0]!.cells[layout.FLIGHT_CURSOR]).toBe(model.cursor);
        expect(openEntries(memory)).toBe(open.length);
        most = Math.max(most, model.cursor);
      },
    ),
    { numRuns: 40 },
  );
  // The ring was written over ten times.
  expect(most).toBeGreaterThan(10 * SLOTS);
});

test('a thread that takes a lane over goes on where the one before has stopped', () => {
  const { memory, tracer } = makePair(Infinity);
  for (let i = 0; i < SLOTS + 5; i++) {
    tracer.endRoot(tracer.open(1, 0, MARK_ELEMENT), layout.FORM_FLOW, 0, 0, 0);
  }
  tracer.open(1, 0, MARK_ELEMENT);
  expect(openEntries(memory)).toBe(1);
  const words = spansIn(memory.flight).map((slot) => slot[layout.SPAN_WORD]);
  const gate = new Float64Array(layout.BLOCK_HEADER_CELLS);
  const counter = { inc: () => undefined } as unknown as Counter;
  const next = new Tracer({ memory, clock: mockClock(2e9), gate, dropped: counter });
  expect(openEntries(memory)).toBe(0);
  next.endRoot(next.open(1, 0, MARK_ELEMENT), layout.FORM_FLOW, 0, 0, 0);
  const after = spansIn(memory.flight).map((slot) => slot[layout.SPAN_WORD]);
  expect(after.filter((word) => !words.includes(word))).toEqual([SLOTS + 6]);
  expect(after[5]).toBe(SLOTS + 6);
  expect(accountOf(memory)).toMatchObject({ recorded: SLOTS + 6, overwritten: 6, kept: SLOTS });
});

test('past the entries that readers see, elements are traced all the same', () => {
  const { memory, tracer } = makePair(Infinity);
  const entries = Array.from({ length: 2_000 }, () => tracer.open(1, 0, MARK_ELEMENT));
  expect(new Set(entries).size).toBe(2_000);
  expect(openEntries(memory)).toBe(layout.SPANS_PER_BLOCK);
  for (const entry of entries) tracer.endRoot(entry, layout.FORM_FLOW, 0, 0, 0);
  expect(openEntries(memory)).toBe(0);
  expect(accountOf(memory).recorded).toBe(2_000);
  const ids = spansIn(memory.flight).map((slot) => slot.slice(2, 8).join());
  expect(new Set(ids).size).toBe(SLOTS);
  // Those that readers see come first again.
  tracer.open(1, 0, MARK_ELEMENT);
  expect(openEntries(memory)).toBe(1);
});

test('work that goes on after its element is remembered, up to a bound', () => {
  const { memory, tracer, dropped } = makePair(Infinity);
  const late = Array.from({ length: 5_000 }, () => {
    const entry = tracer.open(1, 0, MARK_ELEMENT);
    const work = { entry, word: tracer.wordOf(entry), id: tracer.scribe.enter(entry, 7, null) };
    tracer.endRoot(entry, layout.FORM_FLOW, 0, 0, 0);
    return work;
  });
  for (const { entry, word, id } of late) {
    leave(tracer, entry, word, id);
  }
  expect(dropped()).toBe(5_000 - 4_096);
  expect(accountOf(memory).recorded).toBe(5_000 + 4_096);
  expect(openEntries(memory)).toBe(0);
});
