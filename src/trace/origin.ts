/** Where a span is in its trace: what those below it, here or elsewhere, need to know. */
import type { Baggage } from './context/baggage';
import { NO_BAGGAGE } from './context/baggage';
import { TraceContext } from './context/context';
import { FLAG_REMOTE, formatSpanId, formatTraceId, formatTraceparent } from './context/traceparent';
import { NO_ENTRY } from './entry';
import type { Tracer } from './tracer';

/** See the file. One is filled in again and again, and read before the next call that fills it. */
export class Origin {
  /** Four words of the trace's id, two of the span's. */
  readonly ids = new Int32Array(6);
  /** The trace's flags, and {@link FLAG_REMOTE}. */
  flags = 0;
  /** What the caller handed on. */
  context: TraceContext | null = null;
  /** Whose open table has the span's local trace; `null` where it is open in none. */
  tracer: Tracer | null = null;
  /** Its entry there. */
  entry = NO_ENTRY;
  /** The span's id, less the root's. */
  id = 0;

  /** It is a span that is open in this thread. */
  setOpen(tracer: Tracer, entry: number, id: number): void {
    tracer.copyIds(entry, id, this.ids);
    this.flags = tracer.flagsOf(entry);
    this.context = tracer.carriedOf(entry);
    this.tracer = tracer;
    this.entry = entry;
    this.id = id;
  }

  /** It is a span of elsewhere. */
  setContext(context: TraceContext): void {
    this.ids.set(TraceContext.words(context));
    this.flags = context.flags | FLAG_REMOTE;
    this.context = context;
    this.tracer = null;
    this.entry = NO_ENTRY;
    this.id = 0;
  }

  /** It is where another one is, of which nothing is taken to be open. */
  copyFrom(other: Origin): void {
    this.ids.set(other.ids);
    this.flags = other.flags;
    this.context = other.context;
    this.tracer = null;
    this.entry = NO_ENTRY;
    this.id = 0;
  }

  /** 32 hexadecimal digits. */
  get traceId(): string {
    return formatTraceId(this.ids);
  }

  /** 16 hexadecimal digits. */
  get spanId(): string {
    return formatSpanId(this.ids, 4);
  }

  /** The header that says the same. */
  traceparent(): string {
    return formatTraceparent(this.ids, this.flags);
  }

  /** What other tracing systems sent along; `''` where there is none. */
  get tracestate(): string {
    return this.context?.tracestate ?? '';
  }

  /** What programs sent along, by key. */
  get baggage(): Baggage {
    return this.context?.baggage ?? NO_BAGGAGE;
  }
}
