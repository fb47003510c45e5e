/** Elements: each is counted once, by its own times, whatever is called on it and in which order. */
import { mockClock, type Element } from 'nanometer';
import { elementsRefused, holdIntervals, passTime, viewOf } from '../support/flow';
import { quietMeter, watchWarnings } from '../support/meter';

holdIntervals();
const warnings = watchWarnings();
const clock = mockClock(1_000);
const meter = quietMeter({ clock });
let made = 0;

const fresh = (options = {}) => {
  const id = `elements ${String((made += 1))}`;
  const flow = meter.flow(id, ['source', 'sink'], options);
  return { id, flow, ...viewOf(meter, id) };
};

/** How many calls are refused while something runs. */
const refusedBy = (run: () => void): number => {
  const before = elementsRefused(meter);
  run();
  return elementsRefused(meter) - before;
};

beforeEach(() => {
  meter.level = 'production';
});

test('an element that ends is counted, with its time', () => {
  const { flow, value, times } = fresh();
  const element = flow.begin();
  expect(element.isInFlight).toBe(true);
  clock.advance(750);
  element.end();
  expect(element.isInFlight).toBe(false);
  expect(value('flow.elements.total')).toBe(1);
  expect(value('flow.elements.errors')).toBe(0);
  expect(times('flow.latency')).toMatchObject({ count: 1, sum: 750, min: 750, max: 750 });
});

test('an element that fails is counted, and as an error, and its time is no latency', () => {
  const { flow, value, times } = fresh();
  const element = flow.begin();
  clock.advance(750);
  element.fail(new Error('lost'));
  expect(element.isInFlight).toBe(false);
  expect(value('flow.elements.total')).toBe(1);
  expect(value('flow.elements.errors')).toBe(1);
  expect(times('flow.latency').count).toBe(0);
  // No component was at work on it, so none is to blame.
  expect(value('component.errors', 'source')).toBe(0);
  expect(value('component.errors', 'sink')).toBe(0);
});

test.each(['no error', undefined, null, 0, NaN, Symbol('why'), Object.create(null)])(
  'fail(%p) is as good as any other',
  (error) => {
    const { flow, value } = fresh();
    flow.begin().fail(error);
    expect(value('flow.elements.errors')).toBe(1);
  },
);

test('elements that end in another order have each their own time', () => {
  const { flow, value, times } = fresh();
  const elements = Array.from({ length: 5 }, () => {
    clock.advance(100);
    return flow.begin();
  });
  expect(value('flow.elements.in_flight')).toBe(5);
  // Begun at 100, 200, … 500; ended at 1500 in this order: 1000, 1200, 1400, 1100, 1300 long.
  clock.advance(1_000);
  for (const i of [4, 2, 0, 3, 1]) elements[i]!.end();
  expect(value('flow.elements.in_flight')).toBe(0);
  expect(times('flow.latency')).toMatchObject({ count: 5, sum: 6_000, min: 1_000, max: 1_400 });
});

test('a clock that stands still gives times of 0', () => {
  const { flow, times } = fresh();
  flow.begin().end();
  expect(times('flow.latency')).toMatchObject({ count: 1, sum: 0, min: 0, max: 0 });
});

describe('after its end, each call on an element is refused, counted and changes nothing:', () => {
  test.each<[string, (element: Element) => void]>([
    ['end()', (element) => element.end()],
    ['fail()', (element) => element.fail(new Error('late'))],
    ['copy()', (element) => element.copy('PayloadRead', 10)],
  ])('%s', (_, call) => {
    const { id, flow, value } = fresh();
    for (const finish of [() => flow.begin(), () => flow.begin()].entries()) {
      const element = finish[1]();
      if (finish[0] === 0) element.end();
      else element.fail();
      const before = JSON.stringify(seriesOfFlow(id));
      expect(refusedBy(() => call(element))).toBe(1);
      expect(JSON.stringify(seriesOfFlow(id))).toBe(before);
    }
    expect(value('flow.elements.total')).toBe(2);
  });

  test('run(), start(), end() and fail() of a component', () => {
    const { id, flow } = fresh();
    const { source } = flow.components;
    const element = flow.begin();
    element.end();
    const before = JSON.stringify(seriesOfFlow(id));
    let runs = 0;
    const refused = refusedBy(() => {
      expect(source.run(element, () => (runs += 1))).toBe(1);
      source.start(element);
      source.end(element);
      source.fail(element, new Error('late'));
    });
    expect(refused).toBe(4);
    expect(JSON.stringify(seriesOfFlow(id))).toBe(before);
  });
});

