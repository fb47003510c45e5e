/**
 * Stages of pipelines, made twice from one description: once to be run bare, once to be observed.
 * Every call of a stage's code is logged, with how full all buffers are at that moment.
 */
import { Duplex, PassThrough, Readable, Transform, Writable } from 'node:stream';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';

/** When a stage answers. */
export type Pace = 'now' | 'microtask' | 'tick' | 'immediate';

/** Where and how a stage fails. */
export type Fault = 'throw' | 'answer' | 'twice' | 'destroy' | 'end';

/** One stage, described. */
export interface StagePlan {
  readonly kind: string;
  /** The paces of its answers, in turn. */
  readonly paces: readonly Pace[];
  readonly highWaterMark: number;
  /** How many outputs an input has, in turn; the rest is given out at the end. */
  readonly outputs: readonly number[];
  /** How many values the end gives. */
  readonly atEnd: number;
}

/** A pipeline, described. */
export interface PipelinePlan {
  readonly stages: readonly StagePlan[];
  readonly count: number;
  readonly isBytes: boolean;
  readonly fault: { readonly stage: number; readonly at: number; readonly how: Fault } | null;
  /** The call at which the program aborts; 0 for never. */
  readonly abortAt: number;
}

/** A chunk of a pipeline in object mode. */
interface Item {
  readonly name: string;
}

export const SOURCES = ['readable', 'pushing', 'from', 'array', 'generator', 'function', 'web'];
export const MIDDLES = ['transform', 'pass', 'duplex', 'function', 'web', 'flushing'];
export const SINKS = ['writable', 'writev', 'function', 'web', 'transform', 'final'];

/** The error of a faulty stage: both runs have one of their own, told by its message. */
export class StageError extends Error {}

/** The stages of one run, and what they did. */
export class Run {
  readonly log: string[] = [];
  readonly controller = new AbortController();
  /** The error that the faulty stage made. */
  error: StageError | undefined;
  /** By component: how many chunks it has taken up, or has made. */
  readonly taken: number[];
  /** By component: how many it has finished with. */
  readonly finished: number[];
  /** The same, when its pipeline was over: one that answers twice works on. */
  finishedInTime: number[] = [];
  readonly stages: unknown[] = [];
  readonly #plan: PipelinePlan;
  readonly #seen = new Map<string, unknown>();
  #calls = 0;

  constructor(plan: PipelinePlan) {
    this.#plan = plan;
    this.taken = plan.stages.map(() => 0);
    this.finished = plan.stages.map(() => 0);
    const last = plan.stages.length - 1;
    plan.stages.forEach((stage, i) => {
      if (i === 0) this.stages.push(this.#source(stage));
      else if (i < last) this.stages.push(this.#middle(stage, i));
      else this.stages.push(this.#sink(stage, i));
    });
  }

  /** Something happens in a stage: all that can be seen of it is logged. */
  #note(index: number, what: string, chunk?: unknown): void {
    this.#calls++;
    let same = '';
    if (chunk !== undefined) {
      const name = this.#name(chunk);
      const known = this.#seen.get(name);
      same = ` ${name}${known === undefined || known === chunk ? '' : ' copied'}`;
      this.#seen.set(name, chunk);
    }
    this.log.push(`${index} ${what}${same} [${this.stages.map(fill).join(' ')}]`);
    if (this.#calls === this.#plan.abortAt) this.controller.abort(new Error('enough'));
  }

  #name(chunk: unknown): string {
    if (typeof chunk === 'string') return chunk;
    return chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : (chunk as Item).name;
  }

  #make(name: string): unknown {
    return this.#plan.isBytes ? Buffer.from(name) : { name };
  }

  #fails(index: number, at: number, ...ways: readonly Fault[]): boolean {
    const { fault } = this.#plan;
    return fault !== null && fault.stage === index && fault.at === at && ways.includes(fault.how);
  }

