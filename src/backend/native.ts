/**
 * The native backend: finds the binary of this platform, checks that it was built with this
 * layout, and speaks to the Rust core. Knows no defaults and no policy.
 *
 * Every thread has its own bindings, its own lane and its own clock cell.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';

import type {
  Backend,
  BackendMeter,
  EventMemory,
  Inspection,
  NativeScribe,
  Placement,
  ResolvedOptions,
  TraceMemory,
  Views,
} from './backend';
import type { Definition } from '../definition/define';
import { NanometerError, type NanometerErrorCode } from '../errors';
import { EXPORT_BLOCKS, LAYOUT_HASH } from '../generated/layout';
import type { Level } from '../level';
import { PACKAGE_FOLDER } from '../package';
import type { Warning } from '../warnings';

/** What the addon exports: see `native/meter.rs`, `native/tracing.rs` and `native/clock.rs`. */
export interface Binding {
  tick(this: void): void;
  clockCell(): ArrayBuffer;
  layoutHash(): string;
  open(options: string): number;
  define(meter: number, definition: string): [family: number, position: number];
  bind(meter: number, family: number, values: readonly string[]): number;
  countOverflow(meter: number, family: number, times: number): void;
  release(meter: number, family: number, values: readonly string[]): boolean;
  block(meter: number, number: number): ArrayBuffer;
  level(meter: number): Level;
  setLevel(meter: number, level: Level, forMs: number | null): void;
  enable(meter: number, name: string): boolean;
  readValues(meter: number, pairs: Uint32Array, into: Float64Array): void;
  eventMemory(meter: number): [sequence: ArrayBuffer, ...blocks: ArrayBuffer[]];
  events(meter: number, after: number): string;
  traceSettings(meter: number): ArrayBuffer;
  traceMemory(meter: number): [open: ArrayBuffer, ...blocks: ArrayBuffer[]];
  addScribe(meter: number, desk: ArrayBuffer): number;
  addTally(scribe: number, bounds: number[], slowNs: number): number;
  placeTally(
    scribe: number,
    tally: number,
    isHistogram: boolean,
    block: ArrayBufferLike,
    first: number,
  ): void;
  removeTally(scribe: number, tally: number): void;
  traceText(meter: number, text: string): number;
  wantTrace(meter: number, traceId: string): void;
  traces(meter: number, query: string): string;
  trace(meter: number, traceId: string): string;
  spans(meter: number, after: number): string;
  openSpans(meter: number, flow: string | null): string;
  snapshot(meter: number): string;
  flush(meter: number, timeoutMs: number, isLast: boolean): Promise<string>;
  flushNow(meter: number, timeoutMs: number): string;
  exporters(meter: number): string;
  noteExporter(meter: number, status: string): void;
  inspection(meter: number): string;
  takeWarnings(meter: number): string;
  close(meter: number): void;
}

/**
 * Loads the native backend.
 *
 * `NANOMETER_NATIVE_PATH` names a binary to load instead of the package's own.
 *
 * @throws NanometerError `NANOMETER_NATIVE` where no binary loads; its cause is an AggregateError
 * of what was tried.
 */
export function loadNative(): Backend {
  const binding = loadBinding();
  return {
    kind: 'native',
    clock: {
      tick: binding.tick,
      cell: new Float64Array(
        coded(() => binding.clockCell()),
        0,
        1,
      ),
    },
    open: (options) => new NativeMeter(binding, options),
  };
}

/** One meter on this thread; every method is one call of the addon. */
class NativeMeter implements BackendMeter {
  readonly #binding: Binding;
  readonly #meter: number;
  readonly #blocks = new Map<number, Float64Array>();
  #eventMemory: EventMemory | undefined;
  #traceSettings: Views | undefined;
  #traceMemory: TraceMemory | undefined;

  constructor(binding: Binding, options: ResolvedOptions) {
    this.#binding = binding;
    this.#meter = coded(() => binding.open(JSON.stringify(options)));
  }

