/**
 * Promoted spans on their way to one exporter of the program's own. They wait in the trace store,
 * which is bounded, and are read from there as there is room; what the store had to let go meanwhile
 * is lost, and counted.
 */
import type { BackendMeter } from '../backend/backend';
import type { PromotedSpan } from '../trace/poller';

/** What the backend answers. */
interface Answer {
  readonly spans: readonly PromotedSpan[];
  readonly lost: number;
  readonly last: number;
}

/** See the file. */
export class SpanQueue {
  readonly #meter: BackendMeter;
  readonly #most: number;
  readonly #spans: PromotedSpan[] = [];
  #after: number;

  /** @param most - the most spans that wait here */
  constructor(meter: BackendMeter, most: number) {
    this.#meter = meter;
    this.#most = most;
    this.#after = this.#read(Number.MAX_SAFE_INTEGER).last;
  }

  /** How many wait here. */
  get length(): number {
    return this.#spans.length;
  }

  /** Reads what is new, as far as there is room, and answers how many came and how many were lost. */
  fill(): { readonly came: number; readonly lost: number } {
    const room = this.#most - this.#spans.length;
    if (room <= 0) return { came: 0, lost: 0 };
    const { spans, lost, last } = this.#read(this.#after);
    const taken = spans.slice(0, room);
    const isWhole = taken.length === spans.length;
    const until = isWhole ? last : taken.at(-1)!.seq;
    // Of those that are left for later, what is lost among them shows then.
    const gone = isWhole ? lost : until - this.#after - taken.length;
    this.#after = until;
    this.#spans.push(...taken);
    return { came: taken.length, lost: gone };
  }

  /** Takes the oldest out. */
  take(most: number): PromotedSpan[] {
    return this.#spans.splice(0, most);
  }

  #read(after: number): Answer {
    return JSON.parse(this.#meter.spans(after)) as Answer;
  }
}
