/** The W3C's harness, through every kind of headers that a context is read from. */
import { extract } from '../../../dist/trace/context/carrier';
import { HARNESS, PARENT_ID, TRACE_ID, type Line } from './harness';

const KINDS: readonly (readonly [string, (lines: readonly Line[]) => unknown])[] = [
  [
    'an object as Node has it',
    (lines) => Object.fromEntries(joined(lines, (name) => name.toLowerCase())),
  ],
  ['an object with arrays', (lines) => Object.fromEntries(arrays(lines))],
  [
    'an object with names as they came',
    (lines) => Object.fromEntries(joined(lines, (name) => name)),
  ],
  ['a Map', (lines) => new Map(joined(lines, (name) => name))],
  ['a Map of arrays', (lines) => new Map(arrays(lines))],
  [
    'Headers',
    (lines) => new Headers(lines.map(([name, value]): [string, string] => [name, value])),
  ],
  ['something with get()', withGet],
];

describe.each(KINDS)('%s', (_, headersOf) => {
  test.each(HARNESS)('$of: $lines', ({ lines, goesOn, tracestate }) => {
    const context = extract(headersOf(lines));
    expect(context === null).toBe(!goesOn);
    if (context === null) return;
    expect(context.traceId).toBe(TRACE_ID);
    expect(context.spanId).toBe(PARENT_ID);
    if (tracestate !== undefined) expect(context.tracestate).toBe(tracestate);
    const flags = /-(0[0-3])(?:\D|$)/.exec(lines[0]![1].trim().slice(52))![1];
    expect(context.traceparent()).toBe(`00-${TRACE_ID}-${PARENT_ID}-${flags}`);
  });
});

/** Node joins the lines of headers that it does not know. */
function joined(lines: readonly Line[], nameOf: (name: string) => string): [string, string][] {
  return arrays(lines, nameOf).map(([name, values]) => [name, values.join(', ')]);
}

function arrays(lines: readonly Line[], nameOf = (name: string) => name): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const [name, value] of lines) {
    found.set(nameOf(name), [...(found.get(nameOf(name)) ?? []), value]);
  }
  return [...found];
}

function withGet(lines: readonly Line[]): { get(name: string): string[] | null } {
  return {
    get: (name) => {
      const values = lines.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
      return values.length === 0 ? null : values;
    },
  };
}
