/** Exemplars: for whom counters and buckets were last recorded, as snapshots and OpenMetrics show it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import type { ExemplarData, HistogramSeries, Meter, Span, ValueSeries } from 'nanometer';
import { quietMeter } from '../support/meter';
import { request, scrape } from '../support/request';

const ON_TCP = { inspection: { host: '127.0.0.1', port: 0, socket: false } } as const;
const TRACED = { sampleRate: 0, promoteErrors: false, exemplars: true } as const;

const meter = quietMeter({ ...ON_TCP, tracing: TRACED });
const { url } = meter.inspection!;
afterAll(() => meter.close());

let names = 0;
const fresh = (): string => `metric.${(names += 1)}`;

const seriesOf = (from: Meter, name: string) =>
  from
    .snapshot()
    .toJSON()
    .metrics.find((metric) => metric.name === name)?.series ?? [];
const exemplarsOf = (from: Meter, name: string): readonly ExemplarData[] =>
  (seriesOf(from, name)[0] as ValueSeries | HistogramSeries | undefined)?.exemplars ?? [];

/** Runs something as part of a span, and ends the span. */
const within = (run: () => void, name = 'work', from = meter): Span => {
  const span = from.span(name);
  from.active(span, run);
  span.end();
  return span;
};

/** The lines of a family that have an exemplar. */
const linesWith = async (family: string): Promise<string[]> => {
  const lines = (await scrape(url!, 'openmetrics')).split('\n');
  return lines.filter((line) => line.startsWith(family) && line.includes(' # {'));
};

test('a bucket names the span that a value was last recorded in', () => {
  const name = fresh();
  const histogram = meter.histogram(name, { unit: 'ms', buckets: [1, 10] });
  within(() => histogram.record(1));
  const second = within(() => histogram.record(0.5));
  const last = within(() => histogram.record(99));
  const { traceId, spanId } = second;
  expect(exemplarsOf(meter, name)).toEqual([
    { bucket: 0, value: 0.5, traceId, spanId, atMs: expect.any(Number) as number },
    expect.objectContaining({ bucket: 2, value: 99, traceId: last.traceId }),
  ]);
  const [{ atMs }] = exemplarsOf(meter, name) as [ExemplarData];
  const [span] = meter.trace(traceId)!.spans;
  expect(atMs).toBeCloseTo(span!.startMs + span!.durationNs / 1e6, 0);
});

test('a counter names the span that counted last, and by how much', () => {
  const name = fresh();
  const counter = meter.counter(name);
  const first = within(() => counter.add(2.5));
  expect(exemplarsOf(meter, name)).toEqual([
    expect.objectContaining({ value: 2.5, traceId: first.traceId, spanId: first.spanId }),
  ]);
  const second = within(() => counter.inc());
  expect(exemplarsOf(meter, name)).toEqual([
    expect.objectContaining({ value: 1, traceId: second.traceId }),
  ]);
  expect(exemplarsOf(meter, name)[0]).not.toHaveProperty('bucket');
  const third = within(() => counter.add(0));
  expect(exemplarsOf(meter, name)[0]).toMatchObject({ value: 0, traceId: third.traceId });
  within(() => counter.add(NaN));
  expect(exemplarsOf(meter, name)[0]).toMatchObject({ value: 0, traceId: third.traceId });
  counter.inc();
  expect(exemplarsOf(meter, name)[0]).toMatchObject({ value: 0, traceId: third.traceId });
});

