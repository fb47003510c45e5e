/** The queues between components: depth, peak, waiting time, and backpressure with hysteresis. */
import { mockClock, type Flow } from 'nanometer';
import {
  elementsRefused,
  hearEvents,
  holdIntervals,
  inBrief,
  passTime,
  viewOf,
} from '../support/flow';
import { quietMeter } from '../support/meter';

holdIntervals();
const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const heard = hearEvents(meter);
let made = 0;
const name = () => `streams ${String((made += 1))}`;
const nothing = () => undefined;

const fresh = (options = {}) => {
  const id = name();
  const flow = meter.flow(id, ['a', 'b', 'c'], options);
  const view = viewOf(meter, id);
  const depths = () =>
    ['a->b', 'b->c'].map((stream) => view.value('stream.queue.current_depth', stream));
  return { id, flow, ...view, depths };
};

beforeEach(() => {
  meter.level = 'production';
  heard();
});

describe('elements that go through components', () => {
  test('wait between them, each for its own time', () => {
    const { flow, value, times, depths } = fresh();
    const { a, b, c } = flow.components;
    const elements = [flow.begin(), flow.begin(), flow.begin()];
    for (const element of elements) {
      a.run(element, () => clock.advance(10));
      expect(element.isInFlight).toBe(true);
    }
    expect(depths()).toEqual([3, 0]);
    expect(flow.stream('a', 'b').depth).toBe(3);
    // In the queue since 10, 20 and 30; taken out at 130, 230, 330, the last one first.
    for (const element of elements.reverse()) {
      clock.advance(100);
      b.run(element, nothing);
    }
    expect(depths()).toEqual([0, 3]);
    expect(times('stream.queue.wait_time', 'a->b')).toMatchObject({
      ...{ count: 3, sum: 100 + 210 + 320, min: 100, max: 320 },
    });
    for (const element of elements) c.run(element, nothing);
    expect(depths()).toEqual([0, 0]);
    expect(value('stream.queue.peak_depth', 'a->b')).toBe(3);
    expect(value('stream.elements.transferred', 'a->b')).toBe(3);
    expect(value('stream.elements.transferred', 'b->c')).toBe(3);
  });

  test('wait from the end of one component to the beginning of the next, whichever way they go', async () => {
    const { flow, times } = fresh();
    const { a, b, c } = flow.components;
    const element = flow.begin();
    await a.run(element, async () => {
      await Promise.resolve();
      clock.advance(1_000);
    });
    clock.advance(7);
    b.start(element);
    clock.advance(2_000);
    b.end(element);
    clock.advance(11);
    c.run(element, () => clock.advance(3_000));
    expect(times('stream.queue.wait_time', 'a->b')).toMatchObject({ count: 1, sum: 7 });
    expect(times('stream.queue.wait_time', 'b->c')).toMatchObject({ count: 1, sum: 11 });
  });

  test('leave the queue when they end or fail in it, and have not been transferred', () => {
    const { flow, value, times, depths } = fresh();
    const elements = [flow.begin(), flow.begin()];
    for (const element of elements) flow.components.a.run(element, nothing);
    elements[0]!.end();
    expect(depths()).toEqual([1, 0]);
    elements[1]!.fail(new Error('lost in the queue'));
    expect(depths()).toEqual([0, 0]);
    expect(value('stream.elements.transferred', 'a->b')).toBe(0);
    expect(times('stream.queue.wait_time', 'a->b').count).toBe(0);
  });

  test('do not enter the queue behind a component that failed on them', () => {
    const { flow, depths } = fresh();
    const { a } = flow.components;
    const fail = () => {
      throw new Error('no');
    };
    expect(() => a.run(flow.begin(), fail)).toThrow('no');
    const other = flow.begin();
    a.start(other);
    a.fail(other);
    expect(depths()).toEqual([0, 0]);
  });

  test('are queued once where a component works on them twice, and wait from the second time', () => {
    const { flow, times, depths } = fresh();
    const { a, b } = flow.components;
    const element = flow.begin();
    a.run(element, nothing);
    clock.advance(50);
    a.run(element, nothing);
    expect(depths()).toEqual([1, 0]);
    clock.advance(5);
    b.run(element, nothing);
    expect(depths()).toEqual([0, 1]);
    expect(times('stream.queue.wait_time', 'a->b')).toMatchObject({ count: 1, sum: 5 });
  });

  test('pass a stream once where the consumer works on them twice', () => {
    const { flow, value, depths } = fresh();
    const { a, b } = flow.components;
    const element = flow.begin();
    a.run(element, nothing);
    b.run(element, nothing);
    b.run(element, nothing);
    expect(value('stream.elements.transferred', 'a->b')).toBe(1);
    expect(depths()).toEqual([0, 1]);
  });

  test('may leave components out: nothing waits where nothing came from', () => {
    const { flow, value, times } = fresh();
    const element = flow.begin();
    flow.components.c.run(element, nothing);
    element.end();
    expect(value('stream.elements.transferred', 'b->c')).toBe(0);
    expect(times('stream.queue.wait_time', 'b->c').count).toBe(0);
  });
});

