/** The life of a flow: which state follows which, what is told of it, and its next life. */
import { mockClock, type Flow, type FlowState } from 'nanometer';
import { elementsRefused, hearEvents, holdIntervals, inBrief, viewOf } from '../support/flow';
import { quietMeter, thrown, watchWarnings } from '../support/meter';

holdIntervals();
watchWarnings();
const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const heard = hearEvents(meter);
let made = 0;
const name = () => `lives ${String((made += 1))}`;

const fresh = () => {
  const id = name();
  return { id, flow: meter.flow(id, ['a', 'b']), ...viewOf(meter, id) };
};

/** How a flow comes to each state, an element in flight where that is possible. */
const PATHS: Record<FlowState, (flow: Flow) => void> = {
  created: () => undefined,
  validated: (flow) => flow.validate(),
  running: (flow) => void flow.begin(),
  draining: (flow) => {
    flow.begin();
    flow.drain();
  },
  completed: (flow) => {
    flow.begin().end();
    flow.complete();
  },
  cancelled: (flow) => flow.cancel(),
  failed: (flow) => flow.fail(),
};

type Move = 'validate' | 'begin' | 'drain' | 'complete' | 'cancel' | 'fail';

/** What each call makes of each state; `null` where it is refused. */
const MOVES: Record<FlowState, Record<Exclude<Move, 'begin'>, FlowState | null>> = {
  created: {
    ...{ validate: 'validated', drain: null, complete: null },
    ...{ cancel: 'cancelled', fail: 'failed' },
  },
  validated: {
    ...{ validate: null, drain: null, complete: null },
    ...{ cancel: 'cancelled', fail: 'failed' },
  },
  running: {
    ...{ validate: null, drain: 'draining', complete: null },
    ...{ cancel: 'cancelled', fail: 'failed' },
  },
  draining: {
    ...{ validate: null, drain: null, complete: null },
    ...{ cancel: 'cancelled', fail: 'failed' },
  },
  completed: { validate: null, drain: null, complete: null, cancel: null, fail: null },
  cancelled: { validate: null, drain: null, complete: null, cancel: null, fail: null },
  failed: { validate: null, drain: null, complete: null, cancel: null, fail: null },
};

const FOLLOWERS: Record<FlowState, string> = {
  created: 'validated, running, cancelled, failed',
  validated: 'running, cancelled, failed',
  running: 'draining, completed, cancelled, failed',
  draining: 'completed, cancelled, failed',
  completed: 'next life',
  cancelled: 'next life',
  failed: 'next life',
};

const table = (Object.keys(MOVES) as FlowState[]).flatMap((from) =>
  Object.entries(MOVES[from]).map(
    ([move, to]) => [from, move as Exclude<Move, 'begin'>, to] as const,
  ),
);

describe('a flow with an element in flight where it can have one', () => {
  test.each(table)('from %s, %s() leads to %p', (from, move, to) => {
    const { id, flow, state } = fresh();
    PATHS[from](flow);
    expect(flow.state).toBe(from);
    expect(state()).toBe(from);
    heard();
    if (to !== null) {
      flow[move]();
      expect(flow.state).toBe(to);
      expect(state()).toBe(to);
      expect(inBrief(heard()).map(([event]) => event)).toEqual([`flow.${to}`]);
      return;
    }
    const { code, message } = thrown(() => flow[move]());
    expect(code).toBe('NANOMETER_INVALID_STATE');
    expect(message).toContain(`"${id}"`);
    expect(message).toContain(from);
    expect(message).toContain(FOLLOWERS[from]);
    expect(flow.state).toBe(from);
    expect(state()).toBe(from);
    expect(heard()).toEqual([]);
  });

  test.each<[FlowState, FlowState, boolean]>([
    ['created', 'running', true],
    ['validated', 'running', true],
    ['running', 'running', true],
    ['draining', 'draining', false],
    ['completed', 'completed', false],
    ['cancelled', 'cancelled', false],
    ['failed', 'failed', false],
  ])('from %s, begin() leads to %s; takes the element: %p', (from, to, takes) => {
    const { flow, state } = fresh();
    PATHS[from](flow);
    const refused = elementsRefused(meter);
    expect(flow.begin().isInFlight).toBe(takes);
    expect(flow.state).toBe(to);
    expect(state()).toBe(to);
    expect(elementsRefused(meter)).toBe(refused + (takes ? 0 : 1));
  });

  test('cannot be completed, and says how many are in flight and what waits for them', () => {
    const { flow } = fresh();
    flow.begin();
    flow.begin();
    const { code, message } = thrown(() => flow.complete());
    expect(code).toBe('NANOMETER_INVALID_STATE');
    expect(message).toMatch(/2 elements in flight.*drain\(\)/);
    expect(flow.state).toBe('running');
    expect(flow.inFlight).toBe(2);
  });
});

