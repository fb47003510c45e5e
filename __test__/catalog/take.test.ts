/** What a meter makes of a catalog: handles, families, other labels, other names, and refusals. */
import { defineCatalog, type Meter } from 'nanometer';
import { calimero, flowscope, session, torvyn } from 'nanometer/catalogs';
import { quietMeter, thrown, watchWarnings } from '../support/meter';

const shop = defineCatalog({
  name: 'shop',
  metrics: {
    'orders.accepted': { index: 0, kind: 'counter', unit: '{order}', help: 'Accepted.' },
    'orders.by_sku': {
      index: 1,
      kind: 'counter',
      help: 'By article.',
      labels: ['sku'],
      maxSeries: 2,
    },
    'orders.open': { index: 3, kind: 'gauge', help: 'Open.' },
    'orders.waiting': { index: 4, kind: 'gauge', aggregate: 'elapsed', help: 'Waiting.' },
    'till.state': { index: 5, kind: 'state', states: ['shut', 'open'], help: 'Till.' },
    'till.rate': {
      index: 6,
      kind: 'derived',
      unit: '1',
      derive: { numerator: 'orders.accepted', denominator: 'orders.open' },
      help: 'Accepted for each open.',
    },
    'till.sales': {
      index: 7,
      kind: 'histogram',
      unit: '{euro}',
      buckets: [1, 10],
      labels: { way: ['cash', 'card'] },
      help: 'Sales.',
    },
  },
  events: {
    opened: { kind: 'lifecycle', help: 'A till was opened.', attributes: { till: 'string' } },
  },
});

let meter: Meter;

beforeEach(() => {
  meter = quietMeter();
});

afterEach(() => meter.close());

test('handles are nested by the dots of their names, and by index', () => {
  const stats = meter.catalog(shop);
  stats.orders.accepted.add(3);
  stats.orders.by_sku.with({ sku: 'A' }).inc();
  stats.orders.open.set(2);
  stats.till.state.set('open');
  stats.till.sales.with({ way: 'card' }).record(5);
  expect(stats.at(0)).toBe(stats.orders.accepted);
  expect(stats.at(7)).toBe(stats.till.sales);
  expect(stats.at(2)).toBeUndefined();
  expect(stats.at(6)).toBeUndefined();
  expect(stats.at(99 as number)).toBeUndefined();
  expect('rate' in stats.till).toBe(false);
  expect(stats.catalog).toBe(shop);

  const snapshot = meter.snapshot();
  expect(snapshot.value('orders.accepted')).toBe(3);
  expect(snapshot.value('orders.by_sku', { sku: 'A' })).toBe(1);
  expect(snapshot.value('till.state')).toBe(1);
  expect(snapshot.value('till.rate')).toBe(1.5);
  expect(snapshot.histogram('till.sales', { way: 'card' }).counts).toEqual([0, 1, 0]);
});

test('handles of a group are under its name, and those of a prefixed catalog without the prefix', () => {
  meter.catalog(calimero).channel.received_total.add(2);
  meter.catalog(flowscope).flows_created_total.with({ l4: 'udp' }).inc();
  expect(meter.snapshot().value('network_event_channel_received_total')).toBe(2);
  expect(meter.snapshot().value('flowscope_flows_created_total', { l4: 'udp' })).toBe(1);
});

test('a stopwatch of a catalog runs', () => {
  const { waiting } = meter.catalog(shop).orders;
  waiting.start();
  waiting.stop();
  const elapsed = meter.snapshot().value('orders.waiting')!;
  expect(elapsed).toBeGreaterThan(0);
  expect(meter.snapshot().value('orders.waiting')).toBe(elapsed);
});

test('what is taken cannot be changed', () => {
  const stats = meter.catalog(shop);
  for (const object of [stats, stats.orders, stats.events])
    expect(Object.isFrozen(object)).toBe(true);
});

