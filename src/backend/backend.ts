/**
 * What the recording half of the package needs from the owner of the memory: the one seam between
 * TypeScript and either backend. Two implementations: `native.ts` over the Rust core, and
 * `javascript/` over ordinary ArrayBuffers.
 *
 * A *position* names a cell: `block * CELLS_PER_BLOCK + index`, the same in every thread. Each
 * thread has blocks of its own behind the same positions; the owner merges them when it reads.
 * Everything here is cold: called when something is defined, bound, read or closed, never when
 * something is recorded (the clock aside).
 */
import type { Definition } from '../definition/define';
import type { ResolvedExporter } from '../export/resolved';
import type { Level } from '../level';
import type { Warning } from '../warnings';

/** A thread's clock. Cost: one `tick()` and one load; see benchmarks. */
export interface Clock {
  /** Writes the monotonic time, nanoseconds since an arbitrary origin, to `cell[0]`. */
  readonly tick: () => void;
  /** Where `tick()` leaves the time. */
  readonly cell: Float64Array;
}

/** Options of `open()`, complete and checked: the defaults live in `options.ts`. */
export interface ResolvedOptions {
  readonly service: string;
  readonly level: Level;
  /** The directory of segment and socket; `null` keeps everything in memory only. */
  readonly stateDir: string | null;
  readonly inspection: ResolvedInspection | null;
  /** The most bytes that one thread maps. */
  readonly maxLaneBytes: number;
  /** The default bound on the series of an open family. */
  readonly maxSeries: number;
  /** Resource attributes by their OpenTelemetry names; `target_info` shows them. */
  readonly resource: Readonly<Record<string, string>>;
  /** What the meter's tracing begins with, where this thread opens it first; `null` for none. */
  readonly tracing: ResolvedTracing | null;
  /** What a native thread exports, where this thread opens the meter first. */
  readonly exporters: readonly ResolvedExporter[];
}

/** How spans are recorded and chosen. */
export interface ResolvedTracing {
  /** Of all traces that begin here, the share that is promoted at once: 0 to 1. */
  readonly sampleRate: number;
  readonly promoteErrors: boolean;
  /** Elements that take this long or longer are promoted, in milliseconds; `null`: none. */
  readonly promoteLatencyMs: number | null;
  /** The most promotions a second of the process; `null`: no limit. */
  readonly maxPromotionsPerSecond: number | null;
  /** The least spans that a thread's flight ring holds. */
  readonly flightSpans: number;
  /** Whether counters and histograms remember which trace they were last recorded for. */
  readonly exemplars: boolean;
}

/** Where the inspection server listens. */
export interface ResolvedInspection {
  readonly host: string;
  /** TCP port; 0 picks one; `null`: no TCP. */
  readonly port: number | null;
  /** Whether to listen on `nanometer.sock` in the state directory too. */
  readonly socket: boolean;
  readonly token: string | null;
}

/** Where the inspection server answers. */
export interface Inspection {
  /** `http://host:port`, or `null` where no port could be bound. */
  readonly url: string | null;
  /** The TCP port, or `null`. */
  readonly port: number | null;
  /** The path of the Unix socket, or `null`. */
  readonly socketPath: string | null;
}

/** Where the memory of a definition is. */
export interface Placement {
  /** Names the family in later calls. */
  readonly family: number;
  /** The position of the unlabelled series; of the overflow series where there are labels. */
  readonly position: number;
}

/** Where a thread's events are written; see `generated/layout.ts` for what is in it. */
export interface EventMemory {
  /** One word, that of all threads of the process: how many events have been given a number. */
  readonly sequence: BigInt64Array;
  /** The blocks of this thread's ring. */
  readonly blocks: readonly Float64Array[];
}

/** One block of 64 KiB, seen as cells and as words. */
export interface Views {
  readonly cells: Float64Array;
  readonly words: Int32Array;
}

/** A native scribe, which writes a thread's spans for one meter: see `trace/scribe.ts`. */
export interface NativeScribe {
  /** Its number, as orders have it. */
  readonly number: number;
  /** Makes a tally over bounds that end with +Inf; answers its number, 0 where there is no room. */
  addTally(bounds: Float64Array, slowNs: number): number;
  /** Says where a tally's counter, or histogram, has its cells. */
  placeTally(tally: number, isHistogram: boolean, cells: Float64Array, index: number): void;
  /** Gives a tally's number back. */
  removeTally(tally: number): void;
}

/** Where native scribes are found, and told what to do. */
export interface Scribes {
  /** This thread's clock, which carries an order out as it is called. */
  readonly tick: () => void;
  /** Where an order is given; see `generated/layout.ts`. */
  readonly bell: Int32Array;
  /** Makes a scribe that takes its orders from a desk; `null` where the thread has too many. */
  add(desk: ArrayBuffer): NativeScribe | null;
}

/** Where a thread's spans are written; see `generated/layout.ts` for what is in it. */
export interface TraceMemory {
  /** Settings, and the traces that are asked for: those of all threads of the process. */
  readonly shared: Views;
  /** The table of what this thread has open. */
  readonly open: Views;
  /** The blocks of this thread's export ring. */
  readonly exports: readonly Views[];
  /** The blocks of this thread's flight ring. */
  readonly flight: readonly Views[];
  /** What writes spans as the clock is read, where there is such a thing. */
  readonly scribes?: Scribes;
}

