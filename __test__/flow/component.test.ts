/** Components: each call is counted and timed once, and its outcome reaches the caller unchanged. */
import { mockClock, type Component, type Element } from 'nanometer';
import {
  elementsRefused,
  errorsIn,
  freshFlow,
  hearEvents,
  holdIntervals,
  inBrief,
} from '../support/flow';
import { quietMeter, thrownBy } from '../support/meter';

holdIntervals();
const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const heard = hearEvents(meter);
const fresh = (options = {}) => freshFlow(meter, ['outer', 'inner', 'last'], options);

/** What is told of errors since last asked: component, words. */
const errorsTold = () => errorsIn(heard());

beforeEach(() => {
  meter.level = 'production';
  heard();
});

describe('run()', () => {
  test('times a function, and passes its result on', () => {
    const { flow, times, calls, errors } = fresh();
    const element = flow.begin();
    const result = { of: 'work' };
    const given = flow.components.outer.run(element, () => {
      clock.advance(300);
      return result;
    });
    expect(given).toBe(result);
    expect(calls()).toEqual([1, 0, 0]);
    expect(errors()).toEqual([0, 0, 0]);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 1, sum: 300 });
  });

  test('times a promise until it is settled, either way', async () => {
    const { flow, times, calls, errors } = fresh();
    const element = flow.begin();
    const result = {};
    const kept = flow.components.outer.run(element, async () => {
      await Promise.resolve();
      clock.advance(20);
      return result;
    });
    expect(calls()).toEqual([0, 0, 0]);
    await expect(kept).resolves.toBe(result);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 1, sum: 20 });

    const error = new Error('mine');
    const broken = flow.components.outer.run(element, async () => {
      await Promise.resolve();
      clock.advance(30);
      throw error;
    });
    await expect(broken).rejects.toBe(error);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 2, sum: 50 });
    expect(errors()).toEqual([1, 0, 0]);
  });

  test('works on several elements at once, each with its own times', async () => {
    const { flow, times } = fresh();
    const finish: (() => void)[] = [];
    const runs = [0, 1, 2].map(async () => {
      const element = flow.begin();
      await flow.components.outer.run(
        element,
        () => new Promise<void>((done) => finish.push(done)),
      );
      element.end();
    });
    for (const i of [1, 2, 0]) {
      clock.advance(100);
      finish[i]!();
      await runs[i];
    }
    expect(times('component.processing_time', 'outer')).toMatchObject({
      ...{ count: 3, sum: 600, min: 100, max: 300 },
    });
    expect(times('flow.latency')).toMatchObject({ count: 3, sum: 600 });
  });

  test('works on one element several times at once', async () => {
    const { flow, times, calls } = fresh();
    const element = flow.begin();
    const finish: (() => void)[] = [];
    const runs = [0, 1].map(() => {
      clock.advance(10);
      return flow.components.outer.run(
        element,
        () => new Promise<void>((done) => finish.push(done)),
      );
    });
    clock.advance(10);
    for (const done of finish) done();
    await Promise.all(runs);
    expect(calls()).toEqual([2, 0, 0]);
    expect(times('component.processing_time', 'outer').sum).toBe(30);
  });

  test('leaves alone what only looks like a promise when it cannot be waited for', () => {
    const { flow, calls } = fresh();
    const element = flow.begin();
    for (const result of [null, undefined, 0, 'then', { then: 'later' }, Symbol('then')]) {
      expect(flow.components.outer.run(element, () => result as unknown)).toBe(result);
    }
    expect(calls()).toEqual([6, 0, 0]);
  });

  test('keeps a promise of a subclass one', async () => {
    class Job<T> extends Promise<T> {}
    const { flow } = fresh();
    const run = flow.components.outer.run(flow.begin(), () => Job.resolve(1));
    expect(run).toBeInstanceOf(Job);
    await expect(run).resolves.toBe(1);
  });

  test.each([
    ['an object', (then: PromiseLike<string>['then']) => ({ then })],
    ['a function', (then: PromiseLike<string>['then']) => Object.assign(() => 'called', { then })],
  ])('waits once for a thenable that is %s', async (_, make) => {
    const { flow, times } = fresh();
    let runs = 0;
    const query = make((resolve, reject) => {
      runs += 1;
      clock.advance(15);
      return Promise.resolve('rows').then(resolve, reject);
    });
    await expect(flow.components.outer.run(flow.begin(), () => query)).resolves.toBe('rows');
    expect(runs).toBe(1);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 1, sum: 15 });
  });

  test('counts a thenable that rejects', async () => {
    const { flow, errors } = fresh();
    const error = new Error('no rows');
    const query: PromiseLike<string> = {
      then: (resolve, reject) => Promise.reject<string>(error).then(resolve, reject),
    };
    await expect(flow.components.outer.run(flow.begin(), () => query)).rejects.toBe(error);
    expect(errors()).toEqual([1, 0, 0]);
  });

  test('goes on in its own time where the element ends meanwhile', async () => {
    const { flow, value, times, calls } = fresh();
    const element = flow.begin();
    let finish = (): void => undefined;
    const run = flow.components.outer.run(
      element,
      () => new Promise<void>((done) => (finish = done)),
    );
    element.end();
    const next = flow.begin();
    clock.advance(70);
    const refused = elementsRefused(meter);
    finish();
    await run;
    expect(elementsRefused(meter)).toBe(refused);
    expect(calls()).toEqual([1, 0, 0]);
    expect(times('component.processing_time', 'outer').sum).toBe(70);
    // The element that has its place now is in no queue.
    expect(value('stream.queue.current_depth', 'outer->inner')).toBe(0);
    next.end();
  });

  test('what is no function throws as a call of it would, and is the error of the component', () => {
    const { flow, errors } = fresh();
    expect(() => flow.components.outer.run(flow.begin(), 7 as never)).toThrow(TypeError);
    expect(errors()).toEqual([1, 0, 0]);
  });
});

