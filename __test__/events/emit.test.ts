/** What is recorded of an event, and what is refused. */
import type { Meter } from 'nanometer';
import { eventsAfter, servedMeter, type EventsAnswer } from '../support/events';
import { thrown } from '../support/meter';

const meter = servedMeter();
const rejected = () => meter.snapshot().value('nanometer.values_rejected') ?? NaN;

/** The attributes of the events that something emits, in order. */
async function attributesOf(emit: () => void): Promise<unknown[]> {
  const { last } = await eventsAfter(meter, Number.MAX_SAFE_INTEGER);
  emit();
  const { events } = await eventsAfter(meter, last);
  return events.map(({ attributes }) => attributes);
}

test('an event says what happened, when, and in which order', async () => {
  const before = Date.now();
  const started = meter.event('flow.started', {
    kind: 'lifecycle',
    attributes: {
      flow_id: 'string',
      components: 'number',
      again: 'boolean',
      why: ['asked', 'due'],
    },
  });
  const bare = meter.event('bare', { kind: 'security', level: 'production' });
  started.emit({ flow_id: 'orders', components: 3, again: false, why: 'due' });
  bare.emit();
  const { events, lost, last } = await eventsAfter(meter);
  expect(events).toEqual([
    {
      seq: 1,
      atMs: expect.any(Number) as number,
      name: 'flow.started',
      kind: 'lifecycle',
      level: 'production',
      attributes: { flow_id: 'orders', components: 3, again: false, why: 'due' },
    },
    {
      seq: 2,
      atMs: expect.any(Number) as number,
      name: 'bare',
      kind: 'security',
      level: 'production',
      attributes: {},
    },
  ]);
  expect({ lost, last }).toEqual({ lost: 0, last: 2 });
  for (const { atMs } of events) {
    expect(atMs).toBeGreaterThanOrEqual(before);
    expect(atMs).toBeLessThanOrEqual(Date.now());
  }
});

test('texts and numbers come back as they went in', async () => {
  const type = meter.event('values', {
    kind: 'resource',
    attributes: { 'a "quoted" näme': 'string', n: 'number' },
  });
  const texts = ['', 'plain', '"\\\n\u0000\u001f\u007f', 'ü€😀', '</script>', '\u2028', '{}'];
  const numbers = [
    0,
    -0,
    1,
    -1.5,
    2 ** 53,
    1e21,
    5e-324,
    Number.MAX_VALUE,
    -1.2345678901234567e-308,
  ];
  const given = [
    ...texts.map((text) => [text, 0] as const),
    ...numbers.map((n) => ['', n] as const),
  ];
  const seen = await attributesOf(() => {
    for (const [text, n] of given) type.emit({ 'a "quoted" näme': text, n });
  });
  // JSON has no -0.
  expect(seen).toEqual(given.map(([text, n]) => ({ 'a "quoted" näme': text, n: n === 0 ? 0 : n })));
});

test('half a character becomes U+FFFD', async () => {
  const type = meter.event('halves', { kind: 'resource', attributes: { text: 'string' } });
  const seen = await attributesOf(() => {
    type.emit({ text: 'a\ud800b' });
  });
  expect(seen).toEqual([{ text: 'a\ufffdb' }]);
});

test('what is wrong is left out and counted, and what is too much is ignored', async () => {
  const type = meter.event('strict', {
    kind: 'error',
    attributes: { text: 'string', n: 'number', yes: 'boolean', word: ['a', 'b'] },
  });
  const right = { text: 'x', n: 1, yes: true, word: 'a' };
  const throwing = {
    ...right,
    get n(): number {
      throw new Error('a getter');
    },
  };
  const wrong: unknown[] = [
    { ...right, text: 1 },
    { ...right, text: new String('x') },
    { ...right, n: '1' },
    { ...right, n: NaN },
    { ...right, n: -Infinity },
    { ...right, n: 1n },
    { ...right, yes: 1 },
    { ...right, word: 'c' },
    { ...right, word: ['a'] },
    { text: 'x', n: 1, yes: true },
    {},
    undefined,
    null,
    'text',
    7,
    throwing,
  ];
  const emit = type.emit.bind(type) as (attributes: unknown) => void;
  const before = rejected();
  const seen = await attributesOf(() => {
    for (const attributes of wrong) emit(attributes);
    emit({ ...right, more: Symbol('ignored') });
  });
  expect(seen).toEqual([right]);
  expect(rejected() - before).toBe(wrong.length);
});

