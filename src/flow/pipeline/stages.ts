/** What the stages of a pipeline may be, and the check that they are. */
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { NanometerError, show } from '../../errors';
import type { FlowProbe } from '../probe';
import type { NodeStream } from './node-stream';

/** A web stream with two ends. */
export interface WebPair {
  /** Where its chunks come out. */
  readonly readable: ReadableStream;
  /** Where its chunks go in. */
  readonly writable: WritableStream;
}

/**
 * A function as a stage. The first is called with `{ signal }`, the others with what the stage before
 * gives and `{ signal }`; all but the last give an iterable, the last a promise or an async iterable.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what flows is the program's affair
export type StageFunction = (source: any, options: { readonly signal: AbortSignal }) => unknown;

/** Whatever `stream.promises.pipeline` documents as a stage. */
export type Stage =
  | NodeJS.ReadableStream
  | NodeJS.WritableStream
  | ReadableStream
  | WritableStream
  | WebPair
  | Iterable<unknown>
  | AsyncIterable<unknown>
  | StageFunction;

/** What a value is, as far as a pipeline tells. */
export type StageKind = 'node' | 'web' | 'iterable' | 'function' | 'other';

/** Looks at a value as pipeline does. */
export function kindOf(value: unknown): StageKind {
  if (typeof value === 'function') return 'function';
  if (isNodeStream(value)) return 'node';
  if (isWebReadable(value) || isWebWritable(value) || isWebPair(value)) return 'web';
  return isIterable(value) ? 'iterable' : 'other';
}

/** The end of a web stream that is read. */
export function readableEnd(stream: object): object {
  return isWebPair(stream) ? stream.readable : stream;
}

/** The end of a web stream that is written. */
export function writableEnd(stream: object): object {
  return isWebPair(stream) ? stream.writable : stream;
}

/**
 * The stages in the order of the flow.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where one is missing, unknown, there twice, or
 * nothing that can stand at its place
 */
export function checkStages(flow: FlowProbe, stages: unknown): unknown[] {
  const names = flow.componentProbes.map(({ id }) => id);
  const known = names.map(show).join(', ');
  if (typeof stages !== 'object' || stages === null || Array.isArray(stages)) {
    refuse(flow, `stages are an object with ${known}, not ${show(stages)}`);
  }
  if (names.length < 2) {
    refuse(flow, `it has one component, ${known}: a pipeline takes two or more`);
  }
  const unknown = Object.keys(stages).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    refuse(flow, `${show(unknown)} is no component of it; it has ${known}`);
  }
  const list: unknown[] = [];
  for (const [i, name] of names.entries()) {
    if (!Object.hasOwn(stages, name)) {
      refuse(flow, `the stage ${show(name)} is missing; it has ${known}`);
    }
    const stage = (stages as Readonly<Record<string, unknown>>)[name];
    const accepted = accept(stage, i, names.length);
    if (accepted !== null) {
      refuse(flow, `the stage ${show(name)} is ${accepted}, not ${describe(stage)}`);
    }
    const twin = typeof stage === 'object' ? list.indexOf(stage) : -1;
    if (twin !== -1) {
      refuse(flow, `the stages ${show(names[twin])} and ${show(name)} are the same stream`);
    }
    list.push(stage);
  }
  return list;
}

/** Throws that something about a flow's pipeline is not acceptable. */
export function refuse(flow: FlowProbe, what: string): never {
  throw new NanometerError('NANOMETER_INVALID_OPTION', `pipeline of ${show(flow.id)}: ${what}`);
}

/** What a stage at that place must be; `null` where it is. */
function accept(stage: unknown, index: number, count: number): string | null {
  if (typeof stage === 'function') return null;
  if (index === 0) {
    const isGood = isReadableNode(stage) || isWebSource(stage) || isIterable(stage);
    return isGood && !(isNodeStream(stage) && !isReadableNode(stage))
      ? null
      : 'a readable stream of Node or the web, an iterable, or a function that gives one';
  }
  if (index < count - 1) {
    return (isReadableNode(stage) && isWritableNode(stage)) || isWebPair(stage)
      ? null
      : 'a duplex stream of Node, a transform stream of the web, or a function';
  }
  return isWritableNode(stage) || isWebWritable(stage) || isWebPair(stage)
    ? null
    : 'a writable stream of Node or the web, or a function';
}

/** A value as a message shows it, with its class where it has one. */
export function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return show(value);
  const { constructor } =
    (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } }) ?? {};
  const name = constructor?.name;
  const isTelling =
    typeof name === 'string' && name !== '' && name !== 'Object' && name !== 'Array';
  return isTelling ? `a ${name}` : show(value);
}

type Probe = Readonly<Record<PropertyKey, unknown>>;

function has(value: unknown, ...methods: readonly PropertyKey[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((name) => typeof (value as Probe)[name] === 'function');
}

/** Whether it is a stream of Node, of any age. */
export function isNodeStream(value: unknown): value is NodeStream {
  if (typeof value !== 'object' || value === null) return false;
  const { _readableState, _writableState } = value as NodeStream;
  return (
    Boolean(_readableState) ||
    Boolean(_writableState) ||
    has(value, 'write', 'on') ||
    has(value, 'pipe', 'on')
  );
}

/** Whether it is a stream of Node that can be read. */
export function isReadableNode(value: unknown): value is NodeStream {
  if (!has(value, 'pipe', 'on')) return false;
  const { _readableState, _writableState } = value as NodeStream;
  return !_writableState || (Boolean(_readableState) && _readableState?.readable !== false);
}

/** Whether it is a stream of Node that can be written. */
export function isWritableNode(value: unknown): value is NodeStream {
  if (!has(value, 'write', 'on')) return false;
  const { _readableState, _writableState } = value as NodeStream;
  return !_readableState || _writableState?.writable !== false;
}

/** Whether it is a web stream that can be read. */
export function isWebReadable(value: unknown): value is ReadableStream {
  return !isNodeStream(value) && has(value, 'pipeThrough', 'getReader', 'cancel');
}

/** Whether it is a web stream that can be written. */
export function isWebWritable(value: unknown): value is WritableStream {
  return !isNodeStream(value) && has(value, 'getWriter', 'abort');
}

/** Whether it is a web stream with two ends. */
export function isWebPair(value: unknown): value is WebPair {
  if (typeof value !== 'object' || value === null || isNodeStream(value)) return false;
  const { readable, writable } = value as Probe;
  return isWebReadable(readable) && isWebWritable(writable);
}

function isWebSource(value: unknown): boolean {
  return isWebReadable(value) || isWebPair(value);
}

/** Whether it can be iterated over. */
export function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  if (value === undefined || value === null) return false;
  const object = value as Probe;
  return (
    typeof object[Symbol.asyncIterator] === 'function' ||
    typeof object[Symbol.iterator] === 'function'
  );
}
