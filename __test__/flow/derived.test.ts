/** What is computed when it is read: throughput, active duration, reuse rate; wherever it is shown. */
import { mockClock, type FlowFigures, type Meter } from 'nanometer';
import { check } from '../conformance/checker';
import { parseForeign, samplesNamed, type Format } from '../conformance/foreign-parser';
import { describeWith } from '../conformance/judges';
import { holdIntervals, viewOf } from '../support/flow';
import { quietMeter } from '../support/meter';
import { request, scrape } from '../support/request';

holdIntervals();
const clock = mockClock(1_000);
const SERVED = { host: '127.0.0.1', port: 0, socket: false } as const;
const meter = quietMeter({ clock, inspection: SERVED });
let made = 0;
const name = () => `derived ${String((made += 1))}`;

afterAll(() => meter.close());

/** A life of the flow in which so many elements end in so long. */
const live = (id: string, elements: number, ns: number) => {
  const flow = meter.flow(id, ['a', 'b']);
  for (let i = 0; i < elements; i += 1) flow.begin().end();
  clock.advance(ns);
  flow.complete();
};
const flowServed = async (of: Meter, id: string) => {
  const url = new URL(`/flows/${encodeURIComponent(id)}`, of.inspection!.url!);
  return JSON.parse((await request(url)).text) as FlowFigures;
};

test('throughput is elements a second of the time in which the flow was active', async () => {
  const id = name();
  const { value } = viewOf(meter, id);
  live(id, 30, 2e9);
  expect(value('flow.active_duration')).toBe(2e9);
  expect(value('flow.throughput')).toBe(15);
  // The next life goes on with both; the time between them is none.
  clock.advance(60e9);
  live(id, 10, 3e9);
  expect(value('flow.active_duration')).toBe(5e9);
  expect(value('flow.throughput')).toBe(8);
  expect(await flowServed(meter, id)).toMatchObject({ throughput: 8, activeDurationNs: 5e9 });
  expect(meter.snapshot().flow(id)).toMatchObject({ throughput: 8, activeDurationNs: 5e9 });
});

test('throughput counts elements that failed, since they went through, too', () => {
  const id = name();
  const flow = meter.flow(id, ['a']);
  flow.begin().fail();
  flow.begin().end();
  clock.advance(4e9);
  flow.cancel();
  expect(viewOf(meter, id).value('flow.throughput')).toBe(0.5);
});

test('a flow that never ran has none, and no duration', async () => {
  const id = name();
  meter.flow(id, ['a']).validate();
  clock.advance(1e9);
  const { value } = viewOf(meter, id);
  expect(value('flow.active_duration')).toBe(0);
  expect(value('flow.throughput')).toBe(0);
  expect(await flowServed(meter, id)).toMatchObject({ throughput: 0, activeDurationNs: 0 });
});

test('a flow that is active shows them growing by themselves, and consistent with each other', () => {
  // The snapshot is read by the real clock.
  const own = quietMeter();
  const flow = own.flow('active', ['a']);
  for (let i = 0; i < 7; i += 1) flow.begin().end();
  const read = () => {
    const snapshot = own.snapshot();
    const { value } = viewOf({ snapshot: () => snapshot }, 'active');
    return { ns: value('flow.active_duration')!, rate: value('flow.throughput')! };
  };
  const [first, second] = [read(), read()];
  expect(first.ns).toBeGreaterThan(0);
  expect(second.ns).toBeGreaterThan(first.ns);
  // What is computed is computed from the values of the same snapshot.
  for (const { ns, rate } of [first, second]) expect(rate).toBe((1e9 * 7) / ns);
  flow.complete();
  expect(read()).toEqual(read());
});