  #failure(index: number): StageError {
    return (this.error ??= new StageError(`of stage ${index}`));
  }

  #values(index: number, plan: StagePlan, chunk: unknown, at: number): unknown[] {
    const outputs = plan.outputs[at % plan.outputs.length]!;
    if (outputs === 1) return [chunk];
    return Array.from({ length: outputs }, (_, i) =>
      this.#make(`${this.#name(chunk)}.${index}${i}`),
    );
  }

  #rest(index: number, plan: StagePlan): unknown[] {
    return Array.from({ length: plan.atEnd }, (_, i) => this.#make(`end${index}.${i}`));
  }

  #source(plan: StagePlan): unknown {
    const { count, isBytes } = this.#plan;
    const { highWaterMark, paces } = plan;
    const options = { objectMode: !isBytes, highWaterMark };
    const next = (): unknown => {
      const at = this.taken[0]!;
      if (at === count) return null;
      if (this.#fails(0, at, 'throw')) throw this.#failure(0);
      this.taken[0]!++;
      const chunk = this.#make(`c${at}.`);
      this.#note(0, 'makes', chunk);
      this.finished[0]!++;
      return chunk;
    };
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- streams call with their own
    const run = this;
    switch (plan.kind) {
      case 'readable':
        return new Readable({
          ...options,
          read() {
            run.#note(0, 'reads');
            if (run.#fails(0, run.taken[0]!, 'destroy')) this.destroy(run.#failure(0));
            else this.push(next());
          },
        });
      case 'pushing':
        return new Readable({
          ...options,
          read() {
            run.#note(0, 'reads');
            const at = run.taken[0]!;
            later(paces[at % paces.length]!, () => {
              if (run.#fails(0, at, 'throw', 'answer', 'destroy')) this.destroy(run.#failure(0));
              else this.push(next());
            });
          },
        });
      case 'from': {
        const values: unknown[] = [];
        for (let i = 0; i < count; i++) values.push(this.#make(`c${i}.`));
        return Readable.from(values, { ...options });
      }
      case 'array':
        return Array.from({ length: count }, (_, i) => this.#make(`c${i}.`));
      case 'generator':
        return (function* () {
          for (let chunk = next(); chunk !== null; chunk = next()) yield chunk;
        })();
      case 'function':
        return async function* ({ signal }: { signal: AbortSignal }) {
          run.#note(0, `starts ${String(signal.aborted)}`);
          try {
            for (let chunk = next(); chunk !== null; chunk = next()) {
              await pause(paces[run.taken[0]! % paces.length]!);
              yield chunk;
            }
          } finally {
            run.#note(0, 'closes');
          }
        };
      default:
        return new ReadableStream(
          {
            async pull(controller) {
              await pause(paces[run.taken[0]! % paces.length]!);
              const chunk = next();
              if (chunk === null) controller.close();
              else controller.enqueue(chunk);
            },
            cancel() {
              run.#note(0, 'cancelled');
            },
          },
          { highWaterMark },
        );
    }
  }

  #middle(plan: StagePlan, index: number): unknown {
    const { isBytes } = this.#plan;
    const { highWaterMark, paces } = plan;
    const options = { objectMode: !isBytes, highWaterMark };
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- streams call with their own
    const run = this;
    const take = (chunk: unknown): { at: number; values: unknown[] } => {
      const at = this.taken[index]!++;
      this.#note(index, 'takes', chunk);
      if (this.#fails(index, at, 'throw')) throw this.#failure(index);
      return { at, values: this.#values(index, plan, chunk, at) };
    };
    const done = () => this.finished[index]!++;
    switch (plan.kind) {
      case 'transform':
      case 'flushing':
        return new Transform({
          ...options,
          transform(chunk, _encoding, callback) {
            const { at, values } = take(chunk);
            if (run.#fails(index, at, 'destroy')) {
              this.destroy(run.#failure(index));
              return;
            }
            later(paces[at % paces.length]!, () => {
              if (run.#fails(index, at, 'answer')) {
                callback(run.#failure(index));
                return;
              }
              done();
              const last = values.pop();
              for (const value of values) this.push(value);
              callback(null, last);
              if (run.#fails(index, at, 'twice')) callback(null, last);
            });
          },
          ...(plan.kind === 'flushing' || run.#plan.fault?.how === 'end'
            ? {
                flush(callback) {
                  run.#note(index, 'flushes');
                  if (run.#fails(index, 0, 'end')) callback(run.#failure(index));
                  else {
                    for (const value of run.#rest(index, plan)) this.push(value);
                    callback();
                  }
                },
              }
            : {}),
        });
      case 'pass':
        return new PassThrough(options);
      case 'duplex':
        return new Duplex({
          ...options,
          read() {
            run.#note(index, 'reads');
          },
          write(chunk, _encoding, callback) {
            const { at, values } = take(chunk);
            later(paces[at % paces.length]!, () => {
              if (run.#fails(index, at, 'answer', 'destroy')) {
                callback(run.#failure(index));
                return;
              }
              done();
              for (const value of values) this.push(value);
              callback();
              if (run.#fails(index, at, 'twice')) callback();
            });
          },
          final(callback) {
            run.#note(index, 'finishes');
            if (run.#fails(index, 0, 'end')) {
              callback(run.#failure(index));
              return;
            }
            this.push(null);
            callback();
          },
        });
      case 'function':
        return async function* (source: AsyncIterable<unknown>) {
          for await (const chunk of source) {
            const { at, values } = take(chunk);
            await pause(paces[at % paces.length]!);
            if (run.#fails(index, at, 'answer', 'destroy')) throw run.#failure(index);
            done();
            yield* values;
          }
          if (run.#fails(index, 0, 'end')) throw run.#failure(index);
          yield* run.#rest(index, plan);
        };
      default:
        return new TransformStream(
          {
            async transform(chunk, controller) {
              const { at, values } = take(chunk);
              await pause(paces[at % paces.length]!);
              if (run.#fails(index, at, 'answer', 'destroy')) throw run.#failure(index);
              done();
              for (const value of values) controller.enqueue(value);
            },
            flush(controller) {
              if (run.#fails(index, 0, 'end')) throw run.#failure(index);
              for (const value of run.#rest(index, plan)) controller.enqueue(value);
            },
          },
          { highWaterMark: Math.max(1, highWaterMark) },
          { highWaterMark: highWaterMark % 3 },
        );
    }
  }

  #sink(plan: StagePlan, index: number): unknown {
    const { isBytes } = this.#plan;
    const { highWaterMark, paces } = plan;
    const options = { objectMode: !isBytes, highWaterMark };
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- streams call with their own
    const run = this;
    const take = (chunk: unknown): number => {
      const at = this.taken[index]!++;
      this.#note(index, 'takes', chunk);
      if (this.#fails(index, at, 'throw')) throw this.#failure(index);
      return at;
    };
    const answer = (at: number, callback: (error?: Error) => void): void => {
      later(paces[at % paces.length]!, () => {
        if (this.#fails(index, at, 'answer')) callback(this.#failure(index));
        else {
          this.finished[index]!++;
          callback();
          if (this.#fails(index, at, 'twice')) callback();
        }
      });
    };
    const final = (callback: (error?: Error) => void): void => {
      this.#note(index, 'finishes');
      callback(this.#fails(index, 0, 'end') ? this.#failure(index) : undefined);
    };
    switch (plan.kind) {
      case 'writable':
      case 'final':
        return new Writable({
          ...options,
          write(chunk, _encoding, callback) {
            const at = take(chunk);
            if (run.#fails(index, at, 'destroy')) this.destroy(run.#failure(index));
            else answer(at, callback);
          },
          ...(plan.kind === 'final' || run.#plan.fault?.how === 'end' ? { final } : {}),
        });
      case 'writev':
        return new Writable({
          ...options,
          write(chunk, _encoding, callback) {
            answer(take(chunk), callback);
          },
          writev(chunks, callback) {
            const ats = chunks.map(({ chunk }) => take(chunk as unknown));
            run.finished[index]! += ats.length - 1;
            answer(ats[0]!, callback);
          },
          final,
        });
      case 'function':
        return async (source: AsyncIterable<unknown>) => {
          let taken = 0;
          for await (const chunk of source) {
            const at = take(chunk);
            await pause(paces[at % paces.length]!);
            if (this.#fails(index, at, 'answer', 'destroy')) throw this.#failure(index);
            taken += 1;
            this.finished[index]!++;
          }
          if (this.#fails(index, 0, 'end')) throw this.#failure(index);
          return { taken };
        };
      case 'transform':
        return new Transform({
          ...options,
          transform(chunk, _encoding, callback) {
            answer(take(chunk), callback);
          },
          ...(run.#plan.fault?.how === 'end' ? { flush: final } : {}),
        });
      default:
        return new WritableStream(
          {
            async write(chunk) {
              const at = take(chunk);
              await pause(paces[at % paces.length]!);
              if (run.#fails(index, at, 'answer', 'destroy')) throw run.#failure(index);
              run.finished[index]!++;
            },
            close() {
              if (run.#fails(index, 0, 'end')) throw run.#failure(index);
            },
          },
          { highWaterMark: Math.max(1, highWaterMark) },
        );
    }
  }
}

/** How full a stage's buffers are. */
function fill(stage: unknown): string {
  if (stage instanceof Readable || stage instanceof Writable) {
    const { readableLength, writableLength } = stage as Duplex;
    return `${readableLength ?? '-'}/${writableLength ?? '-'}`;
  }
  return '.';
}

function later(pace: Pace, action: () => void): void {
  if (pace === 'now') action();
  else if (pace === 'microtask') void Promise.resolve().then(action);
  else if (pace === 'tick') process.nextTick(action);
  else setImmediate(action);
}

function pause(pace: Pace): Promise<void> | void {
  if (pace === 'now') return;
  return new Promise((resolve) => {
    later(pace, resolve);
  });
}