/** One meter, as its memory's owner sees it, on one thread. */
export interface BackendMeter {
  /**
   * Allocates a checked definition, or finds the one that is there.
   *
   * @throws NanometerError `NANOMETER_CONFLICT` where the name is defined otherwise, with both
   * definitions in its message; `NANOMETER_CAPACITY` where no cells are left.
   */
  define(definition: Definition): Placement;
  /**
   * The position of the series with these label values, allocated where it is new.
   * `-1` when the family is full, or the values are not of a closed family: the overflow series
   * is to take it, and the overflow has been counted.
   */
  bind(family: number, values: readonly string[]): number;
  /** Counts label sets that went to a family's overflow series without being asked for again. */
  countOverflow(family: number, times: number): void;
  /**
   * Gives up this thread's hold on a series. True when no thread holds it any more, so that it is
   * gone from the output and its cells are free for another; the caller makes sure that no handle
   * of this thread writes to them.
   */
  release(family: number, values: readonly string[]): boolean;
  /** This thread's block of that number, mapped at first use; the same view each time. */
  block(number: number): Float64Array;
  /** The level now. */
  level(): Level;
  /** Sets the level, in all threads at once; with `forMs`, until then only. */
  setLevel(level: Level, forMs: number | null): void;
  /** Switches a reserved metric on. False when there is none of that name. */
  enable(name: string): boolean;
  /**
   * Writes the values of some series now, merged across threads, to `into`, in their order: of a
   * counter its sum, of a gauge its reading, of a state its index. Allocates nothing in JavaScript.
   *
   * @param pairs - family and position, family and position, …
   * @param into - at least half as long
   */
  readValues(pairs: Uint32Array, into: Float64Array): void;
  /**
   * Where this thread's events go, made at the first call; the same each time.
   *
   * @throws NanometerError `NANOMETER_CAPACITY` where there is no memory for it
   */
  eventMemory(): EventMemory;
  /**
   * The events of all threads with numbers above `after`, as JSON: `{ events, lost, last }`, 10,000
   * at most. `last` is what to ask for next; `lost` counts the events from `after` to it that are
   * gone.
   */
  events(after: number): string;
  /**
   * What all threads share of tracing, the same views each time. Its cell `TRACING_ENABLED` says
   * whether there is tracing at all.
   */
  traceSettings(): Views;
  /**
   * Where this thread's spans go, made at the first call; the same each time.
   *
   * @throws NanometerError `NANOMETER_CAPACITY` where there is no memory for it
   */
  traceMemory(): TraceMemory;
  /** The number of a text, the same in all threads and for good; 0 where no more fit. */
  traceText(text: string): number;
  /** Asks all threads to promote what they have of that trace, 32 hexadecimal digits. */
  wantTrace(traceId: string): void;
  /**
   * Traces as JSON, `{ traces: TraceData[] }`, newest first: the promoted ones that are kept; with
   * a filter, also what is still in the flight rings.
   *
   * @param query - JSON of a `TraceQuery`
   */
  traces(query: string): string;
  /** One trace as JSON, `TraceData` or `null`: promoted, or still in the flight rings. */
  trace(traceId: string): string;
  /** Promoted spans with numbers above `after`, as JSON: `{ spans, lost, last }`; see `events`. */
  spans(after: number): string;
  /** What is open in all live threads as JSON, `OpenSpanData[]`, oldest first, 100 at most. */
  openSpans(flow: string | null): string;
  /** A snapshot as JSON, in the shape of `SnapshotData`. */
  snapshot(): string;
  /**
   * Has native exporters export what has been recorded by now, and waits for it on a thread of its
   * own: JSON of a `FlushResult`. `isLast`: what asks is about to end, and does not wait for a
   * receiver that is not there.
   */
  flush(timeoutMs: number, isLast: boolean): Promise<string>;
  /** The same for the last time, waiting on this thread. */
  flushNow(timeoutMs: number): string;
  /** How exporters are, those that JavaScript runs included: JSON of `{ exporters }`. */
  exporters(): string;
  /** How an exporter that JavaScript runs is now: JSON of an `ExporterStatus`. */
  noteExporter(status: string): void;
  /** Where the inspection server answers; `null` when it is switched off. */
  inspection(): Inspection | null;
  /** What the user should hear once: each warning is returned one time. */
  takeWarnings(): Warning[];
  /**
   * Stops the server and gives up the segment's file; recording goes on into memory. In a worker
   * whose meter other threads have open too, it leaves both to them.
   */
  close(): Promise<void>;
}

/** Who owns the memory: the Rust core, or its stand-in in JavaScript. */
export type BackendKind = 'native' | 'javascript';

/** An owner of memory. */
export interface Backend {
  readonly kind: BackendKind;
  /** This thread's clock. */
  readonly clock: Clock;
  /** Opens the meter of that service, or joins the one that this process has. */
  open(options: ResolvedOptions): BackendMeter;
}