test('the same arguments give the same answer, whatever the order of the labels', () => {
  expect(meter.catalog(shop)).toBe(meter.catalog(shop));
  expect(meter.catalog(shop, {})).toBe(meter.catalog(shop, { prefix: '', labels: {} }));
  const one = meter.catalog(shop, { prefix: 'a_', labels: { x: '1', y: '2' } });
  expect(meter.catalog(shop, { labels: { y: '2', x: '1' }, prefix: 'a_' })).toBe(one);
  expect(meter.catalog(shop, { prefix: 'a_', labels: { x: '1', y: '3' } })).not.toBe(one);
});

test('another prefix gives other metrics, derived ones too', () => {
  const plain = meter.catalog(shop);
  const other = meter.catalog(shop, { prefix: 'node_' });
  plain.orders.accepted.add(1);
  other.orders.accepted.add(6);
  other.orders.open.set(2);
  const snapshot = meter.snapshot();
  expect(snapshot.value('orders.accepted')).toBe(1);
  expect(snapshot.value('node_orders.accepted')).toBe(6);
  expect(snapshot.value('node_till.rate')).toBe(3);
});

test('other constant labels give other series of the same metrics', () => {
  const a = meter.catalog(shop, { labels: { town: 'A' } });
  const b = meter.catalog(shop, { labels: { town: 'B' } });
  a.orders.accepted.add(1);
  b.orders.accepted.add(2);
  a.orders.by_sku.with({ sku: 'x' }).inc();
  b.orders.open.set(4);
  b.till.state.set('open');
  b.till.sales.with({ way: 'cash' }).record(0.5);
  const snapshot = meter.snapshot();
  expect(snapshot.value('orders.accepted', { town: 'A' })).toBe(1);
  expect(snapshot.value('orders.accepted', { town: 'B' })).toBe(2);
  expect(snapshot.value('orders.by_sku', { town: 'A', sku: 'x' })).toBe(1);
  expect(snapshot.value('till.rate', { town: 'B' })).toBe(0.5);
  expect(snapshot.value('till.state', { town: 'B' })).toBe(1);
  expect(snapshot.histogram('till.sales', { town: 'B', way: 'cash' }).count).toBe(1);
});

test('all series of closed labels are there when a catalog is taken with constant ones', () => {
  meter.catalog(shop, { labels: { town: 'A' } });
  meter.catalog(shop, { labels: { town: 'B' } });
  const sales = meter.snapshot().metrics.find(({ name }) => name === 'till.sales')!;
  expect(sales.series.map(({ labels }) => labels)).toEqual([
    { town: 'A', way: 'cash' },
    { town: 'A', way: 'card' },
    { town: 'B', way: 'cash' },
    { town: 'B', way: 'card' },
  ]);
});

test('a value outside of a closed set is counted and recorded apart, with constant labels too', () => {
  const warnings = watchWarnings();
  const { sales } = meter.catalog(shop, { labels: { town: 'A' } }).till;
  sales.with({ way: 'barter' as 'cash' }).record(2);
  const snapshot = meter.snapshot();
  expect(snapshot.value('nanometer.labels_rejected')).toBe(1);
  expect(snapshot.histogram('till.sales', { otel_metric_overflow: 'true' }).count).toBe(1);
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/"way" is "barter"; accepted are "cash", "card"/),
  ]);
});

test('past the bound of an open family the overflow series takes what comes', () => {
  watchWarnings();
  const { by_sku } = meter.catalog(shop).orders;
  for (const sku of ['a', 'b', 'c', 'd']) by_sku.with({ sku }).inc();
  expect(meter.snapshot().value('orders.by_sku', { otel_metric_overflow: 'true' })).toBe(2);
});