describe('start(), end() and fail()', () => {
  test('time work that calls back', () => {
    const { flow, times, calls, errors } = fresh();
    const element = flow.begin();
    flow.components.outer.start(element);
    clock.advance(400);
    expect(calls()).toEqual([0, 0, 0]);
    flow.components.outer.end(element);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 1, sum: 400 });
    expect(errors()).toEqual([0, 0, 0]);
  });

  test('count an error, in words, in the component', () => {
    const { flow, times, errors } = fresh();
    const element = flow.begin();
    flow.components.inner.start(element);
    clock.advance(40);
    flow.components.inner.fail(element, new TypeError('no such row'));
    expect(times('component.processing_time', 'inner')).toMatchObject({ count: 1, sum: 40 });
    expect(errors()).toEqual([0, 1, 0]);
    expect(errorsTold()).toEqual([['inner', 'TypeError: no such row']]);
  });

  test('of several components on one element do not mix', () => {
    const { flow, times } = fresh();
    const element = flow.begin();
    const { outer, inner } = flow.components;
    outer.start(element);
    clock.advance(5);
    inner.start(element);
    clock.advance(7);
    outer.end(element);
    clock.advance(11);
    inner.end(element);
    expect(times('component.processing_time', 'outer').sum).toBe(12);
    expect(times('component.processing_time', 'inner').sum).toBe(18);
  });

  test.each<[string, (component: Component, element: Element) => void]>([
    ['end() without start()', (component, element) => component.end(element)],
    ['fail() without start()', (component, element) => component.fail(element, new Error('x'))],
  ])('%s is refused and counted', (_, call) => {
    const { flow, calls, errors } = fresh();
    const refused = elementsRefused(meter);
    call(flow.components.outer, flow.begin());
    expect(elementsRefused(meter)).toBe(refused + 1);
    expect(calls()).toEqual([0, 0, 0]);
    expect(errors()).toEqual([0, 0, 0]);
  });

  test('a second start() before the end is refused, and the first goes on', () => {
    const { flow, times } = fresh();
    const element = flow.begin();
    const refused = elementsRefused(meter);
    flow.components.outer.start(element);
    clock.advance(30);
    flow.components.outer.start(element);
    clock.advance(30);
    flow.components.outer.end(element);
    flow.components.outer.end(element);
    expect(elementsRefused(meter)).toBe(refused + 2);
    expect(times('component.processing_time', 'outer')).toMatchObject({ count: 1, sum: 60 });
  });

  test('an element that ends takes what works on it with it', () => {
    const { flow, times, calls, errors } = fresh();
    const element = flow.begin();
    flow.components.inner.start(element);
    clock.advance(25);
    element.end();
    expect(calls()).toEqual([0, 1, 0]);
    expect(errors()).toEqual([0, 0, 0]);
    expect(times('component.processing_time', 'inner').sum).toBe(25);
    expect(times('flow.latency').sum).toBe(25);
  });

  test('an element that fails does so in the components that work on it', () => {
    const { flow, value, times, calls, errors } = fresh();
    const element = flow.begin();
    flow.components.inner.start(element);
    clock.advance(25);
    element.fail(new RangeError('too far'));
    expect(calls()).toEqual([0, 1, 0]);
    expect(errors()).toEqual([0, 1, 0]);
    expect(times('component.processing_time', 'inner').sum).toBe(25);
    expect(value('flow.elements.errors')).toBe(1);
    expect(errorsTold()).toEqual([['inner', 'RangeError: too far']]);
  });
});