describe('streams that are given', () => {
  test('fan out: an element waits for each consumer by itself', () => {
    const id = name();
    const flow = meter.flow(id, ['split', 'left', 'right'], {
      streams: [
        ['split', 'left'],
        ['split', 'right'],
      ],
    });
    const { value, times } = viewOf(meter, id);
    const element = flow.begin();
    flow.components.split.run(element, nothing);
    expect(value('stream.queue.current_depth', 'split->left')).toBe(1);
    expect(value('stream.queue.current_depth', 'split->right')).toBe(1);
    clock.advance(10);
    flow.components.left.run(element, nothing);
    expect(value('stream.queue.current_depth', 'split->left')).toBe(0);
    expect(value('stream.queue.current_depth', 'split->right')).toBe(1);
    clock.advance(20);
    flow.components.right.run(element, nothing);
    expect(value('stream.queue.current_depth', 'split->right')).toBe(0);
    expect(times('stream.queue.wait_time', 'split->left').sum).toBe(10);
    expect(times('stream.queue.wait_time', 'split->right').sum).toBe(30);
    element.end();
    expect(value('flow.elements.total')).toBe(1);
  });

  test('fan in: the consumer takes the element out of each that it waits in', () => {
    const id = name();
    const flow = meter.flow(id, ['first', 'second', 'join'], {
      streams: [
        ['first', 'join'],
        ['second', 'join'],
      ],
    });
    const { value, times } = viewOf(meter, id);
    const { first, second, join } = flow.components;
    const [both, one] = [flow.begin(), flow.begin()];
    first.run(both, nothing);
    clock.advance(5);
    second.run(both, nothing);
    first.run(one, nothing);
    clock.advance(1);
    join.run(both, nothing);
    join.run(one, nothing);
    expect(times('stream.queue.wait_time', 'first->join')).toMatchObject({ count: 2, sum: 6 + 1 });
    expect(times('stream.queue.wait_time', 'second->join')).toMatchObject({ count: 1, sum: 1 });
    expect(value('stream.elements.transferred', 'first->join')).toBe(2);
    expect(value('stream.elements.transferred', 'second->join')).toBe(1);
  });

  test('may go round: an element comes to a component again', () => {
    const id = name();
    const flow = meter.flow(id, ['try', 'retry'], {
      streams: [
        ['try', 'retry'],
        ['retry', 'try'],
      ],
    });
    const { value } = viewOf(meter, id);
    const element = flow.begin();
    for (let i = 0; i < 3; i += 1) {
      flow.components.try.run(element, nothing);
      flow.components.retry.run(element, nothing);
    }
    flow.components.try.run(element, nothing);
    element.end();
    expect(value('stream.elements.transferred', 'try->retry')).toBe(3);
    expect(value('stream.elements.transferred', 'retry->try')).toBe(3);
    expect(value('stream.queue.current_depth', 'try->retry')).toBe(0);
    expect(value('component.invocations', 'try')).toBe(4);
  });

  test('may be none', () => {
    const id = name();
    const flow = meter.flow(id, ['alone', 'apart'], { streams: [] });
    const element = flow.begin();
    flow.components.alone.run(element, nothing);
    flow.components.apart.run(element, nothing);
    element.end();
    expect(viewOf(meter, id).value('component.invocations', 'apart')).toBe(1);
    const { metrics } = meter.snapshot();
    const streams = metrics.find((metric) => metric.name === 'stream.elements.transferred')!.series;
    expect(streams.filter(({ labels }) => labels['flow_id'] === id)).toEqual([]);
  });
});