test('a running flow without elements in flight can be completed', () => {
  const { flow, state } = fresh();
  flow.begin().end();
  flow.complete();
  expect(flow.state).toBe('completed');
  expect(state()).toBe('completed');
});

describe('drain()', () => {
  test('completes the flow with the last element, well or not', () => {
    const { flow, state } = fresh();
    const elements = [flow.begin(), flow.begin()];
    flow.drain();
    elements[1]!.end();
    expect(state()).toBe('draining');
    elements[0]!.fail(new Error('the last one'));
    expect(flow.state).toBe('completed');
    expect(state()).toBe('completed');
  });

  test('completes a flow that is empty at once', () => {
    const { id, flow, state } = fresh();
    flow.begin().end();
    heard();
    flow.drain();
    expect(state()).toBe('completed');
    expect(inBrief(heard())).toEqual([
      ['flow.draining', { flow_id: id }],
      ['flow.completed', { flow_id: id, duration_ns: 0 }],
    ]);
  });

  test('at the level off, too', () => {
    const { flow, state, value } = fresh();
    const element = flow.begin();
    const active = meter.snapshot().value('system.flows.active')!;
    heard();
    meter.level = 'off';
    flow.drain();
    element.end();
    // What happens is not told, but what is is shown.
    expect(heard()).toEqual([]);
    expect(flow.state).toBe('completed');
    expect(state()).toBe('completed');
    expect(value('flow.elements.in_flight')).toBe(0);
    expect(meter.snapshot().value('system.flows.active')).toBe(active - 1);
    meter.level = 'production';
  });

  test('does not outlive cancel()', () => {
    const { flow, state } = fresh();
    const element = flow.begin();
    flow.drain();
    flow.cancel('enough');
    element.end();
    expect(flow.state).toBe('cancelled');
    expect(state()).toBe('cancelled');
  });
});

test('the events of a life come in order, with what belongs to them', () => {
  const id = name();
  heard();
  const flow = meter.flow(id, ['read', 'parse', 'write']);
  flow.validate();
  const element = flow.begin();
  clock.advance(300);
  expect(() =>
    flow.components.parse.run(element, () => {
      throw new SyntaxError('no such token');
    }),
  ).toThrow(SyntaxError);
  element.fail();
  const last = flow.begin();
  flow.drain();
  clock.advance(200);
  last.end();
  const events = heard();
  const flow_id = id;
  expect(inBrief(events)).toEqual([
    ['flow.created', { flow_id, components: 'read,parse,write' }],
    ['flow.validated', { flow_id }],
    ['flow.started', { flow_id }],
    ['component.error', { flow_id, component_id: 'parse', error: 'SyntaxError: no such token' }],
    ['flow.draining', { flow_id }],
    ['flow.completed', { flow_id, duration_ns: 500 }],
  ]);
  expect(events.map(({ kind }) => kind)).toEqual([
    'lifecycle',
    'lifecycle',
    'lifecycle',
    'error',
    'lifecycle',
    'lifecycle',
  ]);
  expect(events.every(({ level }) => level === 'production')).toBe(true);
  const numbers = events.map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
});

test.each<[string, (flow: Flow) => void, string, object]>([
  ['cancel()', (flow) => flow.cancel(), 'flow.cancelled', { reason: '', duration_ns: 0 }],
  ['cancel(reason)', (flow) => flow.cancel('shut down'), 'flow.cancelled', { reason: 'shut down' }],
  ['fail()', (flow) => flow.fail(), 'flow.failed', { reason: '' }],
  ['fail(error)', (flow) => flow.fail(new Error('disk')), 'flow.failed', { reason: 'Error: disk' }],
  ['fail(what cannot be shown)', (flow) => flow.fail(Object.create(null)), 'flow.failed', {}],
])('%s says why', (_, call, event, attributes) => {
  const { id, flow } = fresh();
  heard();
  call(flow);
  const [first, ...rest] = heard();
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ name: event, attributes: { flow_id: id, ...attributes } });
  expect(typeof first!.attributes['reason']).toBe('string');
});

