/** A service that has recorded one of everything and exports it: the same each time, but for ids. */
import { mockClock, type Meter, type OpenOptions, type PromotedSpan } from 'nanometer';
import { recordEverything } from '../fixtures/recordings.cjs';
import { quietMeter } from '../support/meter';
import type { Undisclosed } from './expected';

/** What a snapshot does not show of what is recorded here. */
export const UNDISCLOSED: Undisclosed = {
  notSummed: ['queue.peak', 'queue.low', 'battery.charge'],
  exponential: ['orders.spread', 'orders.bytes'],
};

/** An interval that no test waits for: what is exported is what is flushed. */
export const NEVER_MS = 2 ** 31 - 1;

/** How many spans are promoted: two of each order, and the others. */
export const SPANS = 40 * 2 + 5;

/** One that has recorded. */
export interface Scenario {
  readonly meter: Meter;
  /** What was promoted, in the order in which it was told. */
  readonly spans: readonly PromotedSpan[];
}

/** Opens a meter that exports as the options say, and records. */
export async function recordScenario(options: OpenOptions): Promise<Scenario> {
  const clock = mockClock(1e9);
  const meter = quietMeter({
    clock,
    tracing: { sampleRate: 1, exemplars: true },
    resource: { 'deployment.environment.name': 'judged' },
    ...options,
  });
  const spans: PromotedSpan[] = [];
  meter.on('span', (span) => spans.push(span));
  recordEverything(meter, clock);
  recordWork(meter, (ns) => clock.advance(ns));
  recordSpans(meter, (ns) => clock.advance(ns));
  return { meter, spans };
}

/** Work of which counters and buckets have exemplars. */
function recordWork(meter: Meter, advance: (ns: number) => void): void {
  const accepted = meter.counter('orders.priced', { help: 'Priced.', labels: ['sku'] });
  const weight = meter.histogram('orders.weight', { unit: 'g', buckets: [1, 2.5, 10] });
  const bytes = meter.histogram('orders.bytes', {
    unit: 'By',
    buckets: { exponential: { scale: 2, min: 1, max: 1024 } },
  });
  for (let n = 0; n < 40; n += 1) {
    const order = meter.span('order', null);
    meter.active(order, () => {
      advance(1_000 * (n + 1));
      bytes.record(n * n);
      advance(2 ** n % 1e9);
      weight.record(n / 2);
      accepted.with({ sku: n % 2 === 0 ? 'even' : 'odd "\\' }).add(n / 4);
    });
    meter.span('after', order).end();
    order.end();
  }
}

/** Spans of all kinds and endings, with all that can be said of them. */
function recordSpans(meter: Meter, advance: (ns: number) => void): void {
  const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const outer = meter.span('outer', caller, { kind: 'server' });
  outer.setAttributes({
    text: 'é "\\\n',
    whole: 7,
    half: 0.5,
    yes: true,
    no: false,
    large: 2 ** 53,
  });
  outer.event('began', { attempt: 1, why: 'first' });
  advance(1_234_567);
  for (const kind of ['internal', 'client', 'producer', 'consumer'] as const) {
    const inner = meter.span(`inner ${kind}`, outer, { kind });
    advance(1);
    if (kind === 'client') inner.fail(new Error('no answer'));
    else inner.end();
  }
  outer.event('over');
  outer.setStatus('ok');
  outer.end();
}