test('the end of one element never lands on the next one, which has its place', () => {
  const { flow, value, times } = fresh();
  const first = flow.begin();
  first.end();
  const second = flow.begin();
  clock.advance(40);
  expect(refusedBy(() => first.end())).toBe(1);
  expect(refusedBy(() => first.fail())).toBe(1);
  expect(second.isInFlight).toBe(true);
  expect(flow.inFlight).toBe(1);
  clock.advance(2);
  second.end();
  expect(value('flow.elements.total')).toBe(2);
  expect(value('flow.elements.errors')).toBe(0);
  expect(times('flow.latency').max).toBe(42);
});

test('an element of another flow is refused, and the work is done all the same', () => {
  const [one, other] = [fresh(), fresh()];
  const stranger = other.flow.begin();
  const before = [one, other].map(({ id }) => JSON.stringify(seriesOfFlow(id)));
  const { source } = one.flow.components;
  const refused = refusedBy(() => {
    expect(source.run(stranger, () => 'done')).toBe('done');
    source.start(stranger);
    source.end(stranger);
    source.fail(stranger);
  });
  expect(refused).toBe(4);
  expect([one, other].map(({ id }) => JSON.stringify(seriesOfFlow(id)))).toEqual(before);
  expect(stranger.isInFlight).toBe(true);
});

test('an element of the same flow of another meter is refused', () => {
  const { id, flow, value } = fresh();
  const stranger = quietMeter().flow(id, ['source', 'sink']).begin();
  expect(refusedBy(() => flow.components.source.run(stranger, () => undefined))).toBe(1);
  expect(value('component.invocations', 'source')).toBe(0);
});

test.each([undefined, null, 7, 'element', {}, [], Symbol('element'), new Proxy({}, {})])(
  'what is no element is refused: %p',
  (nothing) => {
    const { flow, value } = fresh();
    const { source } = flow.components;
    const refused = refusedBy(() => {
      expect(source.run(nothing as never, () => 'done')).toBe('done');
      source.start(nothing as never);
      source.end(nothing as never);
      source.fail(nothing as never);
    });
    expect(refused).toBe(4);
    expect(value('component.invocations', 'source')).toBe(0);
  },
);

describe('elements that are never ended', () => {
  test('are shown by their number and the age of the oldest', () => {
    const { flow, value } = fresh();
    const oldest = flow.begin();
    clock.advance(500);
    flow.begin();
    flow.begin().end();
    clock.advance(200);
    expect(flow.inFlight).toBe(2);
    expect(flow.oldestAgeNs).toBe(700);
    expect(value('flow.elements.in_flight')).toBe(2);
    oldest.end();
    expect(flow.inFlight).toBe(1);
    expect(flow.oldestAgeNs).toBe(200);
    expect(value('flow.elements.in_flight')).toBe(1);
  });

  test('show their age in the snapshot from the next sample on, growing by itself, till none is', () => {
    // The snapshot is read by the real clock.
    const real = quietMeter();
    const flow = real.flow('aged', ['only']);
    const view = viewOf(real, 'aged');
    const element = flow.begin();
    passTime(1_000);
    const first = view.value('flow.elements.oldest_age')!;
    const second = view.value('flow.elements.oldest_age')!;
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThan(flow.oldestAgeNs);
    element.end();
    expect(view.value('flow.elements.oldest_age')).toBe(0);
    expect(flow.oldestAgeNs).toBe(0);
  });

  test('give way, the oldest first and counted, when as many are in flight as may be', () => {
    const { flow, value } = fresh({ maxInFlight: 3 });
    const elements = Array.from({ length: 5 }, () => {
      clock.advance(10);
      return flow.begin();
    });
    expect(elements.map((element) => element.isInFlight)).toEqual([false, false, true, true, true]);
    expect(value('flow.elements.in_flight')).toBe(3);
    expect(value('flow.elements.abandoned')).toBe(2);
    // They are neither through nor failed: nobody knows.
    expect(value('flow.elements.total')).toBe(0);
    expect(refusedBy(() => elements[0]!.end())).toBe(1);
    for (const element of elements.slice(2)) element.end();
    expect(value('flow.elements.total')).toBe(3);
    expect(value('flow.elements.in_flight')).toBe(0);
  });

  test('take what they were doing with them when they give way', () => {
    const { flow, value } = fresh({ maxInFlight: 1 });
    const { source, sink } = flow.components;
    const first = flow.begin();
    source.run(first, () => undefined);
    sink.start(first);
    source.run(first, () => undefined);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(1);
    const second = flow.begin();
    expect(value('flow.elements.abandoned')).toBe(1);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(0);
    clock.advance(90);
    second.end();
    // What the first was in the middle of is not the second's.
    expect(value('component.invocations', 'sink')).toBe(0);
    expect(value('stream.elements.transferred', 'source->sink')).toBe(1);
  });

  test('are no leak: 100,000 forgotten ones cost the places of 65,536', () => {
    const { flow, value } = fresh();
    for (let i = 0; i < 100_000; i += 1) flow.begin();
    expect(flow.inFlight).toBe(65_536);
    expect(value('flow.elements.in_flight')).toBe(65_536);
    expect(value('flow.elements.abandoned')).toBe(100_000 - 65_536);
  });
});

