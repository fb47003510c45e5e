/** What the harness does not send: flags, capitals, limits of tracestate, what is no text. */
import { extract } from '../../../dist/trace/context/carrier';
import * as contexts from '../../../dist/trace/context/context';

const IDS = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

/** Declared for the package only. */
const { words: wordsOf } = contexts.TraceContext as unknown as {
  words(context: unknown): Int32Array;
};

function stateOf(...tracestate: string[]): string {
  return extract({ traceparent: `00-${IDS}-01`, tracestate })!.tracestate;
}

describe('traceparent', () => {
  test.each([
    ['00', '00', 0, false],
    ['01', '01', 1, true],
    ['02', '02', 2, false],
    ['03', '03', 3, true],
    ['04', '00', 0, false],
    ['fd', '01', 1, true],
    ['ff', '03', 3, true],
  ])('flags %s go on as %s', (came, goes, flags, isSampled) => {
    const context = extract({ traceparent: `00-${IDS}-${came}` })!;
    expect(context.traceparent()).toBe(`00-${IDS}-${goes}`);
    expect(context.flags).toBe(flags);
    expect(context.isSampled).toBe(isSampled);
  });

  test.each([
    `00-${IDS.toUpperCase()}-01`,
    `00-${IDS}-0A`,
    `0A-${IDS}-01`,
    `FF-${IDS}-01`,
    `00-${IDS}-01,00-${IDS}-01`,
    `00-${IDS}-01-`,
    `00_${IDS}_01`,
    `00-${IDS.replace('-', 'a')}-01`,
    `00-${IDS}-0\u0661`,
    `00-${IDS.replace('4b', '\u0134b')}-01`,
    `\u0130\u0130-${IDS}-01`,
    `\u00a000-${IDS}-01`,
    `\n00-${IDS}-01`,
    ' '.repeat(55),
    ' '.repeat(1_000_000),
    '',
  ])('%j begins the trace anew', (traceparent) => {
    expect(extract({ traceparent })).toBeNull();
  });

  test('a version to come is told as version 00', () => {
    expect(extract({ traceparent: `fe-${IDS}-0b-more` })!.traceparent()).toBe(`00-${IDS}-03`);
  });

  test('ids come out as they came in, whatever their bits', () => {
    const ids = 'ffffffff80000000000000007fffffff-8000000000000001';
    const context = extract({ traceparent: `00-${ids}-01` })!;
    expect(`${context.traceId}-${context.spanId}`).toBe(ids);
    expect([...wordsOf(context)]).toEqual([-1, -(2 ** 31), 0, 2 ** 31 - 1, -(2 ** 31), 1]);
  });

  test('one line in an array is that line, two are none, even where they say the same', () => {
    const traceparent = `00-${IDS}-01`;
    expect(extract({ traceparent: [traceparent] })).not.toBeNull();
    expect(extract({ traceparent: [traceparent, traceparent] })).toBeNull();
    expect(extract({ traceparent, TraceParent: traceparent })).toBeNull();
    expect(extract({ traceparent: [] })).toBeNull();
  });
});

describe('tracestate', () => {
  test('members that are empty count for nothing', () => {
    expect(stateOf(`,, ,\t,${','.repeat(100)}a=1,,b=2,`)).toBe('a=1,b=2');
  });

  test('a value may begin with spaces and be 256 characters long', () => {
    expect(stateOf('a=  x')).toBe('a=  x');
    expect(stateOf(`a=${'v'.repeat(256)}`)).toBe(`a=${'v'.repeat(256)}`);
    expect(stateOf(`a=1,b=${'v'.repeat(257)}`)).toBe('');
  });

  test.each(['a', '=1', 'a=1;b=\u00e9', 'a=\u0001', '-a=1', 'a=1,b', 'a=1\r\nx: y', 'a=\u0661'])(
    '%j is left out, and the trace goes on',
    (tracestate) => {
      const context = extract({ traceparent: `00-${IDS}-01`, tracestate })!;
      expect(context.tracestate).toBe('');
      expect(context.traceparent()).toBe(`00-${IDS}-01`);
    },
  );

  test('512 characters go on whole', () => {
    const state = `a=${'v'.repeat(251)},b=${'w'.repeat(255)}`;
    expect(state).toHaveLength(511);
    expect(stateOf(`${state}x`)).toBe(`${state}x`);
    expect(stateOf(`${state},c=1`)).toBe(`a=${'v'.repeat(251)},c=1`);
  });

  test('past that, members of more than 128 characters go first, then the oldest', () => {
    const long = `long=${'v'.repeat(124)}`;
    const short = (letter: string) => `${letter}=${'v'.repeat(126)}`;
    expect(stateOf([short('a'), long, short('b'), short('c'), short('d')].join(','))).toBe(
      [short('a'), short('b'), short('c')].join(','),
    );
    expect(stateOf([short('a'), short('b'), long, short('c')].join(','))).toBe(
      [short('a'), short('b'), short('c')].join(','),
    );
  });

  test('a million commas, or characters, are looked at in no time', () => {
    const startMs = performance.now();
    for (let i = 0; i < 20; i++) {
      stateOf(','.repeat(1_000_000));
      stateOf(`a=${' '.repeat(1_000_000)}`);
      stateOf(`a=${'x '.repeat(30_000)}`);
    }
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});

describe('what is no text', () => {
  const thrower = () => {
    throw new Error('hostile');
  };
  const everyTrap = new Proxy({}, new Proxy({}, { get: thrower }));
  const endless = new Proxy([], {
    get: (target, key) => (key === 'length' ? Infinity : Reflect.get(target, key)),
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a bigint', 7n],
    ['a symbol', Symbol('traceparent')],
    ['a function', thrower],
    ['a string', `00-${IDS}-01`],
    [
      'a getter that throws',
      Object.defineProperty({}, 'traceparent', { get: thrower, enumerable: true }),
    ],
    ['get() that throws', { get: thrower }],
    ['a proxy whose traps all throw', everyTrap],
    ['a symbol as a value', { traceparent: Symbol('x') }],
    ['a number as a value', { traceparent: 7 }],
    ['an object whose toString throws', { traceparent: { toString: thrower } }],
    ['an array that has no end', { traceparent: endless }],
    ['an array of numbers', { traceparent: [7] }],
    [
      'a Map of nonsense',
      new Map<unknown, unknown>([
        [Symbol('x'), 1],
        ['traceparent', everyTrap],
      ]),
    ],
    ['a revoked proxy', revoked()],
  ])('%s: null, and nothing is thrown', (_, headers) => {
    expect(extract(headers)).toBeNull();
  });

  test.each([
    ['a number', 7],
    ['an array that has no end', endless],
    ['a proxy whose traps all throw', everyTrap],
    ['an array with join() of its own', Object.assign(['a=1', 7], { join: () => 7 })],
    ['a revoked proxy', revoked()],
    [
      'an iterable array without end',
      Object.assign([], { [Symbol.iterator]: () => ({ next: thrower }) }),
    ],
  ])('%s as tracestate or baggage: the trace goes on without', (_, lines) => {
    const context = extract({ traceparent: `00-${IDS}-01`, tracestate: lines, baggage: lines })!;
    expect(context.traceparent()).toBe(`00-${IDS}-01`);
    expect(context.tracestate).toBe('');
    expect(context.baggage.size).toBe(0);
  });

  function revoked(): object {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});