test('memory and fuel are those that the component tells', () => {
  const { flow, value } = fresh();
  const { outer, inner } = flow.components;
  outer.memory(4_096);
  outer.memory(1_024);
  inner.memory(10);
  outer.fuel(7);
  outer.fuel(0.5);
  expect(value('component.memory_current', 'outer')).toBe(1_024);
  expect(value('component.memory_current', 'inner')).toBe(10);
  expect(value('component.fuel_consumed', 'outer')).toBe(7.5);
  expect(value('component.fuel_consumed', 'inner')).toBe(0);
});

test.each([NaN, Infinity, -Infinity, '7', 7n, null, undefined, {}])(
  'memory and fuel of %p are refused and counted',
  (amount) => {
    const { flow, value } = fresh();
    const { outer } = flow.components;
    outer.memory(5);
    outer.fuel(5);
    const rejected = meter.snapshot().value('nanometer.values_rejected')!;
    outer.memory(amount as number);
    outer.fuel(amount as number);
    outer.fuel(-1);
    expect(meter.snapshot().value('nanometer.values_rejected')).toBe(rejected + 3);
    expect(value('component.memory_current', 'outer')).toBe(5);
    expect(value('component.fuel_consumed', 'outer')).toBe(5);
  },
);

test('capabilities are counted, and their denials told as security events', () => {
  const { id, flow } = fresh();
  // Capabilities are the component's, in whichever flow.
  const component_id = `guarded ${id}`;
  const guarded = meter.flow(`${id} guarded`, [component_id]).components[component_id]!;
  heard();
  const network = guarded.capability('network');
  expect(guarded.capability('network')).toBe(network);
  expect(network.name).toBe('network');
  for (let i = 0; i < 3; i += 1) network.exercise();
  network.deny();
  guarded.capability('disk').deny();
  const count = (metric: string, capability: string) =>
    meter.snapshot().value(`capability.${metric}`, { component_id, capability });
  expect(count('exercises', 'network')).toBe(3);
  expect(count('denials', 'network')).toBe(1);
  expect(count('exercises', 'disk')).toBe(0);
  expect(count('denials', 'disk')).toBe(1);
  const flow_id = `${id} guarded`;
  expect(heard()).toMatchObject([
    {
      ...{ name: 'capability.denied', kind: 'security', level: 'production' },
      attributes: { flow_id, component_id, capability: 'network' },
    },
    { name: 'capability.denied', attributes: { flow_id, component_id, capability: 'disk' } },
  ]);

  meter.level = 'off';
  network.exercise();
  network.deny();
  meter.level = 'production';
  expect(count('denials', 'network')).toBe(1);
  expect(count('exercises', 'network')).toBe(3);
  expect(heard()).toEqual([]);
  expect(flow.state).toBe('created');
});

describe('what is slow is told as a performance event', () => {
  test('a component beyond its time, however it ends', async () => {
    const { id, flow } = fresh({ slowComponentMs: 2 });
    const { outer, inner, last } = flow.components;
    const element = flow.begin();
    heard();
    outer.run(element, () => clock.advance(2e6));
    outer.run(element, () => clock.advance(2e6 + 1));
    await inner.run(element, async () => {
      await Promise.resolve();
      clock.advance(3e6);
    });
    last.start(element);
    clock.advance(4e6);
    last.end(element);
    thrownBy(() =>
      last.run(element, () => {
        clock.advance(5e6);
        throw new Error('late and wrong');
      }),
    );
    const slow = heard().filter(({ name }) => name === 'component.slow');
    expect(slow.map(({ kind, attributes }) => [kind, attributes])).toEqual(
      [
        ['outer', 2e6 + 1],
        ['inner', 3e6],
        ['last', 4e6],
        ['last', 5e6],
      ].map(([component_id, duration_ns]) => [
        'performance',
        { flow_id: id, component_id, duration_ns },
      ]),
    );
  });

  test('an element beyond its time', () => {
    const { id, flow } = fresh({ latencySpikeMs: 1.5 });
    flow.begin().end();
    heard();
    for (const ns of [1.5e6, 1.5e6 + 1]) {
      const element = flow.begin();
      clock.advance(ns);
      element.end();
    }
    expect(inBrief(heard())).toEqual([
      ['flow.latency_spike', { flow_id: id, duration_ns: 1.5e6 + 1 }],
    ]);
  });

  test('nothing, where nothing was asked for', () => {
    const { flow } = fresh();
    const element = flow.begin();
    heard();
    flow.components.outer.run(element, () => clock.advance(1e12));
    element.end();
    expect(heard()).toEqual([]);
  });
});
