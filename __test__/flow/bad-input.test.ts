/** What a flow cannot be: refused with the value and what is accepted, before anything is changed. */
import { NanometerError, type Flow, type FlowOptions } from 'nanometer';
import { viewOf } from '../support/flow';
import { quietMeter, thrown } from '../support/meter';

const meter = quietMeter();
// The families of flows are made with the first of them.
meter.flow('first', ['a', 'b']);

/** How many series there are, and what they say. */
const allSeries = () =>
  JSON.stringify(meter.snapshot().metrics.map(({ name, series }) => [name, series]));

/** Makes a flow of arguments that no type checker has seen. */
const attempt = (...args: unknown[]): Flow =>
  (meter.flow as unknown as (...all: unknown[]) => Flow).apply(meter, args);

const longName = 'x'.repeat(201);
const tooMany = Array.from({ length: 257 }, (_, i) => `c${String(i)}`);

const refusals: [string, unknown[], RegExp][] = [
  ['no id', [undefined, ['a']], /flow undefined: the id is a string of 1 to 200 characters/],
  ['an empty id', ['', ['a']], /the id .*, not ""/],
  ['an id that is too long', [longName, ['a']], /the id .* 200 characters, not "xxx/],
  ['an id that is a number', [7, ['a']], /the id .*, not 7/],
  ['an id that is a symbol', [Symbol('id'), ['a']], /the id .*, not a symbol/],
  ['an id that is no text', ['\udc00', ['a']], /the id .*udc00/],
  ['no components', ['bad'], /"bad": its components are a list of names in order, not undefined/],
  ['a text for components', ['bad', 'abc'], /list of names in order, not "abc"/],
  ['a set for components', ['bad', new Set(['a'])], /not an object/],
  ['an empty list', ['bad', []], /0 components; 1 to 256 are accepted/],
  ['too many components', ['bad', tooMany], /257 components; 1 to 256/],
  ['a component without a name', ['bad', ['a', '']], /a component is a string .*, not ""/],
  ['a component that is no string', ['bad', ['a', 7]], /a component .*, not 7/],
  // eslint-disable-next-line no-sparse-arrays -- a hole is what is tested
  ['a hole', ['bad', ['a', , 'b']], /a component .*, not undefined/],
  ['a component whose name is too long', ['bad', [longName]], /a component .*, not "xxx/],
  ['a component whose name is no text', ['bad', ['\ud800']], /a component .*ud800/],
  ['duplicate names', ['bad', ['a', 'b', 'a']], /the component "a" appears twice/],
  ['options that are null', ['bad', ['a'], null], /options are an object, not null/],
  ['options that are a list', ['bad', ['a'], []], /options are an object, not an array/],
  ['options that are a text', ['bad', ['a'], 'fast'], /options are an object, not "fast"/],
  [
    'an unknown option',
    ['bad', ['a'], { highWatermark: 1 }],
    /"highWatermark"; accepted are streams, highWaterMark, lowWaterMark, maxInFlight, slowComponentMs, latencySpikeMs/,
  ],
  [
    'a high water mark of 0',
    ['bad', ['a'], { highWaterMark: 0 }],
    /highWaterMark .* 1 to 2147483648, not 0/,
  ],
  ['half a high water mark', ['bad', ['a'], { highWaterMark: 1.5 }], /highWaterMark .*, not 1\.5/],
  ['an endless high water mark', ['bad', ['a'], { highWaterMark: Infinity }], /not Infinity/],
  [
    'a low water mark that is not below',
    ['bad', ['a'], { highWaterMark: 4, lowWaterMark: 4 }],
    /lowWaterMark .* 0 to 3, not 4/,
  ],
  [
    'a low water mark below 0',
    ['bad', ['a'], { lowWaterMark: -1 }],
    /lowWaterMark .* 0 to 1023, not -1/,
  ],
  [
    'a low water mark in words',
    ['bad', ['a'], { lowWaterMark: 'low' }],
    /lowWaterMark .*, not "low"/,
  ],
  ['room for no element', ['bad', ['a'], { maxInFlight: 0 }], /maxInFlight .* 1 to 1048576, not 0/],
  [
    'room for too many',
    ['bad', ['a'], { maxInFlight: 2 ** 20 + 1 }],
    /maxInFlight .*, not 1048577/,
  ],
  ['no time', ['bad', ['a'], { slowComponentMs: 0 }], /slowComponentMs .* above 0, not 0/],
  ['a time below 0', ['bad', ['a'], { latencySpikeMs: -5 }], /latencySpikeMs .*, not -5/],
  [
    'a time that is no number',
    ['bad', ['a'], { latencySpikeMs: NaN }],
    /latencySpikeMs .*, not NaN/,
  ],
  [
    'an endless time',
    ['bad', ['a'], { slowComponentMs: Infinity }],
    /slowComponentMs .*, not Infinity/,
  ],
  [
    'streams that are a text',
    ['bad', ['a'], { streams: 'a->b' }],
    /list of pairs of components, not "a->b"/,
  ],
  ['a stream that is no pair', ['bad', ['a', 'b'], { streams: [['a']] }], /an array is not a pair/],
  ['a stream that is a text', ['bad', ['a', 'b'], { streams: ['ab'] }], /"ab" is not a pair/],
  [
    'a stream from nowhere',
    ['bad', ['a', 'b'], { streams: [['x', 'b']] }],
    /"x" is no component of it; it has "a", "b"/,
  ],
  ['a stream to nowhere', ['bad', ['a', 'b'], { streams: [['a', 7]] }], /7 is no component of it/],
  [
    'a stream to itself',
    ['bad', ['a', 'b'], { streams: [['a', 'a']] }],
    /"a" cannot be its own consumer/,
  ],
  [
    'a stream twice',
    [
      'bad',
      ['a', 'b'],
      {
        streams: [
          ['a', 'b'],
          ['a', 'b'],
        ],
      },
    ],
    /from "a" to "b" appears twice/,
  ],
  [
    'streams with one name',
    [
      'bad',
      ['a', 'b->c', 'a->b', 'c'],
      {
        streams: [
          ['a', 'b->c'],
          ['a->b', 'c'],
        ],
      },
    ],
    /two of its streams would be called "a->b->c"/,
  ],
  [
    'streams with one name, in line',
    ['bad', ['a->b', 'c', 'a', 'b->c']],
    /would be called "a->b->c"/,
  ],
];

test.each(refusals)('%s is refused', (_, args, words) => {
  const before = allSeries();
  const { code, message } = thrown(() => attempt(...args));
  expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(message).toMatch(words);
  expect(allSeries()).toBe(before);
});

test('a refusal is a NanometerError, and leaves the name free', () => {
  expect.assertions(2);
  try {
    attempt('free', ['a', 'a']);
  } catch (error) {
    expect(NanometerError.is(error)).toBe(true);
  }
  expect(meter.flow('free', ['a', 'b']).state).toBe('created');
});

test.each<[string, unknown[]]>([
  ['other components', ['taken', ['a', 'c']]],
  ['another order', ['taken', ['b', 'a']]],
  ['other options', ['taken', ['a', 'b'], { maxInFlight: 7 }]],
  ['other streams', ['taken', ['a', 'b'], { streams: [['b', 'a']] }]],
])('a name that is taken, with %s, is refused, whichever life it is in', (_, args) => {
  const flow = meter.flow('taken', ['a', 'b']);
  const before = allSeries();
  const { code, message } = thrown(() => attempt(...args));
  expect(code).toBe('NANOMETER_CONFLICT');
  expect(message).toMatch(
    /^the flow "taken" is there already, otherwise: .*"components":\["a","b"\]/,
  );
  expect(allSeries()).toBe(before);
  expect(meter.flow('taken', ['a', 'b'])).toBe(flow);
  flow.cancel();
  expect(thrown(() => attempt(...args)).code).toBe('NANOMETER_CONFLICT');
});

test('what says the same in other words is the same flow', () => {
  const flow = meter.flow('same', ['a', 'b']);
  const same: FlowOptions<'a' | 'b'>[] = [
    {},
    { streams: [['a', 'b']] },
    { highWaterMark: 1_024, lowWaterMark: 512 },
    { maxInFlight: 65_536 },
    { lowWaterMark: undefined, streams: undefined } as object,
  ];
  for (const options of same) expect(meter.flow('same', ['a', 'b'], options)).toBe(flow);
});

test('unknown components and streams are refused with those that there are', () => {
  const flow = meter.flow('asked', ['a', 'b', 'c']) as Flow;
  const before = allSeries();
  const component = thrown(() => flow.component('d'));
  expect(component.code).toBe('NANOMETER_INVALID_OPTION');
  expect(component.message).toBe('"d" is no component of the flow "asked"; it has "a", "b", "c"');
  const stream = thrown(() => flow.stream('a', 'c'));
  expect(stream.code).toBe('NANOMETER_INVALID_OPTION');
  expect(stream.message).toBe('"a->c" is no stream of the flow "asked"; it has "a->b", "b->c"');
  for (const name of ['toString', '__proto__', '', undefined, 7]) {
    expect(thrown(() => flow.component(name as string)).code).toBe('NANOMETER_INVALID_OPTION');
  }
  expect(flow.component('b')).toBe(flow.components['b']);
  expect(allSeries()).toBe(before);
});

test('components cannot be put into a flow, or taken out', () => {
  const flow = meter.flow('frozen', ['a']);
  expect(() => Object.assign(flow.components, { b: flow.components.a })).toThrow(TypeError);
  expect(Object.keys(flow.components)).toEqual(['a']);
});

test.each([
  'constructor',
  '__proto__',
  'toString',
  ' ',
  'ä ö 😀',
  'line\nfeed',
  'a"quote',
  'back\\slash',
  'x'.repeat(200),
])('any text is a good name: %p', (name) => {
  const id = `flow ${name}`.slice(0, 200);
  const flow = meter.flow(id, [name, 'next']) as Flow;
  const element = flow.begin();
  flow.component(name).run(element, () => undefined);
  flow.component('next').run(element, () => undefined);
  element.end();
  const view = viewOf(meter, id);
  expect(view.value('component.invocations', name)).toBe(1);
  expect(view.value('stream.elements.transferred', `${name}->next`)).toBe(1);
  expect(Object.keys(flow.components)).toEqual([name, 'next']);
});

test('the most that is accepted is', () => {
  const names = tooMany.slice(1);
  const flow = meter.flow('wide', names, {
    ...{ streams: [], highWaterMark: 2 ** 31, lowWaterMark: 2 ** 31 - 1 },
    ...{ maxInFlight: 2 ** 20, slowComponentMs: Number.MIN_VALUE, latencySpikeMs: 1e300 },
  });
  expect(Object.keys(flow.components)).toEqual(names);
});

test('a closed meter makes no flow, and those that there are go on harmlessly', async () => {
  const own = quietMeter();
  const flow = own.flow('early', ['a', 'b']);
  const element = flow.begin();
  await own.close();
  const { code, message } = thrown(() => own.flow('late', ['a']));
  expect(code).toBe('NANOMETER_CLOSED');
  expect(message).toContain('"late"');
  expect(flow.components.a.run(element, () => 'done')).toBe('done');
  element.end();
  flow.begin().fail();
  flow.complete();
  expect(flow.state).toBe('completed');
});

test('past the bound of its families a flow records into the overflow series', () => {
  const own = quietMeter({ maxSeries: 3 });
  const flows = ['a', 'b', 'c'].map((id) => own.flow(id, ['only']));
  const beyond = own.flow('d', ['only']);
  for (const flow of [...flows, beyond]) flow.begin().end();
  const snapshot = own.snapshot();
  for (const id of ['a', 'b', 'c'])
    expect(snapshot.value('flow.elements.total', { flow_id: id })).toBe(1);
  // Not by its name, but nothing is lost.
  expect(snapshot.value('flow.elements.total', { flow_id: 'd' })).toBeUndefined();
  expect(snapshot.value('flow.elements.total', { otel_metric_overflow: 'true' })).toBe(1);
});