test('since() computes them from the interval, and leaves gauges and states as they are', () => {
  const id = name();
  live(id, 30, 2e9);
  const before = meter.snapshot();
  live(id, 10, 4e9);
  const flow = meter.flow(id, ['a', 'b']);
  const element = flow.begin();
  clock.advance(1e9);
  element.end();
  flow.fail();
  const delta = meter.snapshot().since(before);
  const { value, times, state } = viewOf({ snapshot: () => delta }, id);
  expect(value('flow.elements.total')).toBe(11);
  expect(value('flow.throughput')).toBe(11 / 5);
  expect(value('flow.active_duration')).toBe(7e9);
  expect(state()).toBe('failed');
  expect(times('flow.latency')).toMatchObject({ count: 11, sum: 1e9 });
  expect(delta.flow(id)).toMatchObject({ elements: 11, throughput: 11 / 5, state: 'failed' });
  // Nothing has happened since: nothing is nothing, not 0 / 0.
  const none = meter.snapshot().since(meter.snapshot());
  expect(none.value('flow.throughput', { flow_id: id })).toBe(0);
  expect(none.flow(id)).toMatchObject({ elements: 0, throughput: 0 });
});

test('the reuse rate of a pool, of all time and of an interval', () => {
  const pool = meter.pool('reused', { capacity: 4, bufferBytes: 8 });
  const rate = (of = meter.snapshot()) => of.value('pool.reuse_rate', { tier: 'reused' });
  expect(rate()).toBe(0);
  const buffers = Array.from({ length: 8 }, () => pool.acquire());
  for (const buffer of buffers.slice(0, 2)) pool.release(buffer);
  expect(rate()).toBe(0.25);
  const before = meter.snapshot();
  pool.acquire();
  pool.acquire();
  pool.release(buffers[2]!);
  expect(rate()).toBe(0.3);
  expect(rate(meter.snapshot().since(before))).toBe(0.5);
});

describe('in Prometheus they are gauges, in base units', () => {
  const id = 'scraped "flow"';
  const scraped: Record<Format, string> = { text: '', openmetrics: '' };

  beforeAll(async () => {
    live(id, 30, 2e9);
    meter.flow(id, ['a', 'b']).validate();
    const pool = meter.pool('scraped', { capacity: 4, bufferBytes: 8 });
    pool.acquire();
    pool.release(pool.acquire());
    for (const format of ['text', 'openmetrics'] as const) {
      scraped[format] = await scrape(meter.inspection!.url!, format);
    }
  });

  test.each<Format>(['text', 'openmetrics'])('our checker finds nothing wrong: %s', (format) => {
    expect(check(scraped[format], format)).toEqual([]);
  });

  test('and a flow is in one of its states', () => {
    const lines = scraped.openmetrics.split('\n');
    const flow_id = 'flow_id="scraped \\"flow\\""';
    expect(lines).toContain('# TYPE flow_state stateset');
    expect(lines.filter((line) => line.startsWith(`flow_state{${flow_id}`))).toEqual(
      ['created', 'validated', 'running', 'draining', 'completed', 'cancelled', 'failed'].map(
        (state) =>
          `flow_state{${flow_id},flow_state="${state}"} ${state === 'validated' ? '1' : '0'}`,
      ),
    );
    expect(scraped.text.split('\n')).toContain('# TYPE flow_state gauge');
    expect(scraped.text).toContain(`\nflow_state{${flow_id},flow_state="validated"} 1\n`);
  });

  describeWith('prometheus_client', 'says prometheus_client', () => {
    test.each<Format>(['text', 'openmetrics'])('in %s', (format) => {
      const families = parseForeign(scraped[format], format);
      const read = (sample: string, label: string, value: string) => {
        const family = families.find((one) => one.name === sample);
        expect([sample, family?.type]).toEqual([sample, 'gauge']);
        return samplesNamed(families, sample).find(({ labels }) => labels[label] === value)?.value;
      };
      expect(read('flow_throughput_per_second', 'flow_id', id)).toBe(15);
      expect(read('flow_active_duration_seconds', 'flow_id', id)).toBe(2);
      expect(read('pool_reuse_rate', 'tier', 'scraped')).toBe(0.5);
    });
  });
});