test('attributes that emit while they are looked at do no harm', async () => {
  const type = meter.event('nested', { kind: 'error', attributes: { n: 'number' } });
  const seen = await attributesOf(() => {
    type.emit({
      get n() {
        type.emit({ n: 1 });
        return 2;
      },
    });
  });
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
});

test('texts that do not fit are cut, the longest first, and end in a mark', async () => {
  const type = meter.event('cut', {
    kind: 'error',
    attributes: { short: 'string', long: 'string', other: 'string', n: 'number' },
  });
  const emitted = [
    { short: 'short', long: 'x'.repeat(100_000), other: 'y'.repeat(100_000), n: 1 },
    { short: 'short', long: '€'.repeat(300), other: 'fits', n: -1.2345678901234567e-308 },
    { short: '', long: '"'.repeat(400), other: '\u0000'.repeat(400), n: 0 },
    { short: '', long: '😀'.repeat(200), other: 'a\ud800'.repeat(200), n: 0 },
  ];
  const seen = (await attributesOf(() => {
    for (const attributes of emitted) type.emit(attributes);
  })) as typeof emitted;
  expect(seen).toHaveLength(emitted.length);
  for (const [index, { short, long, other, n }] of seen.entries()) {
    const given = emitted[index]!;
    expect([short, n]).toEqual([given.short, given.n]);
    for (const [text, whole] of [
      [long, given.long],
      [other, given.other],
    ] as const) {
      if (text === whole) continue;
      expect(text.endsWith('…')).toBe(true);
      expect(text.length).toBeGreaterThan(20);
      expect(whole.toWellFormed().startsWith(text.slice(0, -1))).toBe(true);
    }
  }
  expect(seen[1]?.other).toBe('fits');
});

test('the longest text that fits is whole, and one byte more is cut', async () => {
  const type = meter.event('edge', { kind: 'error', attributes: { text: 'string' } });
  const empty = { name: 'edge', kind: 'error', level: 'production', attributes: { text: '' } };
  const room = 480 - Buffer.byteLength(JSON.stringify(empty));
  const seen = await attributesOf(() => {
    type.emit({ text: 'x'.repeat(room) });
    type.emit({ text: 'x'.repeat(room + 1) });
  });
  expect(seen).toEqual([{ text: 'x'.repeat(room) }, { text: `${'x'.repeat(room - 3)}…` }]);
});

test('an event is recorded at its level and above', async () => {
  const always = meter.event('always', { kind: 'error', attributes: { n: 'number' } });
  const closely = meter.event('closely', {
    kind: 'error',
    level: 'diagnostic',
    attributes: { n: 'number' },
  });
  const before = rejected();
  const seen = await attributesOf(() => {
    for (const [n, level] of (['off', 'production', 'diagnostic'] as const).entries()) {
      meter.level = level;
      always.emit({ n });
      closely.emit({ n: n + 10 });
      if (level === 'off') (always.emit as (wrong: unknown) => void).call(always, null);
    }
    meter.level = 'production';
  });
  expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 12 }]);
  expect(rejected()).toBe(before);
});

test('an event takes no memory before the first one is recorded', () => {
  const other = servedMeter({ level: 'off' });
  const size = () => other.snapshot().value('nanometer.segment.size') ?? NaN;
  const type = other.event('first', { kind: 'resource' });
  const before = size();
  type.emit();
  expect(size()).toBe(before);
  other.level = 'production';
  type.emit();
  expect(size()).toBe(before + 4 * 65_536);
  for (let i = 0; i < 2_000; i++) type.emit();
  expect(size()).toBe(before + 4 * 65_536);
});

