/** Components: each call is counted and timed once, and its outcome reaches the caller unchanged. */
import { mockClock, type Component, type Element, type ValueSeries } from 'nanometer';
import { elementsRefused, hearEvents, holdIntervals, inBrief, viewOf } from '../support/flow';
import { quietMeter } from '../support/meter';

holdIntervals();
const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const heard = hearEvents(meter);
let made = 0;

const fresh = (options = {}) => {
  const id = `components ${String((made += 1))}`;
  const flow = meter.flow(id, ['outer', 'inner', 'last'], options);
  const view = viewOf(meter, id);
  const errors = () =>
    ['outer', 'inner', 'last'].map((component) => view.value('component.errors', component));
  const calls = () =>
    ['outer', 'inner', 'last'].map((component) => view.value('component.invocations', component));
  return { id, flow, ...view, errors, calls };
};

/** What is told of errors since last asked: flow, component, words. */
const errorsTold = () =>
  inBrief(heard())
    .filter(([name]) => name === 'component.error')
    .map(([, { component_id, error }]) => [component_id, error]);

/** What a call throws, and nothing else will do. */
const thrownBy = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

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

describe('an error is counted once, where it began, and reaches the caller unchanged:', () => {
  test.each<[string, unknown, string]>([
    ['an Error', new Error('mine'), 'Error: mine'],
    ['a text', 'just words', 'just words'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['NaN', NaN, 'NaN'],
    ['a symbol', Symbol('why'), 'Symbol(why)'],
    ['an object without a prototype', Object.create(null), 'an error that cannot be shown'],
  ])('%s, sync and async, alone and nested', async (_, error, words) => {
    const { flow, value, calls, errors } = fresh();
    const { outer, inner } = flow.components;
    const sync = flow.begin();
    expect(
      thrownBy(() =>
        outer.run(sync, () =>
          inner.run(sync, () => {
            throw error;
          }),
        ),
      ),
    ).toBe(error);
    sync.fail(error);
    expect(calls()).toEqual([1, 1, 0]);
    expect(errors()).toEqual([0, 1, 0]);
    expect(errorsTold()).toEqual([['inner', words]]);

    const async = flow.begin();
    const run = outer.run(async, async () => {
      await inner.run(async, async () => {
        await Promise.resolve();
        throw error;
      });
    });
    await expect(run).rejects.toBe(error);
    async.fail(error);
    expect(calls()).toEqual([2, 2, 0]);
    expect(errors()).toEqual([0, 2, 0]);
    expect(errorsTold()).toEqual([['inner', words]]);
    expect(value('flow.elements.errors')).toBe(2);
  });

  test('where the element has failed in between', async () => {
    const { flow, value, errors } = fresh();
    const { outer, inner } = flow.components;
    const element = flow.begin();
    const error = new Error('mine');
    const run = outer.run(element, async () => {
      try {
        await inner.run(element, () => Promise.reject(error));
      } catch (caught) {
        element.fail(caught);
        throw caught;
      }
    });
    await expect(run).rejects.toBe(error);
    expect(errors()).toEqual([0, 1, 0]);
    expect(value('flow.elements.errors')).toBe(1);
  });

  test('one that is handed on from component to component', () => {
    const { flow, errors } = fresh();
    const { outer, inner, last } = flow.components;
    const element = flow.begin();
    const error = new Error('mine');
    const caught = thrownBy(() =>
      outer.run(element, () => {
        throw error;
      }),
    );
    thrownBy(() =>
      inner.run(element, () => {
        throw caught;
      }),
    );
    last.start(element);
    last.fail(element, caught);
    element.fail(caught);
    expect(errors()).toEqual([1, 0, 0]);
  });

  test('one object that each try of a component throws is an error of each try', () => {
    const { flow, value, errors } = fresh();
    const element = flow.begin();
    const error = new Error('down');
    for (let attempt = 0; attempt < 3; attempt++) {
      clock.advance(10);
      thrownBy(() =>
        flow.components.inner.run(element, () => {
          throw error;
        }),
      );
    }
    element.fail(error);
    expect(errors()).toEqual([0, 3, 0]);
    expect(value('flow.elements.errors')).toBe(1);
  });

  test('one object that two elements meet is an error of each', () => {
    const { flow, value, errors } = fresh();
    const error = new Error('shared');
    for (const component of [flow.components.outer, flow.components.inner]) {
      const element = flow.begin();
      const fail = () =>
        component.run(element, () => {
          throw error;
        });
      expect(thrownBy(fail)).toBe(error);
      element.fail(error);
    }
    expect(errors()).toEqual([1, 1, 0]);
    expect(value('flow.elements.errors')).toBe(2);
  });

  test('two errors of one element are two', () => {
    const { flow, errors } = fresh();
    const element = flow.begin();
    for (const component of [flow.components.outer, flow.components.last]) {
      thrownBy(() =>
        component.run(element, () => {
          throw new Error('another');
        }),
      );
    }
    element.fail();
    expect(errors()).toEqual([1, 0, 1]);
  });

  test('an element that goes on after an error is none that failed', () => {
    const { flow, value, errors } = fresh();
    const element = flow.begin();
    thrownBy(() =>
      flow.components.outer.run(element, () => {
        throw new Error('once');
      }),
    );
    flow.components.outer.run(element, () => undefined);
    element.end();
    expect(errors()).toEqual([1, 0, 0]);
    expect(value('flow.elements.errors')).toBe(0);
    expect(value('flow.elements.total')).toBe(1);
  });

  test('the error of one element is not taken for that of the next in its place', () => {
    const { flow, errors } = fresh();
    const error = new Error('twice');
    const fail = (element: Element) =>
      thrownBy(() =>
        flow.components.outer.run(element, () => {
          throw error;
        }),
      );
    for (let i = 0; i < 2; i += 1) {
      const element = flow.begin();
      fail(element);
      element.end();
    }
    expect(errors()).toEqual([2, 0, 0]);
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

describe('copies', () => {
  const byReason = (flow_id: string, reason: string) =>
    meter.snapshot().value('flow.copies.by_reason', { flow_id, reason });

  test('are counted with their bytes and their reasons', () => {
    const { id, flow, value } = fresh();
    const element = flow.begin();
    element.copy('MetadataMarshal', 64);
    element.copy('PayloadRead', 1_000);
    element.copy('PayloadRead', 500);
    element.copy('a reason of our own', 0);
    expect(value('flow.copies.total')).toBe(4);
    expect(value('flow.copies.bytes')).toBe(1_564);
    expect(byReason(id, 'MetadataMarshal')).toBe(1);
    expect(byReason(id, 'PayloadRead')).toBe(2);
    expect(byReason(id, 'a reason of our own')).toBe(1);
    expect(byReason(id, 'PayloadWrite')).toBeUndefined();
  });

  test('with more reasons than a family has room for are all counted, and leave with their flow', () => {
    const own = quietMeter({ maxSeries: 10 });
    const flow = own.flow('many reasons', ['a']);
    const element = flow.begin();
    for (let i = 0; i < 100; i += 1) element.copy(`reason ${String(i % 25)}`, 1);
    const series = () =>
      own.snapshot().metrics.find(({ name }) => name === 'flow.copies.by_reason')!
        .series as ValueSeries[];
    expect(series()).toHaveLength(11);
    expect(series().reduce((sum, { value }) => sum + value, 0)).toBe(100);
    expect(viewOf(own, 'many reasons').value('flow.copies.total')).toBe(100);
    flow.cancel();
    flow.remove();
    expect(series().map(({ labels }) => labels)).toEqual([{ otel_metric_overflow: 'true' }]);
  });

  test('are told one by one at the diagnostic level only', () => {
    const { id, flow } = fresh();
    const element = flow.begin();
    heard();
    element.copy('PayloadWrite', 10);
    expect(heard()).toEqual([]);
    meter.level = 'diagnostic';
    element.copy('PayloadWrite', 20);
    // The depths of queues are told at that level, too.
    expect(heard().filter(({ name }) => name === 'flow.copy')).toMatchObject([
      {
        ...{ name: 'flow.copy', kind: 'resource', level: 'diagnostic' },
        attributes: { flow_id: id, reason: 'PayloadWrite', bytes: 20 },
      },
    ]);
  });

  test.each([-1, NaN, Infinity, '10', undefined])('%p bytes are refused and counted', (bytes) => {
    const { id, flow, value } = fresh();
    const rejected = meter.snapshot().value('nanometer.values_rejected')!;
    flow.begin().copy('PayloadRead', bytes as number);
    expect(meter.snapshot().value('nanometer.values_rejected')).toBe(rejected + 1);
    expect(value('flow.copies.bytes')).toBe(0);
    // The copy was made, whatever its size.
    expect(value('flow.copies.total')).toBe(1);
    expect(byReason(id, 'PayloadRead')).toBe(1);
  });
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