describe('the same name again', () => {
  test('is the same flow until it drains or is over', () => {
    const { id, flow } = fresh();
    expect(meter.flow(id, ['a', 'b'])).toBe(flow);
    flow.validate();
    expect(meter.flow(id, ['a', 'b'])).toBe(flow);
    flow.begin();
    expect(meter.flow(id, ['a', 'b'])).toBe(flow);
    flow.drain();
    expect(meter.flow(id, ['a', 'b'])).not.toBe(flow);
  });

  test.each(['completed', 'cancelled', 'failed'] as const)(
    'begins the next life of a flow that is %s, and counts go on',
    (over) => {
      const { id, flow, state, value } = fresh();
      PATHS[over](flow);
      heard();
      const next = meter.flow(id, ['a', 'b']);
      expect(next).not.toBe(flow);
      expect(next.state).toBe('created');
      expect(state()).toBe('created');
      const before = value('flow.elements.total')!;
      next.begin().end();
      expect(state()).toBe('running');
      expect(value('flow.elements.total')).toBe(before + 1);
      expect(flow.state).toBe(over);
      expect(inBrief(heard())).toEqual([
        ['flow.created', { flow_id: id, components: 'a,b' }],
        ['flow.started', { flow_id: id }],
      ]);
    },
  );

  test('gives a second life beside one that still drains, whose state is the one shown', () => {
    const { id, flow, state, value } = fresh();
    const old = flow.begin();
    flow.components.a.run(old, () => undefined);
    flow.drain();
    const next = meter.flow(id, ['a', 'b']);
    expect([flow.state, next.state, state()]).toEqual(['draining', 'created', 'created']);
    const young = next.begin();
    expect([flow.state, next.state, state()]).toEqual(['draining', 'running', 'running']);
    // Their elements are the name's: either life's components take them.
    next.components.b.run(old, () => undefined);
    flow.components.a.run(young, () => undefined);
    expect(value('component.invocations', 'a')).toBe(2);
    expect(value('stream.elements.transferred', 'a->b')).toBe(1);
    expect(value('flow.elements.in_flight')).toBe(2);
    young.end();
    old.end();
    expect([flow.state, next.state, state()]).toEqual(['completed', 'running', 'running']);
    expect(value('flow.elements.total')).toBe(2);
    next.complete();
    expect(state()).toBe('completed');
  });

  test('counts one flow as active, however many lives it has', () => {
    const active = () => meter.snapshot().value('system.flows.active')!;
    const before = active();
    const { id, flow } = fresh();
    const element = flow.begin();
    flow.drain();
    const next = meter.flow(id, ['a', 'b']);
    next.begin();
    expect(active()).toBe(before + 1);
    flow.cancel();
    expect(active()).toBe(before + 1);
    next.cancel();
    expect(active()).toBe(before);
    element.end();
  });
});