test('there is room for maxSeries sets of constant labels, and nothing is lost past it', async () => {
  watchWarnings();
  const small = quietMeter({ maxSeries: 2 });
  for (const town of ['A', 'B', 'C']) {
    const stats = small.catalog(shop, { labels: { town } });
    stats.orders.accepted.inc();
    stats.till.sales.with({ way: 'card' }).record(3);
  }
  const snapshot = small.snapshot();
  expect(snapshot.value('orders.accepted', { town: 'B' })).toBe(1);
  expect(snapshot.value('orders.accepted', { otel_metric_overflow: 'true' })).toBe(1);
  expect(snapshot.histogram('till.sales', { town: 'B', way: 'card' }).count).toBe(1);
  expect(snapshot.histogram('till.sales', { otel_metric_overflow: 'true' }).count).toBe(1);
  await small.close();
});

describe('a refused catalog changes nothing', () => {
  const names = () => meter.snapshot().metrics.map(({ name }) => name);

  test.each<[string, () => unknown, string, RegExp]>([
    [
      'a prefix that makes no name',
      () => meter.catalog(shop, { prefix: '9_' }),
      'NANOMETER_INVALID_DEFINITION',
      /"9_orders.accepted" cannot be the name/,
    ],
    [
      'a prefix of our own',
      () => meter.catalog(shop, { prefix: 'nanometer.' }),
      'NANOMETER_INVALID_DEFINITION',
      /package's own/,
    ],
    [
      'a prefix that makes a name too long',
      () => meter.catalog(shop, { prefix: 'x'.repeat(250) }),
      'NANOMETER_INVALID_DEFINITION',
      /up to 254/,
    ],
    [
      'a label that is taken',
      () => meter.catalog(shop, { labels: { le: '1' } }),
      'NANOMETER_INVALID_DEFINITION',
      /"le" is taken/,
    ],
    [
      "a label of a metric's own",
      () => meter.catalog(shop, { labels: { sku: '1' } }),
      'NANOMETER_INVALID_DEFINITION',
      /"sku" appears twice/,
    ],
    [
      'a label value that is no string',
      () => meter.catalog(shop, { labels: { town: 7 as never } }),
      'NANOMETER_INVALID_OPTION',
      /"town" is 7, not a string/,
    ],
    [
      'labels that are no object',
      () => meter.catalog(shop, { labels: ['town'] as never }),
      'NANOMETER_INVALID_OPTION',
      /labels is an object/,
    ],
    [
      'a prefix that is no string',
      () => meter.catalog(shop, { prefix: 7 as never }),
      'NANOMETER_INVALID_OPTION',
      /prefix is a string, not 7/,
    ],
    [
      'an option that there is not',
      () => meter.catalog(shop, { label: {} } as never),
      'NANOMETER_INVALID_OPTION',
      /"label"; accepted are labels, prefix/,
    ],
    [
      'options that are none',
      () => meter.catalog(shop, 7 as never),
      'NANOMETER_INVALID_OPTION',
      /an object, not 7/,
    ],
    [
      'what is no catalog',
      () => meter.catalog({ metrics: [] } as never),
      'NANOMETER_INVALID_OPTION',
      /defineCatalog/,
    ],
  ])('%s', (_, take, code, why) => {
    const before = names();
    const error = thrown(take);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(why);
    expect(names()).toEqual(before);
  });

  test('with constant labels where it was taken without, under the same names', () => {
    meter.catalog(shop);
    const before = names();
    const { code, message } = thrown(() => meter.catalog(shop, { labels: { town: 'A' } }));
    expect(code).toBe('NANOMETER_CONFLICT');
    expect(message).toMatch(/take it with the option prefix/);
    expect(names()).toEqual(before);
    meter.catalog(shop, { prefix: 'other_', labels: { town: 'A' } });
  });

  test('without constant labels where it was taken with them', () => {
    meter.catalog(shop, { labels: { town: 'A' } });
    expect(thrown(() => meter.catalog(shop)).code).toBe('NANOMETER_CONFLICT');
    expect(thrown(() => meter.catalog(shop, { labels: { city: 'A' } })).code).toBe(
      'NANOMETER_CONFLICT',
    );
  });

  test('its last metric is defined otherwise', () => {
    meter.counter('till.sales');
    const before = names();
    const { code, message } = thrown(() => meter.catalog(shop));
    expect(code).toBe('NANOMETER_CONFLICT');
    expect(message).toMatch(/catalog "shop": metric 'till\.sales'/);
    expect(names()).toEqual(before);
  });

  test('its event is defined otherwise', () => {
    meter.event('opened', { kind: 'error' });
    const before = names();
    expect(thrown(() => meter.catalog(shop)).code).toBe('NANOMETER_CONFLICT');
    expect(names()).toEqual(before);
  });

  test('the meter is closed', async () => {
    await meter.close();
    expect(thrown(() => meter.catalog(shop)).code).toBe('NANOMETER_CLOSED');
  });
});

