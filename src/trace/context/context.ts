/** Where a trace comes from: what a caller sent along with a request, checked. */
import type { Origin } from '../origin';
import { LOCATE } from '../place';
import { NO_BAGGAGE, parseBaggage, type Baggage } from './baggage';
import {
  CONTEXT_WORDS,
  FLAG_SAMPLED,
  formatSpanId,
  formatTraceId,
  formatTraceparent,
  NOT_VALID,
  parseTraceparent,
} from './traceparent';
import { checkTracestate } from './tracestate';

// Nobody sends as many; an array may say any length.
const MOST_LINES = 1_000;

/** The words of the context that was looked at last: read by `words()`, for the one who called it. */
const scratch = new Int32Array(CONTEXT_WORDS);

/**
 * The place in a trace from which a request comes, W3C Trace Context: give it to `flow.begin()` or
 * `meter.span()`, whose spans are then below it. Get it from `meter.extract()`. It cannot be changed.
 */
export class TraceContext {
  // Words in fields: an array of them would cost 170 ns more than the 100 that this does.
  readonly #trace0: number;
  readonly #trace1: number;
  readonly #trace2: number;
  readonly #trace3: number;
  readonly #span0: number;
  readonly #span1: number;
  /** The trace's flags: 1 where it is sampled, 2 where its id is random; no others. */
  readonly flags: number;
  #tracestate: string;
  #isChecked = false;
  #baggage: Baggage | string;

  private constructor(words: Int32Array, flags: number, tracestate: string, baggage: string) {
    this.#trace0 = words[0]!;
    this.#trace1 = words[1]!;
    this.#trace2 = words[2]!;
    this.#trace3 = words[3]!;
    this.#span0 = words[4]!;
    this.#span1 = words[5]!;
    this.flags = flags;
    this.#tracestate = tracestate;
    this.#baggage = baggage;
  }

  /** The trace's id: 32 hexadecimal digits. */
  get traceId(): string {
    return formatTraceId(TraceContext.words(this));
  }

  /** The id of the caller's span: 16 hexadecimal digits. */
  get spanId(): string {
    return formatSpanId(TraceContext.words(this), 4);
  }

  /** Whether the caller keeps the trace: it is promoted here too. */
  get isSampled(): boolean {
    return (this.flags & FLAG_SAMPLED) !== 0;
  }

  /** What other tracing systems sent along, to be carried on; `''` where there is none. */
  get tracestate(): string {
    if (!this.#isChecked) {
      this.#tracestate = checkTracestate(this.#tracestate);
      this.#isChecked = true;
    }
    return this.#tracestate;
  }

  /** What programs sent along, by key. */
  get baggage(): ReadonlyMap<string, string> {
    const baggage = this.#baggage;
    if (typeof baggage !== 'string') return baggage;
    return (this.#baggage = baggage === '' ? NO_BAGGAGE : parseBaggage(baggage));
  }

  /** The header that says the same. */
  traceparent(): string {
    return formatTraceparent(TraceContext.words(this), this.flags);
  }

  /** Where it is, for those below it: see `Place`. @internal */
  [LOCATE](into: Origin): Origin | undefined {
    if (!(#trace0 in this)) return undefined;
    into.setContext(this);
    return into;
  }

  /**
   * The context that these headers say; `null` where `traceparent` is missing, repeated or not valid:
   * the trace is then to be begun anew. The others are looked at when somebody asks for them.
   * Never throws, whatever it is given.
   *
   * @internal
   */
  static of(traceparent: unknown, tracestate?: unknown, baggage?: unknown): TraceContext | null {
    const line = typeof traceparent === 'string' ? traceparent : onlyLine(traceparent);
    if (line === null) return null;
    const flags = parseTraceparent(line, scratch);
    if (flags === NOT_VALID) return null;
    return new TraceContext(scratch, flags, joinLines(tracestate), joinLines(baggage));
  }

  /**
   * The words of its ids, four of the trace and two of the span: always the same array, which is
   * good until the next call.
   *
   * @internal
   */
  static words(context: TraceContext): Int32Array {
    scratch[0] = context.#trace0;
    scratch[1] = context.#trace1;
    scratch[2] = context.#trace2;
    scratch[3] = context.#trace3;
    scratch[4] = context.#span0;
    scratch[5] = context.#span1;
    return scratch;
  }

  /** Whether a value is a context, and no object that looks like one. @internal */
  static is(value: unknown): value is TraceContext {
    return typeof value === 'object' && value !== null && #trace0 in value;
  }
}

/** A header that must come once: its line, also where that is in an array; `null` otherwise. */
function onlyLine(lines: unknown): string | null {
  try {
    if (!Array.isArray(lines) || lines.length !== 1) return null;
    const line: unknown = lines[0];
    return typeof line === 'string' ? line : null;
  } catch {
    return null;
  }
}

/** A header that may come in several lines, in order; `''` where it is no text. */
function joinLines(lines: unknown): string {
  if (lines === undefined) return '';
  if (typeof lines === 'string') return lines;
  try {
    const count = Array.isArray(lines) ? lines.length : 0;
    if (count > MOST_LINES) return '';
    // By number: join(), and what is iterated, may be anybody's.
    let joined = '';
    for (let index = 0; index < count; index++) {
      const line: unknown = (lines as unknown[])[index];
      if (typeof line !== 'string') return '';
      joined = joined === '' ? line : `${joined},${line}`;
    }
    return joined;
  } catch {
    return '';
  }
}
