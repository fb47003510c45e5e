/** Errors of components: each is counted once, where it began, and reaches the caller unchanged. */
import { mockClock, type Element } from 'nanometer';
import { errorsIn, freshFlow, hearEvents, holdIntervals } from '../support/flow';
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
