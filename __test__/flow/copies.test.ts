/** Copies of buffers: counted with their bytes and reasons, and told one by one where that is wanted. */
import type { ValueSeries } from 'nanometer';
import { freshFlow, hearEvents, holdIntervals, viewOf } from '../support/flow';
import { quietMeter } from '../support/meter';

holdIntervals();
const meter = quietMeter();
const heard = hearEvents(meter);
const fresh = () => freshFlow(meter, ['a']);

beforeEach(() => {
  meter.level = 'production';
  heard();
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
