/** What the default export of a pipeline's module is: what `nanometer bench` runs. */
import type { Duplex, Writable } from 'node:stream';
import { NanometerError, show, type Refuse } from '../errors';
import type { Element } from '../flow/element';
import type { WebPair } from '../flow/pipeline';
import { isNodeStream, isReadableNode, isWebPair, isWritableNode } from '../flow/pipeline/stages';

/** What a source that is a function is told. */
export interface SourceContext {
  /** `--seed`, or the seed that the report names. */
  readonly seed: number;
  /** Numbers from 0 to 1, 1 excluded: the same in each run with the same seed. */
  readonly random: () => number;
  /** Which of the threads that run the pipeline this is, from 0. */
  readonly worker: number;
  /** How many threads run it. */
  readonly workers: number;
}

/**
 * Where elements come from: a list or anything else to iterate over, or a function that gives that.
 * It is gone through again and again; one that cannot be, such as a generator, ends the run when it
 * ends.
 */
export type PipelineSource =
  | Iterable<unknown>
  | AsyncIterable<unknown>
  | ((context: SourceContext) => Iterable<unknown> | AsyncIterable<unknown>);

/**
 * A component that is a function: the value in, the value for the next component out, or a promise of
 * it. What it throws fails the element. Only the last may give `undefined`.
 *
 * The element says more of itself to observers: `element.copy('PayloadWrite', bytes)`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what flows is the program's affair
export type ComponentFunction = (value: any, element: Element) => unknown;

/**
 * A component: a function, a duplex stream of Node or a transform stream of the web; the last may be
 * a writable stream of Node.
 */
export type PipelineComponent = ComponentFunction | Duplex | Writable | WebPair;

/** A pipeline, as a module defines it. */
export interface PipelineDefinition<Name extends string = string> {
  /** Where elements come from; left out, they are the numbers 0, 1, 2, …. */
  readonly source?: PipelineSource;
  /**
   * The service whose meter the pipeline is recorded in, as `open()` takes it: that of the components'
   * own metrics. Left out, the name of the nearest `package.json`.
   */
  readonly service?: string;
  /** The components by name, 1 to 255 of them: elements go through them in this order. */
  readonly components: Readonly<Record<Name, PipelineComponent>>;
}

const KEYS = ['source', 'service', 'components'];
// A flow has one component more where the source is one of them.
const MOST_COMPONENTS = 255;
const LONGEST_NAME = 200;
const ACCEPTED =
  "a function, a duplex stream of Node or the web's { readable, writable }; the last may be a " +
  'writable stream of Node';

/**
 * Defines the pipeline that `nanometer bench` runs: a module's default export.
 *
 * ```ts
 * export default definePipeline({
 *   source: () => readFileSync('orders.ndjson', 'utf8').trimEnd().split('\n'),
 *   components: { parse: (line: string) => JSON.parse(line), price, store },
 * });
 * ```
 *
 * @returns the same definition
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION` for what cannot be run; it names the component
 */
export function definePipeline<Name extends string>(
  definition: PipelineDefinition<Name>,
): PipelineDefinition<Name> {
  const refuse: Refuse = (what) => {
    throw new NanometerError('NANOMETER_INVALID_DEFINITION', `pipeline: ${what}`);
  };
  const given: unknown = definition;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(`a definition is an object with components, not ${show(given)}`);
  }
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    refuse(`unknown key ${show(unknown)}; accepted are ${KEYS.join(', ')}`);
  }
  const { source, service, components } = given as Record<string, unknown>;
  if (source !== undefined && !isSource(source)) {
    refuse(
      `the source is an iterable, an async iterable or a function that gives one, not ${show(source)}`,
    );
  }
  if (service !== undefined && (typeof service !== 'string' || service === '')) {
    refuse(`the service is the name that open() takes, not ${show(service)}`);
  }
  checkComponents(components, refuse);
  return definition;
}

/** Whether a component is a stream and no function. @internal */
export function isStream(component: unknown): component is Duplex | Writable | WebPair {
  return isNodeStream(component) || isWebPair(component);
}

function isSource(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return typeof value === 'string';
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

function checkComponents(components: unknown, refuse: Refuse): void {
  if (typeof components !== 'object' || components === null || Array.isArray(components)) {
    return refuse(`components are an object of functions and streams, not ${show(components)}`);
  }
  const entries = Object.entries(components);
  if (entries.length === 0 || entries.length > MOST_COMPONENTS) {
    return refuse(`it has ${entries.length} components; 1 to ${MOST_COMPONENTS} are accepted`);
  }
  const streams = new Map<unknown, string>();
  for (const [index, [name, component]] of entries.entries()) {
    if (name === '' || name.length > LONGEST_NAME || !name.isWellFormed()) {
      refuse(`a component's name has 1 to ${LONGEST_NAME} characters, not ${show(name)}`);
    }
    if (name === 'source') refuse('no component is named "source": that is where elements begin');
    if (!isComponent(component, index === entries.length - 1)) {
      refuse(`the component ${show(name)} is ${ACCEPTED}, not ${show(component)}`);
    }
    if (typeof component === 'function') continue;
    const twin = streams.get(component);
    if (twin !== undefined) {
      refuse(`the components ${show(twin)} and ${show(name)} are the same stream`);
    }
    streams.set(component, name);
  }
}

function isComponent(value: unknown, isLast: boolean): boolean {
  if (typeof value === 'function') return true;
  if (isWebPair(value)) return true;
  return isWritableNode(value) && (isLast || isReadableNode(value));
}
