/** What a catalog may be, what can be read of it without a meter, and what keeps its indices. */
import { checkIndices, defineCatalog, type CatalogSpec, type IndexEntry } from 'nanometer';
import { session, torvyn } from 'nanometer/catalogs';
import { thrown } from '../support/meter';

const counter = (index: number) => ({ index, kind: 'counter' as const, help: 'One.' });
const refusal = (spec: object) =>
  thrown(() => defineCatalog({ name: 'shop', ...spec } as CatalogSpec));
const withMetrics = (metrics: object) => refusal({ metrics });

test('a catalog is read without a meter', () => {
  const metric = session.metrics[83];
  expect(metric).toMatchObject({
    index: 83,
    name: 'dispatch.tx_high_water',
    path: 'dispatch.tx_high_water',
    kind: 'gauge',
    unit: '1',
    category: 'diagnostics',
    aggregate: 'max',
    diagnostic: true,
    reserved: false,
    deprecated: null,
    labels: [],
    values: null,
  });
  expect(session.metrics[96]!.deprecated).toMatch(/no longer/);
  expect(torvyn.metrics[3]!.derive).toEqual({
    numerator: 'flow.elements.total',
    denominator: 'flow.active_duration',
    factor: 1e9,
  });
  expect(session.about).toContain('BitTorrent');
});

test('nothing of a catalog can be changed', () => {
  const catalog = defineCatalog({
    name: 'frozen',
    metrics: { a: { ...counter(0), labels: { side: ['left', 'right'] } } },
  });
  for (const value of [catalog, catalog.metrics, catalog.metrics[0], catalog.metrics[0]!.values]) {
    expect(Object.isFrozen(value)).toBe(true);
  }
});

test('prefixes are in the name, groups and not prefixes in the path', () => {
  const catalog = defineCatalog({
    name: 'prefixed',
    prefix: 'shop_',
    metrics: { 'orders.open': counter(4) },
    groups: { queue: { prefix: 'queue.', reserved: true, metrics: { depth: counter(2) } } },
  });
  expect(
    catalog.metrics.map(({ index, name, path, group, reserved }) => [
      index,
      name,
      path,
      group,
      reserved,
    ]),
  ).toEqual([
    [2, 'shop_queue.depth', 'queue.depth', 'queue', true],
    [4, 'shop_orders.open', 'orders.open', null, false],
  ]);
});

test.each<[string, object, RegExp]>([
  ['an index twice', { a: counter(3), b: counter(3) }, /"a" and "b" both have the index 3/],
  ['no index', { a: { kind: 'counter', help: 'One.' } }, /whole number from 0 .* not undefined/],
  ['a negative index', { a: counter(-1) }, /whole number .* not -1/],
  ['half an index', { a: counter(0.5) }, /whole number .* not 0\.5/],
  ['an endless index', { a: counter(1e9) }, /to 9999, not 1000000000/],
  ['another kind', { a: { ...counter(0), kind: 'meter' } }, /counter, gauge.* not "meter"/],
  ['no help', { a: { index: 0, kind: 'counter' } }, /help is a sentence/],
  ['an empty help', { a: { ...counter(0), help: '' } }, /help is a sentence/],
  ['an odd category', { a: { ...counter(0), category: 7 } }, /category is a string, not 7/],
  ['an option that there is not', { a: { ...counter(0), buckets: [1] } }, /"buckets"/],
  ['a metric that is no object', { a: 7 }, /the metric "a" is an object, not 7/],
  ['a name that is none', { '1a': counter(0) }, /"1a" cannot be the name of a metric/],
  ['a metric below another', { a: counter(0), 'a.b': counter(1) }, /"a" cannot .* "a.b" is below/],
  ['a metric above another', { 'a.b.c': counter(0), 'a.b': counter(1) }, /"a.b" cannot .* "a.b.c"/],
  ['an empty part', { 'a..b': counter(0) }, /has an empty part/],
  ['an empty end', { 'a.': counter(0) }, /has an empty part/],
  ['the name of a member', { at: counter(0) }, /begins with "at", which is taken: .*values, since/],
  ['a path in a member', { 'events.seen': counter(0) }, /begins with "events", which is taken/],
  ['two that Prometheus calls alike', { 'a.b': counter(0), a_b: counter(1) }, /are both "a_b"/],
  ['a wrong label', { a: { ...counter(0), labels: ['le'] } }, /"le" is taken/],
  ['no buckets', { a: { index: 0, kind: 'histogram', unit: '{x}', help: 'x' } }, /buckets/],
  ['one state', { a: { index: 0, kind: 'state', states: ['x'], help: 'x' } }, /1 states; 2 to 64/],
  [
    'an elapsed time in seconds',
    { a: { index: 0, kind: 'gauge', aggregate: 'elapsed', unit: 's', help: 'x' } },
    /elapsed gauge is in "ns", not in "s"/,
  ],
  [
    'a quotient of what there is not',
    { a: { ...counter(0), kind: 'derived', derive: { numerator: 'b', denominator: 'c' } } },
    /"a" cannot be derived from "b": there is no such metric/,
  ],
  [
    'a quotient of a quotient',
    {
      a: { ...counter(0), kind: 'derived', derive: { numerator: 'b', denominator: 'a' } },
      b: counter(1),
    },
    /it is a derived; counters and gauges are accepted/,
  ],
  [
    'a quotient of other labels',
    {
      a: { ...counter(0), kind: 'derived', derive: { numerator: 'b', denominator: 'b' } },
      b: { ...counter(1), labels: ['x'] },
    },
    /their labels, \[x\] and \[\], differ/,
  ],
  ['no metrics', {}, /it has no metrics/],
])('%s is refused', (_, metrics, why) => {
  const { code, message } = withMetrics(metrics);
  expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(message).toMatch(/^catalog "shop": /);
  expect(message).toMatch(why);
});