  define(definition: Definition): Placement {
    const json = JSON.stringify(definition);
    const [family, position] = coded(() => this.#binding.define(this.#meter, json));
    return { family, position };
  }

  bind(family: number, values: readonly string[]): number {
    return this.#binding.bind(this.#meter, family, values);
  }

  countOverflow(family: number, times: number): void {
    this.#binding.countOverflow(this.#meter, family, times);
  }

  release(family: number, values: readonly string[]): boolean {
    return this.#binding.release(this.#meter, family, values);
  }

  block(number: number): Float64Array {
    let view = this.#blocks.get(number);
    if (view === undefined) {
      view = new Float64Array(coded(() => this.#binding.block(this.#meter, number)));
      this.#blocks.set(number, view);
    }
    return view;
  }

  level(): Level {
    return this.#binding.level(this.#meter);
  }

  setLevel(level: Level, forMs: number | null): void {
    coded(() => {
      this.#binding.setLevel(this.#meter, level, forMs);
    });
  }

  enable(name: string): boolean {
    return this.#binding.enable(this.#meter, name);
  }

  readValues(pairs: Uint32Array, into: Float64Array): void {
    this.#binding.readValues(this.#meter, pairs, into);
  }

  eventMemory(): EventMemory {
    if (this.#eventMemory === undefined) {
      const [sequence, ...blocks] = coded(() => this.#binding.eventMemory(this.#meter));
      this.#eventMemory = {
        sequence: new BigInt64Array(sequence),
        blocks: blocks.map((block) => new Float64Array(block)),
      };
    }
    return this.#eventMemory;
  }

  events(after: number): string {
    return this.#binding.events(this.#meter, after);
  }

  traceSettings(): Views {
    return (this.#traceSettings ??= views(coded(() => this.#binding.traceSettings(this.#meter))));
  }

  traceMemory(): TraceMemory {
    if (this.#traceMemory === undefined) {
      const [open, ...blocks] = coded(() => this.#binding.traceMemory(this.#meter));
      const rings = blocks.map(views);
      this.#traceMemory = {
        shared: this.traceSettings(),
        open: views(open),
        exports: rings.slice(0, EXPORT_BLOCKS),
        flight: rings.slice(EXPORT_BLOCKS),
        scribes: {
          tick: this.#binding.tick,
          bell: new Int32Array(this.#binding.clockCell()),
          add: (desk) => this.#addScribe(desk),
        },
      };
    }
    return this.#traceMemory;
  }

  #addScribe(desk: ArrayBuffer): NativeScribe | null {
    const binding = this.#binding;
    const number = coded(() => binding.addScribe(this.#meter, desk));
    if (number === 0) return null;
    return {
      number,
      addTally: (bounds, slowNs) => binding.addTally(number, Array.from(bounds), slowNs),
      placeTally: (tally, isHistogram, { buffer }, first) => {
        binding.placeTally(number, tally, isHistogram, buffer, first);
      },
      removeTally: (tally) => {
        binding.removeTally(number, tally);
      },
    };
  }

  traceText(text: string): number {
    return this.#binding.traceText(this.#meter, text);
  }

  wantTrace(traceId: string): void {
    coded(() => {
      this.#binding.wantTrace(this.#meter, traceId);
    });
  }

  traces(query: string): string {
    return coded(() => this.#binding.traces(this.#meter, query));
  }

  trace(traceId: string): string {
    return coded(() => this.#binding.trace(this.#meter, traceId));
  }

  spans(after: number): string {
    return this.#binding.spans(this.#meter, after);
  }

  openSpans(flow: string | null): string {
    return this.#binding.openSpans(this.#meter, flow);
  }

  snapshot(): string {
    return this.#binding.snapshot(this.#meter);
  }

  flush(timeoutMs: number, isLast: boolean): Promise<string> {
    return this.#binding.flush(this.#meter, timeoutMs, isLast);
  }

  flushNow(timeoutMs: number): string {
    return this.#binding.flushNow(this.#meter, timeoutMs);
  }

  exporters(): string {
    return this.#binding.exporters(this.#meter);
  }

  noteExporter(status: string): void {
    this.#binding.noteExporter(this.#meter, status);
  }

  inspection(): Inspection | null {
    return JSON.parse(this.#binding.inspection(this.#meter)) as Inspection | null;
  }

  takeWarnings(): Warning[] {
    return JSON.parse(this.#binding.takeWarnings(this.#meter)) as Warning[];
  }

  close(): Promise<void> {
    // A worker that is done must not silence the threads that are not; its lane goes with it.
    if (isMainThread) this.#binding.close(this.#meter);
    return Promise.resolve();
  }
}

function views(memory: ArrayBuffer): Views {
  return { cells: new Float64Array(memory), words: new Int32Array(memory) };
}

/** Calls the addon, and gives its errors the package's type. */
function coded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    if (typeof code === 'string' && code.startsWith('NANOMETER_')) {
      throw new NanometerError(code as NanometerErrorCode, message, { cause: error });
    }
    throw error;
  }
}

function loadBinding(): Binding {
  const require = createRequire(__filename);
  const failures: unknown[] = [];
  for (const candidate of candidates()) {
    try {
      const binding = require(candidate) as Binding;
      const hash = binding.layoutHash();
      if (hash === LAYOUT_HASH) return binding;
      failures.push(new Error(`${candidate}: its memory layout is ${hash}, not ${LAYOUT_HASH}`));
    } catch (error) {
      failures.push(error);
    }
  }
  throw new NanometerError(
    'NANOMETER_NATIVE',
    `no native binary loads on ${process.platform}-${process.arch}, Node ${process.version}`,
    { cause: new AggregateError(failures, `${String(failures.length)} binaries were tried`) },
  );
}

/**
 * Where a binary may be: built in the checkout, or installed as a package of this platform. Linux
 * has two C libraries; the binary of the other one does not load, which is a quicker test than
 * asking which one this is.
 */
function candidates(): string[] {
  const given = process.env.NANOMETER_NATIVE_PATH;
  if (given !== undefined && given !== '') return [path.resolve(given)];
  const { platform, arch } = process;
  const flavours = platform === 'linux' ? ['-gnu', '-musl'] : [''];
  const names = flavours.map((flavour) => `${platform}-${arch}${flavour}`);
  const built = names.map((name) => path.join(PACKAGE_FOLDER, 'native', `nanometer.${name}.node`));
  return [...built, ...names.map((name) => `nanometer-${name}`)];
}