describe('remove()', () => {
  const series = (id: string) =>
    meter
      .snapshot()
      .metrics.flatMap(({ name: metric, series: all }) =>
        all.filter(({ labels }) => labels['flow_id'] === id).map(() => metric),
      );

  test('takes a flow that is over out of the output, and later records to the overflow', () => {
    const { id, flow } = fresh();
    const [ended, forgotten] = [flow.begin(), flow.begin()];
    ended.copy('PayloadRead', 1);
    ended.end();
    expect(series(id)).toContain('flow.copies.by_reason');
    expect(series(id).length).toBeGreaterThan(20);
    flow.cancel();
    flow.remove();
    expect(series(id)).toEqual([]);
    const overflow = () =>
      meter.snapshot().value('flow.elements.total', { otel_metric_overflow: 'true' }) ?? 0;
    const before = overflow();
    forgotten.end();
    expect(series(id)).toEqual([]);
    expect(overflow()).toBe(before + 1);
  });

  test.each(['running', 'draining'] as const)('is refused while the flow is %s', (state) => {
    const { id, flow } = fresh();
    PATHS[state](flow);
    const before = series(id);
    const { code, message } = thrown(() => flow.remove());
    expect(code).toBe('NANOMETER_INVALID_STATE');
    expect(message).toContain(`"${id}" is ${state}`);
    expect(series(id)).toEqual(before);
  });

  test('leaves the name to another flow, which begins at nought', () => {
    const { id, flow, value, state } = fresh();
    flow.begin().end();
    flow.complete();
    flow.remove();
    const other = meter.flow(id, ['x', 'y', 'z']);
    expect(state()).toBe('created');
    expect(value('flow.elements.total')).toBe(0);
    other.begin().end();
    expect(value('flow.elements.total')).toBe(1);
    // The old one gave its series up once; these are not its own.
    flow.remove();
    expect(value('flow.elements.total')).toBe(1);
    expect(meter.flow(id, ['x', 'y', 'z'])).toBe(other);
  });

  test('over and over costs no series', () => {
    const own = quietMeter({ maxSeries: 20 });
    const count = () =>
      own.snapshot().metrics.reduce((sum, metric) => sum + metric.series.length, 0);
    const round = (i: number) => {
      const flow = own.flow(`come and go ${String(i)}`, ['a', 'b']);
      flow.begin().copy('PayloadWrite', 1);
      flow.cancel();
      flow.remove();
    };
    round(0);
    const before = count();
    // More than a family has room for.
    for (let i = 1; i < 200; i += 1) round(i);
    expect(count()).toBe(before);
    own.flow('after them', ['a', 'b']).begin().end();
    expect(viewOf(own, 'after them').value('flow.elements.total')).toBe(1);
  });
});

describe('the host', () => {
  test('counts flows and components that are active', () => {
    const own = quietMeter();
    const active = () =>
      ['flows', 'components'].map((what) => own.snapshot().value(`system.${what}.active`));
    const one = own.flow('one', ['a', 'b', 'c']);
    const two = own.flow('two', ['a']);
    one.validate();
    expect(active()).toEqual([0, 0]);
    const element = one.begin();
    two.begin().end();
    expect(active()).toEqual([2, 4]);
    one.drain();
    expect(active()).toEqual([2, 4]);
    element.end();
    expect(active()).toEqual([1, 1]);
    two.fail();
    expect(active()).toEqual([0, 0]);
  });

  test('tells its memory without that of the components, and what the loop did meanwhile', async () => {
    const own = quietMeter();
    const value = (metric: string) => own.snapshot().value(`system.${metric}`)!;
    const flow = own.flow('host', ['a', 'b']);
    expect(value('memory.total')).toBe(0);
    flow.begin();
    flow.components.a.memory(3_000_000);
    flow.components.b.memory(1_000_000);
    // A busy machine may have no idle moment in a given number of turns.
    const idleBefore = performance.eventLoopUtilization().idle;
    let turns = 0;
    while (turns < 20 || performance.eventLoopUtilization().idle < idleBefore + 2) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      turns += 1;
    }
    jest.advanceTimersByTime(1_000);
    const rss = process.memoryUsage.rss();
    const total = value('memory.total');
    expect(total).toBeGreaterThan(rss / 2);
    expect(total).toBeLessThan(rss * 2);
    expect(value('memory.host')).toBe(total - 4_000_000);
    expect(value('scheduler.idle_ns')).toBeGreaterThan(1e6);
    expect(value('scheduler.idle_ns')).toBeLessThan(60e9);
    const { uvMetricsInfo } = performance.nodeTiming as { uvMetricsInfo?: object };
    const wakeups = value('scheduler.wakeups');
    if (uvMetricsInfo === undefined) expect(wakeups).toBe(0);
    else expect(wakeups).toBeGreaterThanOrEqual(turns - 1);

    // Nothing is sampled when no flow is active any more.
    flow.cancel();
    const idle = value('scheduler.idle_ns');
    await new Promise((resolve) => setTimeout(resolve, 5));
    jest.advanceTimersByTime(5_000);
    expect(value('scheduler.idle_ns')).toBe(idle);
  });
});