test.each<[string, object, RegExp]>([
  ['a catalog without a name', { name: undefined, metrics: { a: counter(0) } }, /its name/],
  ['a name with a space', { name: 'a shop', metrics: { a: counter(0) } }, /"a shop" cannot be/],
  ['a word that there is not', { metric: {} }, /it has no "metric"; accepted are name, about/],
  ['a prefix that is no string', { prefix: 1, metrics: { a: counter(0) } }, /prefix is a string/],
  ['a prefix that makes no name', { prefix: '9', metrics: { a: counter(0) } }, /"9a" cannot be/],
  ['our own prefix', { prefix: 'nanometer.', metrics: { a: counter(0) } }, /package's own/],
  ['an odd group', { groups: { 'a b': { metrics: {} } } }, /"a b" cannot be the name of a group/],
  [
    'a group of a word too much',
    { groups: { a: { metric: {} } } },
    /the group "a" has no "metric"/,
  ],
  ['a group that is a member', { groups: { since: { metrics: { a: counter(0) } } } }, /"since"/],
  [
    'a name that two groups make',
    {
      groups: {
        a: { prefix: 'x_', metrics: { y: counter(0) } },
        b: { metrics: { x_y: counter(1) } },
      },
    },
    /two metrics are called "x_y"/,
  ],
  [
    'a path that begins like a group',
    { metrics: { 'a.b': counter(0) }, groups: { a: { metrics: { c: counter(1) } } } },
    /"a" is a group, and the path of another metric begins so/,
  ],
  [
    'an event without help',
    { metrics: { a: counter(0) }, events: { b: { kind: 'error' } } },
    /event "b": help/,
  ],
  [
    'an event of an odd kind',
    { metrics: { a: counter(0) }, events: { b: { kind: 'party', help: 'Now.' } } },
    /kind is one of lifecycle.* not "party"/,
  ],
])('%s is refused', (_, spec, why) => {
  const { code, message } = refusal(spec);
  expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(message).toMatch(why);
});

describe('checkIndices()', () => {
  const shop = defineCatalog({
    name: 'shop',
    metrics: { 'orders.open': counter(0), 'orders.done': counter(1) },
  });
  const committed = shop.indices();

  test('finds nothing where nothing has changed', () => {
    expect(checkIndices(shop, committed)).toEqual([]);
    expect(checkIndices(shop, JSON.parse(JSON.stringify(committed)))).toEqual([]);
  });

  test('answers what the list does not have yet', () => {
    expect(checkIndices(shop, committed.slice(0, 1))).toEqual([
      { index: 1, name: 'orders.done', kind: 'counter' },
    ]);
  });

  test('names each metric that has moved, is gone or has become of another kind', () => {
    const { code, message } = thrown(() =>
      checkIndices(shop, [
        { index: 1, name: 'orders.open', kind: 'counter' },
        { index: 0, name: 'orders.done', kind: 'gauge' },
        { index: 2, name: 'orders.lost', kind: 'counter' },
      ]),
    );
    expect(code).toBe('NANOMETER_INVALID_DEFINITION');
    expect(message).toContain('"orders.open" has moved from 1 to 0');
    expect(message).toContain('"orders.done" has moved from 0 to 1');
    expect(message).toContain('"orders.done" was a gauge and is a counter');
    expect(message).toContain('"orders.lost", at 2, is gone');
  });

  test('catches a metric of the package that takes the place of another', () => {
    const moved = session
      .indices()
      .map((entry) => (entry.index === 40 ? { ...entry, index: 39 } : entry));
    expect(thrown(() => checkIndices(session, moved)).message).toContain(
      '"peer.peers_connected" has moved from 39 to 40',
    );
  });

  test.each([null, {}, [7], [{ index: '0', name: 'a', kind: 'counter' }]])(
    'refuses %j, which is no list of indices',
    (list) => {
      const { code } = thrown(() => checkIndices(shop, list as unknown as IndexEntry[]));
      expect(code).toBe('NANOMETER_INVALID_OPTION');
    },
  );
});