test('metrics that are defined alike are shared with the catalog', () => {
  const accepted = meter.counter('orders.accepted', { unit: '{order}', help: 'Accepted.' });
  expect(meter.catalog(shop).orders.accepted).toBe(accepted);
});

test('a reserved group is recorded, and shown once it is switched on', () => {
  const stats = meter.catalog(calimero);
  stats.governance.ops_applied_total.add(2);
  const shown = () =>
    meter
      .snapshot()
      .metrics.filter(({ name }) => name.startsWith('calimero_governance_'))
      .map(({ name }) => name);
  expect(shown()).toEqual([]);
  stats.enable('governance');
  expect(shown()).toHaveLength(4);
  expect(meter.snapshot().value('calimero_governance_ops_applied_total')).toBe(2);
});

test('a reserved metric in no group is switched on by its name, under a prefix too', () => {
  const later = defineCatalog({
    name: 'later',
    metrics: { 'plan.b': { index: 0, kind: 'counter', help: 'Plan B.', reserved: true } },
  });
  const stats = meter.catalog(later, { prefix: 'x_' });
  expect(meter.snapshot().value('x_plan.b')).toBeUndefined();
  stats.enable('plan.b');
  expect(meter.snapshot().value('x_plan.b')).toBe(0);
  expect(thrown(() => stats.enable('plan.c' as never)).message).toMatch(/"plan\.c"/);
});

test('diagnostic metrics record at that level only', () => {
  const stats = meter.catalog(session);
  stats.piece.steals_total.inc();
  stats.net.bytes_recv.add(10);
  meter.level = 'diagnostic';
  stats.piece.steals_total.inc();
  expect(meter.snapshot().value('piece.steals_total')).toBe(1);
  expect(meter.snapshot().value('net.bytes_recv')).toBe(10);
  meter.level = 'off';
  stats.net.bytes_recv.add(10);
  expect(meter.snapshot().value('net.bytes_recv')).toBe(10);
});

test('events are emitted under the names of the catalog, in order, and not at the level off', async () => {
  const stats = meter.catalog(flowscope, { prefix: 'eth0_' });
  const seen: { name: string; attributes: object }[] = [];
  meter.on('event', ({ name, attributes }) => seen.push({ name, attributes }));
  const ended = { reason: 'fin', duration_ns: 5e6, packets: 12, bytes: 900 } as const;
  stats.events.flow_started.emit({ flow: '10.0.0.1:80', l4: 'tcp' });
  meter.level = 'off';
  stats.events.flow_established.emit({ flow: '10.0.0.1:80', l4: 'tcp' });
  meter.level = 'production';
  stats.events.flow_state_change.emit({ flow: '', from: 'established', to: 'closing' });
  stats.events.flow_ended.emit({ flow: '', ...ended });
  // Closing hands the last of them out.
  await meter.close();
  expect(seen).toEqual([
    { name: 'eth0_flowscope_flow_started', attributes: { flow: '10.0.0.1:80', l4: 'tcp' } },
    {
      name: 'eth0_flowscope_flow_state_change',
      attributes: { flow: '', from: 'established', to: 'closing' },
    },
    { name: 'eth0_flowscope_flow_ended', attributes: { flow: '', ...ended } },
  ]);
});