test('what is recorded in no span has none, and what threw leaves none behind', async () => {
  const name = fresh();
  const counter = meter.counter(name);
  counter.inc();
  expect(() =>
    within(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  counter.inc();
  await meter.active(meter.span('async'), async () => {
    await Promise.resolve();
    counter.inc();
  });
  within(() => {
    meter.active(null, () => counter.inc());
  });
  expect(seriesOf(meter, name)[0]).toEqual({ labels: {}, value: 4 });
});

test('inside another span the inner one counts, and then the outer one again', () => {
  const [inner, outer] = [fresh(), fresh()];
  const counters = [meter.counter(inner), meter.counter(outer)] as const;
  let innermost: Span | undefined;
  const outermost = within(() => {
    innermost = within(() => counters[0].inc(), 'inner');
    counters[1].inc();
  }, 'outer');
  expect(exemplarsOf(meter, outer)[0]).toMatchObject({ traceId: outermost.traceId });
  expect(exemplarsOf(meter, inner)[0]!.traceId).toBe(innermost!.traceId);
});

test('elements of a flow are exemplars of what is recorded in their components, and of its metrics', () => {
  const name = fresh();
  const counter = meter.counter(name);
  const flow = meter.flow('orders', ['parse', 'price']);
  const element = flow.begin();
  const { traceId, spanId } = element;
  flow.components.parse.run(element, () => counter.inc());
  flow.components.price.run(element, () => undefined);
  element.end();
  counter.inc();
  const expected = [expect.objectContaining({ traceId, spanId })];
  for (const metric of [name, 'flow.latency', 'flow.elements.total', 'component.processing_time']) {
    expect({ metric, exemplars: exemplarsOf(meter, metric) }).toEqual({
      metric,
      exemplars: expected,
    });
  }
});

test('an invocation that ends later, or fails, is of its element too', async () => {
  const flow = meter.flow('late', ['a']);
  const { a } = flow.components;
  const [one, two, three] = [flow.begin(), flow.begin(), flow.begin()];
  const ids = [one.traceId, two.traceId, three.traceId];
  const latest = (): string =>
    (
      seriesOf(meter, 'component.invocations').find(
        ({ labels }) => labels['flow_id'] === 'late',
      ) as ValueSeries
    ).exemplars![0]!.traceId;
  await a.run(one, () => Promise.resolve());
  expect(latest()).toBe(ids[0]);
  await expect(a.run(two, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(latest()).toBe(ids[1]);
  a.start(three);
  a.end(three);
  expect(latest()).toBe(ids[2]);
  for (const element of [one, two, three]) element.end();
});

test('a span of one meter is nobody to another', async () => {
  const other = quietMeter({ tracing: TRACED });
  const name = fresh();
  const [ours, theirs] = [meter.counter(name), other.counter(name)];
  within(() => {
    ours.inc();
    theirs.inc();
  });
  expect(exemplarsOf(meter, name)).toHaveLength(1);
  expect(exemplarsOf(other, name)).toEqual([]);
  meter.active(
    within(() => undefined, 'theirs', other),
    () => ours.add(2),
  );
  expect(exemplarsOf(meter, name)[0]).toMatchObject({ value: 1 });
  await other.close();
});

test('each is a value of its bucket, and of the span that recorded it', () => {
  const bounds = fc
    .uniqueArray(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 40 })
    .map((list) => [...new Set(list.map((bound) => bound + 0))].sort((a, b) => a - b));
  const value = fc.oneof(
    fc.double({ min: 0, max: 2e12, noNaN: true }),
    fc.nat({ max: 100 }).map((n) => n / 4),
  );
  fc.assert(
    fc.property(
      bounds,
      fc.array(fc.array(value, { maxLength: 6 }), { maxLength: 8 }),
      (list, runs) => {
        const name = fresh();
        const histogram = meter.histogram(name, { unit: '1', buckets: list });
        const wanted = new Map<number, { value: number; traceId: string }>();
        for (const values of runs) {
          const { traceId } = within(() => values.forEach((each) => histogram.record(each)));
          for (const each of values) {
            const bucket = list.filter((bound) => each > bound).length;
            wanted.set(bucket, { value: each, traceId });
          }
        }
        const expected = [...wanted]
          .sort(([a], [b]) => a - b)
          .map(([bucket, { value: each, traceId }]) => ({ bucket, value: each + 0, traceId }));
        const found = exemplarsOf(meter, name).map(({ bucket, value: each, traceId }) => ({
          ...{ bucket, value: each + 0, traceId },
        }));
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('OpenMetrics has them on buckets and totals, in base units; text 0.0.4 has none', async () => {
  const counter = meter.counter('shown.jobs');
  const histogram = meter.histogram('shown.time', { unit: 'ms', buckets: [1, 10] });
  const span = within(() => {
    counter.add(3);
    histogram.record(2.5);
  });
  const labels = `{trace_id="${span.traceId}",span_id="${span.spanId}"}`;
  const [total, ...none] = await linesWith('shown_jobs');
  expect(none).toEqual([]);
  expect(total).toMatch(`shown_jobs_total 3 # ${labels} 3 `);
  expect(Number(total!.split(' ').at(-1))).toBeCloseTo(Date.now() / 1e3, -2);
  const [bucket, ...others] = await linesWith('shown_time');
  expect(others).toEqual([]);
  expect(bucket).toMatch(`shown_time_seconds_bucket{le="0.01"} 1 # ${labels} 0.0025 `);
  expect(await scrape(url!, 'text')).not.toContain(' # {');
});

test('a trace that was published answers when its spans have long been overwritten', async () => {
  const small = quietMeter({ ...ON_TCP, tracing: { ...TRACED, flightSpans: 64 } });
  const counter = small.counter('orders.accepted');
  const span = within(() => counter.inc(), 'accept', small);
  const forgotten = small.span('not published');
  forgotten.end();
  const scrapeSmall = () => scrape(small.inspection!.url!, 'openmetrics');
  expect(await scrapeSmall()).toContain(`orders_accepted_total 1 # {trace_id="${span.traceId}"`);
  for (let n = 0; n < 2_000; n++) small.span('later').end();
  const traceOf = (id: string) => request(`${small.inspection!.url!}/traces/${id}`);
  expect(await scrapeSmall()).toContain('orders_accepted_total 1\n');
  expect((await traceOf(forgotten.traceId)).status).toBe(404);
  const answer = await traceOf(span.traceId);
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    200,
    expect.objectContaining({ traceId: span.traceId, name: 'accept', reason: 'exemplar' }),
  ]);
  await small.close();
});

test('the series of a family, and its overflow series, have their own', () => {
  const name = fresh();
  const family = meter.counter(name, { labels: ['key'], maxSeries: 1 });
  const first = within(() => family.with({ key: 'a' }).inc());
  const second = within(() => family.with({ key: 'b' }).inc());
  expect(seriesOf(meter, name)).toMatchObject([
    { labels: { key: 'a' }, exemplars: [{ traceId: first.traceId }] },
    { labels: { otel_metric_overflow: 'true' }, exemplars: [{ traceId: second.traceId }] },
  ]);
  const held = family.with({ key: 'a' });
  expect(family.remove({ key: 'a' })).toBe(true);
  const third = within(() => held.inc());
  expect(seriesOf(meter, name)).toMatchObject([{ exemplars: [{ traceId: third.traceId }] }]);
});

test('a published trace stays until the scrape after the next, however many are promoted', async () => {
  const busy = quietMeter({ ...ON_TCP, tracing: { ...TRACED, flightSpans: 64 } });
  const counter = busy.counter('orders.accepted');
  const others = busy.histogram('other.values', { unit: '1', buckets: [1] });
  const published = within(() => counter.inc(), 'accept', busy);
  const scrapeBusy = () => scrape(busy.inspection!.url!, 'openmetrics');
  const promoteMany = (): void => {
    for (let n = 0; n < 600; n++) {
      const span = busy.span('promoted');
      span.promote();
      span.end();
    }
    expect(busy.traces({ limit: 1_000 })).toHaveLength(256);
  };
  for (const isKept of [true, true, false]) {
    // Something is published each time.
    within(() => others.record(0), 'other', busy);
    expect(await scrapeBusy()).toContain(' # {');
    promoteMany();
    expect(busy.trace(published.traceId) !== null).toBe(isKept);
  }
  await busy.close();
});

test('threads that say nothing of it record exemplars too, and the newest of them is shown', async () => {
  const shared = quietMeter({ tracing: TRACED });
  const newest = (): ExemplarData => exemplarsOf(shared, 'orders.accepted')[0]!;
  const ofMain = within(() => shared.counter('orders.accepted').add(1.5), 'main', shared);
  for (const amount of [2.5, 3.5]) {
    const worker = new Worker(join(__dirname, '../fixtures/exemplar-worker.cjs'), {
      workerData: amount,
    });
    const [traceId] = (await once(worker, 'message')) as [string];
    expect(newest()).toMatchObject({ traceId, value: amount });
    // What a thread that has ended left stays.
    worker.postMessage('end');
    await once(worker, 'exit');
    expect(newest()).toMatchObject({ traceId, value: amount });
  }
  expect(newest().traceId).not.toBe(ofMain.traceId);
  await shared.close();
});

test('without the option there are no cells for them, and nothing is shown', async () => {
  const plain = quietMeter({ ...ON_TCP, maxLaneBytes: 128 << 10, tracing: { sampleRate: 1 } });
  const series = (from: Meter): number => {
    let made = 0;
    // A block is 8,184 cells; a series of these bounds takes 29 of them, or 81 with exemplars.
    const fits = () => {
      try {
        from.histogram(`h${made}`, { buckets: 'latency' });
        return true;
      } catch {
        return false;
      }
    };
    while (fits()) made += 1;
    return made;
  };
  const counter = plain.counter('orders.accepted');
  within(() => counter.inc(), 'accept', plain);
  expect(seriesOf(plain, 'orders.accepted')).toEqual([{ labels: {}, value: 1 }]);
  expect(await scrape(plain.inspection!.url!, 'openmetrics')).not.toContain(' # {');
  const marked = quietMeter({ maxLaneBytes: 128 << 10, tracing: TRACED });
  expect(series(plain)).toBeGreaterThan(2.5 * series(marked));
  await Promise.all([plain.close(), marked.close()]);
});
