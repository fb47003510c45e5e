/** Makes the spans of requests that are answered: begun without a name, which the answer gives. */
import type { Counter } from '../handles/counter';
import type { TraceContext } from '../trace/context/context';
import { NO_ENTRY } from '../trace/entry';
import { OF_ROOT } from '../trace/flight';
import type { SpanLimits } from '../trace/limits';
import { Origin } from '../trace/origin';
import type { TracerSource } from '../trace/source';
import type { SpanSink } from '../trace/span';
import { HttpSpan } from './http-span';

// In OpenTelemetry's numbers.
const KIND_SERVER = 1;

/** See the file. */
export class RequestSpans {
  readonly #source: TracerSource;
  readonly #sink: SpanSink;
  #tracing: SpanSink | null = null;
  readonly #origin = new Origin();
  readonly #nowhere = new Origin();

  /** @param refused - counts what is said of a span that has ended */
  constructor(source: TracerSource, refused: Counter, limits: SpanLimits) {
    const { clock } = source;
    this.#source = source;
    this.#sink = { tracer: null, tick: clock.tick, clock: clock.cell, refused, limits };
  }

  /**
   * A span that begins now, below what the request brought. Where nothing is traced it keeps the time,
   * and carries on what the request brought.
   *
   * @param name - the number of its name, till it has another
   */
  start(context: TraceContext | null, name: number): HttpSpan {
    const { tracer, clock } = this.#source;
    const origin = this.#origin;
    let entry = NO_ENTRY;
    if (tracer === null) clock.tick();
    else if (context === null) entry = tracer.open(0, name, 0);
    else {
      origin.setContext(context);
      entry = tracer.openBelow(0, name, 0, origin.ids, origin.flags, context, NO_ENTRY);
    }
    if (tracer === null || entry === NO_ENTRY) return this.#untraced(context);
    origin.setOpen(tracer, entry, 0);
    const sink = (this.#tracing ??= { ...this.#sink, tracer });
    return new HttpSpan(sink, '', name, KIND_SERVER, entry, 0, OF_ROOT, origin);
  }

  #untraced(context: TraceContext | null): HttpSpan {
    const origin = context === null ? this.#nowhere : this.#origin;
    if (context !== null) origin.setContext(context);
    return new HttpSpan(this.#sink, '', 0, KIND_SERVER, NO_ENTRY, 0, OF_ROOT, origin);
  }
}