test('ten thousand elements in flight at once end each with its own time', () => {
  const { flow, value, times } = fresh();
  const elements = Array.from({ length: 10_000 }, () => {
    clock.advance(1);
    return flow.begin();
  });
  for (const element of elements) element.end();
  expect(value('flow.elements.total')).toBe(10_000);
  // The last began when the clock stood still: 0, 1, … 9,999 long.
  expect(times('flow.latency')).toMatchObject({ sum: (9_999 * 10_000) / 2, min: 0, max: 9_999 });
});

describe('at the level off', () => {
  test('begin() gives an element that does nothing, and nothing is recorded', () => {
    const { id, flow, state } = fresh();
    meter.level = 'off';
    const before = JSON.stringify(seriesOfFlow(id));
    let runs = 0;
    const refused = refusedBy(() => {
      const element = flow.begin();
      expect(element.isInFlight).toBe(false);
      flow.components.source.run(element, () => (runs += 1));
      flow.components.sink.start(element);
      flow.components.sink.end(element);
      flow.components.sink.fail(element, new Error('unseen'));
      element.copy('PayloadRead', 100);
      element.end();
      element.end();
      element.fail();
    });
    expect(runs).toBe(1);
    expect(refused).toBe(0);
    expect(flow.state).toBe('created');
    expect(state()).toBe('created');
    expect(flow.inFlight).toBe(0);
    expect(JSON.stringify(seriesOfFlow(id))).toBe(before);
  });

  test('the element that does nothing goes on doing nothing at the next level', () => {
    const { flow, value } = fresh();
    meter.level = 'off';
    const element = flow.begin();
    meter.level = 'production';
    const refused = refusedBy(() => {
      expect(flow.components.source.run(element, () => 1)).toBe(1);
      element.end();
      element.end();
    });
    expect(refused).toBe(0);
    expect(value('component.invocations', 'source')).toBe(0);
    expect(value('flow.elements.total')).toBe(0);
  });

  test('an element that was begun before ends, uncounted, and is in flight no more', () => {
    const { flow, value, times } = fresh();
    const { source, sink } = flow.components;
    const [kept, ended] = [flow.begin(), flow.begin()];
    source.run(ended, () => undefined);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(1);
    meter.level = 'off';
    sink.run(ended, () => undefined);
    ended.end();
    expect(ended.isInFlight).toBe(false);
    expect(value('flow.elements.in_flight')).toBe(1);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(0);
    meter.level = 'production';
    expect(value('flow.elements.total')).toBe(0);
    clock.advance(5);
    kept.end();
    expect(value('flow.elements.total')).toBe(1);
    expect(value('flow.elements.in_flight')).toBe(0);
    expect(times('flow.latency').count).toBe(1);
  });

  test('a level that goes up and down keeps what was counted', () => {
    const { flow, value } = fresh();
    for (const level of ['production', 'diagnostic', 'off', 'diagnostic', 'production'] as const) {
      meter.level = level;
      const element = flow.begin();
      flow.components.source.run(element, () => undefined);
      element.end();
    }
    expect(value('flow.elements.total')).toBe(4);
    expect(value('component.invocations', 'source')).toBe(4);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(0);
  });
});

test('a flow that is over gives elements that do nothing, counts them and warns once', () => {
  const { id, flow, value } = fresh();
  flow.begin().end();
  flow.complete();
  const seen = warnings.length;
  const refused = refusedBy(() => {
    for (let i = 0; i < 3; i += 1) {
      const element = flow.begin();
      expect(flow.components.source.run(element, () => i)).toBe(i);
      element.end();
    }
  });
  expect(refused).toBe(3);
  expect(value('flow.elements.total')).toBe(1);
  expect(value('component.invocations', 'source')).toBe(0);
  expect(flow.state).toBe('completed');
  expect(warnings.slice(seen)).toEqual([
    {
      code: 'NANOMETER_ELEMENT_REFUSED',
      message: expect.stringMatching(new RegExp(`"${id}" is completed.*meter\\.flow\\(\\)`)),
    },
  ]);
});

/** All series that name a flow, but what only time changes. */
function seriesOfFlow(id: string): unknown[] {
  return meter
    .snapshot()
    .metrics.filter(({ name }) => !['flow.active_duration', 'flow.throughput'].includes(name))
    .map(({ name, series }) => [name, series.filter(({ labels }) => labels['flow_id'] === id)]);
}