describe('a queue that the program keeps itself', () => {
  test('is told of with enqueue() and dequeue()', () => {
    const { flow, value, times } = fresh();
    const stream = flow.stream('a', 'b');
    expect(stream.id).toBe('a->b');
    const first = stream.enqueue();
    clock.advance(300);
    const second = stream.enqueue();
    expect(second - first).toBe(300);
    expect(stream.depth).toBe(2);
    clock.advance(10);
    stream.dequeue(second);
    stream.dequeue(first);
    expect(stream.depth).toBe(0);
    expect(value('stream.queue.current_depth', 'a->b')).toBe(0);
    expect(value('stream.queue.peak_depth', 'a->b')).toBe(2);
    expect(value('stream.elements.transferred', 'a->b')).toBe(2);
    expect(times('stream.queue.wait_time', 'a->b')).toMatchObject({
      ...{ count: 2, sum: 320, min: 10, max: 310 },
    });
  });

  test('is empty where more leaves it than came', () => {
    const { flow, value } = fresh();
    const stream = flow.stream('a', 'b');
    const at = stream.enqueue();
    stream.dequeue(at);
    stream.dequeue(at);
    expect(stream.depth).toBe(0);
    stream.enqueue();
    expect(value('stream.queue.current_depth', 'a->b')).toBe(1);
    expect(value('stream.elements.transferred', 'a->b')).toBe(2);
  });

  test('counts a time that is ahead of the clock as 0, and refuses what is none', () => {
    const { flow, times, value } = fresh();
    const stream = flow.stream('a', 'b');
    stream.dequeue(stream.enqueue() + 1e9);
    expect(times('stream.queue.wait_time', 'a->b')).toMatchObject({ count: 1, sum: 0 });
    const rejected = meter.snapshot().value('nanometer.values_rejected')!;
    stream.enqueue();
    stream.dequeue(NaN);
    expect(meter.snapshot().value('nanometer.values_rejected')).toBe(rejected + 1);
    expect(times('stream.queue.wait_time', 'a->b').count).toBe(1);
    expect(value('stream.queue.current_depth', 'a->b')).toBe(0);
  });
});

