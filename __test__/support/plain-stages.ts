/** Stages of pipelines that do little, by hand: some that take a time, by a clock that they move. */
import type { MockClock } from 'nanometer';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';

/** Of streams whose chunks are values. */
export const objects = { objectMode: true } as const;

/** A source of 1, 2 and 3. */
export const three = (): Readable => Readable.from([1, 2, 3]);

/** A transform that hands on what it gets. */
export const passing = (): PassThrough => new PassThrough(objects);

/** A sink that takes everything. */
export const taking = (): Writable =>
  new Writable({ ...objects, write: (_chunk, _encoding, callback) => callback() });

/** Stages each of whose chunks takes so many nanoseconds. */
export interface TimedStages {
  /** A source of so many. */
  numbers(count: number, ns: number, options?: object): Readable;
  working(ns: number, options?: object): Transform;
  /** A sink, and what it got. */
  collecting(ns: number, options?: object): { readonly sink: Writable; readonly chunks: unknown[] };
}

/** See {@link TimedStages}. */
export const timedStages = (clock: MockClock): TimedStages => ({
  numbers(count, ns, options) {
    let at = 0;
    return new Readable({
      ...objects,
      ...options,
      read() {
        clock.advance(ns);
        this.push(at < count ? { at: at++ } : null);
      },
    });
  },

  working: (ns, options) =>
    new Transform({
      ...objects,
      ...options,
      transform(chunk, _encoding, callback) {
        clock.advance(ns);
        callback(null, chunk);
      },
    }),

  collecting(ns, options) {
    const chunks: unknown[] = [];
    const sink = new Writable({
      ...objects,
      ...options,
      write(chunk, _encoding, callback) {
        chunks.push(chunk);
        clock.advance(ns);
        callback();
      },
    });
    return { sink, chunks };
  },
});
