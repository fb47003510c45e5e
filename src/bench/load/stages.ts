/**
 * The components of a pipeline of streams as Node's streams, with what goes on in each on the board.
 * The streams are the user's own; functions become transform streams of objects.
 */
import { Duplex, Transform, Writable } from 'node:stream';
import { INERT } from '../../flow/element';
import { isReadableNode, isWebPair } from '../../flow/pipeline/stages';
import { isThenable } from '../../thenable';
import type { ComponentFunction, PipelineComponent } from '../definition';
import type { Arrivals } from './arrivals';
import { type Board, CURRENT, PLACES } from './board';
import { ComponentFault } from './fault';

const AT_CURRENT = CURRENT;

type Done = (error?: Error | null, value?: unknown) => void;
type Work = (this: unknown, chunk: unknown, encoding: unknown, done: Done) => void;
type WorkOnMany = (this: unknown, chunks: readonly unknown[], done: Done) => void;

/** What stages are made with. */
export interface StageMeans {
  readonly arrivals: Arrivals;
  readonly board: Board;
  /** Called with what ends the run. */
  readonly onFault: (fault: ComponentFault) => void;
}

/** A component, as a stage of the pipeline. */
export type Stage = Duplex | Writable | Exclude<PipelineComponent, ComponentFunction>;

/** The stage of a component. @param place - as on the board */
export function stageOf(
  name: string,
  component: PipelineComponent,
  place: number,
  isLast: boolean,
  means: StageMeans,
): Stage {
  if (isWebPair(component) && !isLast) return component;
  const stream = streamOf(name, component, isLast, means);
  if (isLast) countWhatLeaves(stream, means.arrivals);
  showWork(stream, place, means.board);
  return stream;
}

function streamOf(
  name: string,
  component: PipelineComponent,
  isLast: boolean,
  means: StageMeans,
): Duplex | Writable {
  if (typeof component === 'function') return transformOf(name, component, isLast, means);
  // What comes out of the last one has to be read.
  if (isWebPair(component)) return Duplex.fromWeb(component, { objectMode: true });
  return component;
}

function transformOf(
  name: string,
  component: ComponentFunction,
  isLast: boolean,
  { arrivals, onFault }: StageMeans,
): Duplex | Writable {
  const finish = (value: unknown, done: Done): void => {
    if (isLast) {
      done();
      return;
    }
    if (value === undefined || value === null) {
      onFault(
        new ComponentFault(
          name,
          `gave ${String(value)}: a component before a stream gives it a value, or a promise of one`,
        ),
      );
      return;
    }
    done(null, value);
  };
  const fail = (error: unknown, done: Done): void => {
    arrivals.fail(name, error);
    // The element goes no further, and those behind it go on.
    done(isLast ? FAILED : null);
  };
  const work: Work = (chunk, _encoding, done) => {
    let value: unknown;
    try {
      value = component(chunk, INERT);
    } catch (error) {
      fail(error, done);
      return;
    }
    if (!isThenable(value)) finish(value, done);
    else
      void value.then(
        (given) => finish(given, done),
        (error: unknown) => fail(error, done),
      );
  };
  return isLast
    ? new Writable({ objectMode: true, write: work })
    : new Transform({ objectMode: true, transform: work });
}

/** Says to {@link countWhatLeaves} that an element has ended already; never leaves this file. */
const FAILED = new Error('failed');

/** Counts what comes out of the last stream, or what it has written. */
function countWhatLeaves(stream: Duplex | Writable, arrivals: Arrivals): void {
  if (isReadableNode(stream)) {
    (stream as Duplex).on('data', () => arrivals.leave());
    return;
  }
  const last = stream as { _write: Work; _writev?: WorkOnMany | null };
  const write = last._write;
  last._write = function (chunk, encoding, done) {
    write.call(this, chunk, encoding, (error) => {
      if (!error) arrivals.leave();
      done(error === FAILED ? null : error);
    });
  };
  const writeMany = last._writev;
  if (!writeMany) return;
  last._writev = function (chunks, done) {
    writeMany.call(this, chunks, (error) => {
      if (!error) chunks.forEach(() => arrivals.leave());
      done(error);
    });
  };
}

/** Has the board say when code of a stream runs, and when a callback is waited for. */
function showWork(stream: object, place: number, board: Board): void {
  const target = stream as { _transform?: Work; _write: Work; _writev?: WorkOnMany | null };
  const key = target._transform === undefined ? '_write' : '_transform';
  const work = target[key]!;
  target[key] = function (chunk, encoding, done) {
    board[PLACES + place]! += 1;
    board[AT_CURRENT] = place + 1;
    work.call(this, chunk, encoding, (error, value) => {
      board[PLACES + place]! -= 1;
      done(error, value);
    });
    board[AT_CURRENT] = 0;
  };
  const writeMany = target._writev;
  if (!writeMany) return;
  target._writev = function (chunks, done) {
    board[PLACES + place]! += 1;
    board[AT_CURRENT] = place + 1;
    writeMany.call(this, chunks, (error) => {
      board[PLACES + place]! -= 1;
      done(error);
    });
    board[AT_CURRENT] = 0;
  };
}