describe('backpressure', () => {
  const put = (flow: Flow<'a' | 'b' | 'c'>, times: number) =>
    Array.from({ length: times }, () => flow.stream('a', 'b').enqueue());
  const take = (flow: Flow<'a' | 'b' | 'c'>, enqueued: number[], times: number) => {
    for (let i = 0; i < times; i += 1) flow.stream('a', 'b').dequeue(enqueued.pop()!);
  };
  const pressed = (id: string) => {
    const { value } = viewOf(meter, id);
    return {
      events: value('stream.backpressure.events', 'a->b'),
      ns: value('stream.backpressure.duration_ns', 'a->b'),
      active: value('stream.backpressure.active', 'a->b'),
    };
  };

  test('begins at the high water mark, ends at the low one, and does not flap in between', () => {
    const { id, flow } = fresh({ highWaterMark: 4, lowWaterMark: 1 });
    const stream = flow.stream('a', 'b');
    const queue = put(flow, 3);
    expect(stream.isPressed).toBe(false);
    clock.advance(100);
    queue.push(...put(flow, 1));
    expect(stream.isPressed).toBe(true);
    expect(pressed(id)).toEqual({ events: 1, ns: 0, active: 1 });
    // Up and down between the marks, and above: nothing new.
    for (let i = 0; i < 5; i += 1) {
      clock.advance(10);
      take(flow, queue, 2);
      queue.push(...put(flow, 3));
    }
    expect(pressed(id)).toMatchObject({ events: 1, active: 1 });
    take(flow, queue, stream.depth - 2);
    expect(stream.isPressed).toBe(true);
    clock.advance(5);
    take(flow, queue, 1);
    expect(stream.depth).toBe(1);
    expect(stream.isPressed).toBe(false);
    expect(pressed(id)).toEqual({ events: 1, ns: 55, active: 0 });
    // Below the high mark nothing begins again.
    queue.push(...put(flow, 2));
    clock.advance(1_000);
    expect(pressed(id)).toEqual({ events: 1, ns: 55, active: 0 });
    queue.push(...put(flow, 1));
    clock.advance(20);
    take(flow, queue, 3);
    expect(pressed(id)).toEqual({ events: 2, ns: 75, active: 0 });
  });

  test('is told when it begins and when it ends, with its depth and its duration', () => {
    const { id, flow } = fresh({ highWaterMark: 2, lowWaterMark: 0 });
    heard();
    const queue = put(flow, 3);
    clock.advance(40);
    take(flow, queue, 3);
    const events = heard();
    const flow_id = id;
    expect(inBrief(events)).toEqual([
      ['stream.backpressure.on', { flow_id, stream_id: 'a->b', depth: 2 }],
      ['stream.backpressure.off', { flow_id, stream_id: 'a->b', duration_ns: 40 }],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ kind: 'performance', level: 'production' });
    }
  });

  test('comes of elements, too, and ends when they end', () => {
    const { id, flow } = fresh({ highWaterMark: 2 });
    const elements = [flow.begin(), flow.begin()];
    for (const element of elements) flow.components.a.run(element, nothing);
    expect(pressed(id)).toMatchObject({ events: 1, active: 1 });
    clock.advance(9);
    elements[0]!.end();
    // The low mark is half the high one, where it is left out.
    expect(pressed(id)).toEqual({ events: 1, ns: 9, active: 0 });
  });

  test('begins at 1,024 and ends at 512, where nothing else is said', () => {
    const { id, flow } = fresh();
    const queue = put(flow, 1_023);
    expect(pressed(id)).toMatchObject({ events: 0, active: 0 });
    queue.push(...put(flow, 1));
    expect(pressed(id)).toMatchObject({ events: 1, active: 1 });
    take(flow, queue, 511);
    expect(flow.stream('a', 'b').isPressed).toBe(true);
    take(flow, queue, 1);
    expect(flow.stream('a', 'b').isPressed).toBe(false);
  });

  test('shows its time before it ends, sample by sample, while the flow is active', () => {
    const { id, flow } = fresh({ highWaterMark: 1 });
    flow.begin();
    const queue = put(flow, 1);
    clock.advance(700);
    passTime(1_000);
    expect(pressed(id)).toEqual({ events: 1, ns: 700, active: 1 });
    clock.advance(300);
    take(flow, queue, 1);
    expect(pressed(id)).toEqual({ events: 1, ns: 1_000, active: 0 });
    flow.cancel();
  });

  test('is shown as it is when the level comes back', () => {
    const { id, flow } = fresh({ highWaterMark: 2, lowWaterMark: 0 });
    const queue = put(flow, 1);
    meter.level = 'off';
    queue.push(...put(flow, 1));
    meter.level = 'production';
    expect(pressed(id)).toMatchObject({ events: 0, active: 1 });
    expect(viewOf(meter, id).value('stream.queue.current_depth', 'a->b')).toBe(2);
    meter.level = 'off';
    take(flow, queue, 2);
    meter.level = 'production';
    expect(pressed(id)).toMatchObject({ events: 0, active: 0 });
    expect(viewOf(meter, id).value('stream.queue.current_depth', 'a->b')).toBe(0);
  });

  test('of one stream is not that of the next', () => {
    const { id, flow } = fresh({ highWaterMark: 1 });
    flow.stream('b', 'c').enqueue();
    expect(flow.stream('a', 'b').isPressed).toBe(false);
    expect(flow.stream('b', 'c').isPressed).toBe(true);
    expect(pressed(id)).toMatchObject({ events: 0, active: 0 });
  });
});

test('depths are told at the diagnostic level, once a second, of active flows', () => {
  // Of its own, whose seconds begin here.
  const own = quietMeter({ level: 'diagnostic' });
  const hear = hearEvents(own);
  own.flow('idle', ['a', 'b']).stream('a', 'b').enqueue();
  const active = own.flow('active', ['a', 'b', 'c']);
  active.begin();
  active.stream('a', 'b').enqueue();
  const depths = () => inBrief(hear().filter(({ name }) => name === 'stream.queue.depth'));
  // The first sample is taken when the first flow becomes active: its queues are empty.
  expect(depths().map(([, { depth }]) => depth)).toEqual([0, 0]);
  passTime(800);
  const flow_id = 'active';
  expect(depths()).toEqual([
    ['stream.queue.depth', { flow_id, stream_id: 'a->b', depth: 1 }],
    ['stream.queue.depth', { flow_id, stream_id: 'b->c', depth: 0 }],
  ]);
  passTime(2_000);
  expect(depths()).toHaveLength(4);
  own.level = 'production';
  passTime(1_000);
  expect(depths()).toEqual([]);
});

test('an element in a queue is none of another flow with the same components', () => {
  const [one, other] = [fresh(), fresh()];
  const element = one.flow.begin();
  one.flow.components.a.run(element, nothing);
  const refused = elementsRefused(meter);
  other.flow.components.b.run(element, nothing);
  expect(elementsRefused(meter)).toBe(refused + 1);
  expect(one.depths()).toEqual([1, 0]);
  expect(other.depths()).toEqual([0, 0]);
});