test('what is overwritten is counted, exactly', async () => {
  const other = servedMeter();
  const type = other.event('many', { kind: 'resource', attributes: { n: 'number' } });
  const overwritten = () => other.snapshot().value('nanometer.events_overwritten');
  const numbers = ({ events }: EventsAnswer) => events.map(({ attributes }) => attributes['n']);
  const emit = (from: number, to: number) => {
    for (let n = from; n < to; n++) type.emit({ n });
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  emit(0, 508);
  expect(overwritten()).toBe(0);
  const all = await eventsAfter(other);
  expect([numbers(all), all.lost, all.last]).toEqual([range(0, 508), 0, 508]);
  emit(508, 700);
  expect(overwritten()).toBe(192);
  const from300 = await eventsAfter(other, 300);
  expect([numbers(from300), from300.lost, from300.last]).toEqual([range(300, 700), 0, 700]);
  const from100 = await eventsAfter(other, 100);
  expect([numbers(from100), from100.lost, from100.last]).toEqual([range(192, 700), 92, 700]);
  emit(700, 10_000);
  expect(overwritten()).toBe(10_000 - 508);
  const rest = await eventsAfter(other, 700);
  expect([numbers(rest), rest.lost]).toEqual([range(10_000 - 508, 10_000), 8_792]);
});

describe('a definition', () => {
  const define = (name: unknown, options: unknown) =>
    thrown(() => (meter.event as (...given: unknown[]) => unknown).call(meter, name, options));

  test('that is made again alike is the same', () => {
    const options = { kind: 'error', attributes: { reason: ['a', 'b'] } } as const;
    expect(meter.event('same', options)).toBe(meter.event('same', { ...options }));
  });

  test('that is made again otherwise is refused, with both', () => {
    meter.event('taken', { kind: 'error', attributes: { first: 'string' } });
    const { code, message } = define('taken', { kind: 'error', attributes: { second: 'string' } });
    expect(code).toBe('NANOMETER_CONFLICT');
    expect(message).toContain('first');
    expect(message).toContain('second');
  });

  test.each([
    [7, { kind: 'error' }, '7'],
    ['', { kind: 'error' }, '""'],
    ['1st', { kind: 'error' }, '"1st"'],
    ['a b', { kind: 'error' }, '"a b"'],
    ['nanometer.own', { kind: 'error' }, 'nanometer.'],
    ['x', undefined, 'undefined'],
    ['x', [], 'an array'],
    ['x', {}, 'undefined'],
    ['x', { kind: 'failure' }, 'lifecycle, performance, error, security, resource'],
    ['x', { kind: 'error', level: 'off' }, 'production, diagnostic'],
    ['x', { kind: 'error', labels: [] }, '"labels"'],
    ['x', { kind: 'error', attributes: ['a'] }, 'an array'],
    ['x', { kind: 'error', attributes: { '': 'string' } }, '""'],
    ['x', { kind: 'error', attributes: { a: 'bigint' } }, '"bigint"'],
    ['x', { kind: 'error', attributes: { a: [] } }, 'an array'],
    ['x', { kind: 'error', attributes: { a: ['b', 7] } }, '7'],
    ['x', { kind: 'error', attributes: { a: ['b', 'b'] } }, 'twice'],
    ['x', { kind: 'error', attributes: { a: ['\ud800'] } }, 'well-formed'],
    ['x', { kind: 'error', attributes: { ['a'.repeat(500)]: 'string' } }, '480'],
  ])('of %p with %j is refused', (name, options, told) => {
    const { code, message } = define(name, options);
    expect(code).toBe('NANOMETER_INVALID_DEFINITION');
    expect(message).toContain(told);
  });

  test('is refused where the meter is closed; what is defined goes on, harmlessly', async () => {
    const closed: Meter = servedMeter();
    const type = closed.event('early', { kind: 'error' });
    await closed.close();
    type.emit();
    const error = thrown(() => closed.event('late', { kind: 'error' }));
    expect(error.code).toBe('NANOMETER_CLOSED');
  });
});
