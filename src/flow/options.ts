/** What a flow can be told, checked. */
import { NanometerError, show, type Refuse } from '../errors';

/** What a flow can be told beside its components. */
export interface FlowOptions<Name extends string = string> {
  /**
   * The streams, as pairs of producer and consumer: for flows that fan out or in. Left out: one from
   * each component to the next.
   */
  readonly streams?: readonly (readonly [NoInfer<Name>, NoInfer<Name>])[];
  /** So many elements waiting in a stream set backpressure on: 1 to 2^31, 1,024 when left out. */
  readonly highWaterMark?: number;
  /** So few set it off again: 0 and below `highWaterMark`, whose half it is when left out. */
  readonly lowWaterMark?: number;
  /** The most elements in flight in a thread, 1 to 1,048,576; 65,536 when left out. */
  readonly maxInFlight?: number;
  /** An invocation that takes more milliseconds makes a performance event. Left out: none does. */
  readonly slowComponentMs?: number;
  /** An element that takes more milliseconds makes a performance event. Left out: none does. */
  readonly latencySpikeMs?: number;
}

/** At which depths backpressure begins and ends. */
export interface WaterMarks {
  /** Elements: at this depth and above, backpressure begins. */
  readonly high: number;
  /** Elements: at this depth and below, it ends. */
  readonly low: number;
}

/** A flow's definition, complete. */
export interface FlowPlan {
  readonly id: string;
  readonly components: readonly string[];
  readonly edges: readonly (readonly [string, string])[];
  /** Whether the streams lead from each component to the next. */
  readonly isLine: boolean;
  readonly marks: WaterMarks;
  readonly maxInFlight: number;
  readonly slowComponentNs: number;
  readonly latencySpikeNs: number;
}

const MOST_COMPONENTS = 256;
const MOST_IN_FLIGHT = 2 ** 20;
const LONGEST_NAME = 200;
const KEYS = [
  'streams',
  'highWaterMark',
  'lowWaterMark',
  'maxInFlight',
  'slowComponentMs',
  'latencySpikeMs',
];

/** A checked plan of a flow. Throws `NANOMETER_INVALID_DEFINITION`. */
export function planFlow(id: unknown, components: unknown, options: unknown): FlowPlan {
  const refuse: Refuse = (what) => {
    throw new NanometerError('NANOMETER_INVALID_DEFINITION', `flow ${show(id)}: ${what}`);
  };
  const name = checkName('the id', id, refuse);
  const names = checkComponents(components, refuse);
  const given = checkKeys(options, refuse);
  const line = names.slice(1).map((to, i) => [names[i]!, to] as const);
  const edges = given.streams === undefined ? line : checkEdges(given.streams, names, refuse);
  checkStreamNames(edges, refuse);
  const high = checkWhole('highWaterMark', given.highWaterMark ?? 1_024, 1, 2 ** 31, refuse);
  const low = given.lowWaterMark ?? Math.floor(high / 2);
  return {
    id: name,
    components: names,
    edges,
    isLine: JSON.stringify(edges) === JSON.stringify(line),
    marks: { high, low: checkWhole('lowWaterMark', low, 0, high - 1, refuse) },
    maxInFlight: checkWhole('maxInFlight', given.maxInFlight ?? 65_536, 1, MOST_IN_FLIGHT, refuse),
    slowComponentNs: checkMs('slowComponentMs', given.slowComponentMs, refuse),
    latencySpikeNs: checkMs('latencySpikeMs', given.latencySpikeMs, refuse),
  };
}

function checkName(what: string, name: unknown, refuse: Refuse): string {
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME) {
    if (name.isWellFormed()) return name;
  }
  return refuse(`${what} is a string of 1 to ${LONGEST_NAME} characters, not ${show(name)}`);
}

function checkComponents(components: unknown, refuse: Refuse): string[] {
  if (!Array.isArray(components)) {
    return refuse(`its components are a list of names in order, not ${show(components)}`);
  }
  if (components.length === 0 || components.length > MOST_COMPONENTS) {
    return refuse(`it has ${components.length} components; 1 to ${MOST_COMPONENTS} are accepted`);
  }
  const names: string[] = [];
  for (const component of components as readonly unknown[]) {
    const name = checkName('a component', component, refuse);
    if (names.includes(name)) return refuse(`the component ${show(name)} appears twice`);
    names.push(name);
  }
  return names;
}

function checkKeys(options: unknown, refuse: Refuse): Record<string, unknown> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return refuse(`options are an object, not ${show(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    return refuse(`unknown option ${show(unknown)}; accepted are ${KEYS.join(', ')}`);
  }
  return options as Record<string, unknown>;
}

function checkEdges(
  streams: unknown,
  names: readonly string[],
  refuse: Refuse,
): (readonly [string, string])[] {
  if (!Array.isArray(streams)) {
    return refuse(`streams is a list of pairs of components, not ${show(streams)}`);
  }
  const edges: (readonly [string, string])[] = [];
  for (const pair of streams as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      return refuse(`streams: ${show(pair)} is not a pair of producer and consumer`);
    }
    const [from, to] = pair as [unknown, unknown];
    for (const end of [from, to]) {
      if (!names.includes(end as string)) {
        const known = names.map(show).join(', ');
        return refuse(`streams: ${show(end)} is no component of it; it has ${known}`);
      }
    }
    if (from === to) return refuse(`streams: ${show(from)} cannot be its own consumer`);
    if (edges.some(([a, b]) => a === from && b === to)) {
      return refuse(`streams: the one from ${show(from)} to ${show(to)} appears twice`);
    }
    edges.push([from as string, to as string]);
  }
  return edges;
}

/** Names with an arrow in them could make one name of two streams. */
function checkStreamNames(edges: FlowPlan['edges'], refuse: Refuse): void {
  const taken = new Set<string>();
  for (const edge of edges) {
    const name = edge.join('->');
    if (taken.has(name)) {
      refuse(`two of its streams would be called ${show(name)}: name the components otherwise`);
    }
    taken.add(name);
  }
}

function checkWhole(
  what: string,
  value: unknown,
  least: number,
  most: number,
  refuse: Refuse,
): number {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value);
  }
  return refuse(`${what} is a whole number from ${least} to ${most}, not ${show(value)}`);
}

function checkMs(what: string, value: unknown, refuse: Refuse): number {
  if (value === undefined) return Infinity;
  if (typeof value === 'number' && value > 0 && value < Infinity) return value * 1e6;
  return refuse(`${what} is a number of milliseconds above 0, not ${show(value)}`);
}