test('no label of flowscope is open', () => {
  meter.catalog(flowscope);
  expect(flowscope.metrics.filter(({ labels, values }) => labels.length > 0 && !values)).toEqual(
    [],
  );
  const created = meter
    .snapshot()
    .metrics.find(({ name }) => name === 'flowscope_flows_created_total');
  expect(created!.series).toHaveLength(3);
});

describe('the invariants of calimero', () => {
  test('hold of a node that does what it should', () => {
    const { channel } = meter.catalog(calimero);
    channel.received_total.add(10);
    channel.processed_total.add(6);
    channel.dropped_total.add(1);
    channel.depth.set(3);
    const snapshot = meter.snapshot();
    expect(calimero.invariants.channel_accounting(snapshot)).toEqual({
      holds: true,
      received: 10,
      processed: 6,
      depth: 3,
      dropped: 1,
      missing: 0,
    });
    for (const name of ['I5', 'I6', 'I7'] as const) {
      expect(calimero.invariants[name](snapshot).holds).toBe(true);
    }
  });

  test('do not hold of one that does not', () => {
    const { channel, sync } = meter.catalog(calimero);
    channel.received_total.add(2);
    sync.snapshot_blocked.inc();
    sync.buffer_drops.add(2);
    sync.verification_failures.add(3);
    const snapshot = meter.snapshot();
    expect(calimero.invariants.channel_accounting(snapshot)).toMatchObject({
      holds: false,
      missing: 2,
    });
    expect(calimero.invariants.I5(snapshot)).toEqual({ holds: false, blocked: 1 });
    expect(calimero.invariants.I6(snapshot)).toEqual({ holds: false, drops: 2 });
    expect(calimero.invariants.I7(snapshot)).toEqual({ holds: false, failures: 3 });
  });

  test('are of the series and names that are asked for', () => {
    const a = meter.catalog(calimero, { prefix: 'x_', labels: { node: 'a' } });
    const b = meter.catalog(calimero, { prefix: 'x_', labels: { node: 'b' } });
    a.sync.buffer_drops.add(1);
    b.sync.buffer_drops.add(2);
    const snapshot = meter.snapshot();
    const { I6 } = calimero.invariants;
    expect(I6(snapshot, { prefix: 'x_' }).drops).toBe(3);
    expect(I6(snapshot, { prefix: 'x_', labels: { node: 'b' } }).drops).toBe(2);
    expect(thrown(() => I6(snapshot)).message).toMatch(/no value of "sync_buffer_drops"/);
    expect(thrown(() => I6(snapshot, { prefix: 'x_', labels: { node: 'c' } })).code).toBe(
      'NANOMETER_INVALID_OPTION',
    );
  });

  test('read 0 of an open family that nothing has used', () => {
    const jobs = defineCatalog({
      name: 'jobs',
      metrics: {
        'jobs.failed': {
          index: 0,
          kind: 'counter',
          unit: '{job}',
          help: 'Jobs that failed.',
          labels: ['queue'],
        },
      },
      invariants: {
        none_failed: {
          about: 'No job has failed.',
          of: (read) => ({ holds: read('jobs.failed') === 0, failed: read('jobs.failed') }),
        },
      },
    });
    const stats = meter.catalog(jobs);
    const { none_failed: noneFailed } = jobs.invariants;
    expect(noneFailed(meter.snapshot())).toEqual({ holds: true, failed: 0 });
    stats.jobs.failed.with({ queue: 'mail' }).inc();
    expect(noneFailed(meter.snapshot())).toEqual({ holds: false, failed: 1 });
  });

  test('are of an interval, too', () => {
    const { sync } = meter.catalog(calimero);
    sync.buffer_drops.inc();
    const before = meter.snapshot();
    expect(calimero.invariants.I6(meter.snapshot().since(before)).holds).toBe(true);
  });
});

test('torvyn shares its metrics with the flows of the meter', () => {
  const stats = meter.catalog(torvyn);
  stats.capability.denials.with({ component_id: 'parse', capability: 'fs' }).inc();
  expect(
    meter.snapshot().value('capability.denials', { component_id: 'parse', capability: 'fs' }),
  ).toBe(1);
});
