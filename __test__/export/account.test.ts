/**
 * What was recorded was exported, waits, or was dropped: at every moment, and the same wherever it is
 * read, while a receiver takes some, refuses some, rejects parts, and is not there.
 */
import type { ExporterStatus, Snapshot } from 'nanometer';
import { parseForeign, samplesNamed } from '../conformance/foreign-parser';
import { describeNativeWith } from '../conformance/judges';
import { OtlpReceiver, type PlannedAnswer } from '../support/otlp-receiver';
import { request, scrape } from '../support/request';
import { Sender } from '../support/sender';

const ROUNDS = 40;
const IN_ROUND = 25;
const ANSWERS: readonly PlannedAnswer[] = [
  ...[{}, { status: 503 }, { rejected: 2, message: 'two' }],
  ...[{ status: 400 }, {}, { drop: true }, { status: 401 }, { delayMs: 40 }],
];
const SIGNALS = ['metrics', 'traces'] as const;
/** Of each reason, how much was dropped before anything was. */
const NOTHING = Object.fromEntries(
  [
    ...['bad_response', 'option', 'panic', 'partial', 'protocol', 'queue_full', 'rejected'],
    ...['shutdown', 'throttled', 'too_large', 'unauthorized'],
  ].map((reason) => [reason, 0]),
);

type Signal = (typeof SIGNALS)[number];

/** What a snapshot has of the account of one signal. */
function accountIn(snapshot: Snapshot, signal: Signal) {
  const labels = { exporter: 'otlp', signal };
  const of = (name: string) => snapshot.value(`nanometer.exporter.${name}`, labels)!;
  const dropped = snapshot.metrics.find(({ name }) => name === 'nanometer.exporter.dropped');
  const reasons = dropped!.series
    .filter((series) => series.labels['signal'] === signal)
    .map((series) => [series.labels['reason']!, 'value' in series ? series.value : NaN] as const);
  return {
    ...{ recorded: of('recorded'), exported: of('exported'), queued: of('queued') },
    dropped: Object.fromEntries(reasons),
  };
}

const total = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describeNativeWith(['otlp_receiver', 'prometheus_client'], 'the account of an exporter', () => {
  test('is even in every snapshot, and the same wherever it is read', async () => {
    const receiver = await OtlpReceiver.start({ brief: true });
    const sender = new Sender(
      {
        ...{ endpoint: receiver.endpoint('http/protobuf'), metrics: {}, intervalMs: 50 },
        ...{ delayMs: 20, maxBatch: 10 },
      },
      { inspection: { host: '127.0.0.1', port: 0, socket: false } },
    );
    const { meter } = sender;
    for (const signal of SIGNALS) {
      await receiver.answer(signal, Array.from({ length: 20 }, () => ANSWERS).flat());
    }
    for (const signal of SIGNALS) {
      const nothing = { recorded: 0, exported: 0, queued: 0, dropped: NOTHING };
      expect(accountIn(meter.snapshot(), signal)).toEqual(nothing);
    }
    const states = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      sender.record(IN_ROUND);
      // Which does not wait for long before it tries again.
      if (round % 4 === 0) void meter.flush({ timeoutMs: 20 });
      await new Promise((resolve) => setTimeout(resolve, 25));
      const snapshot = meter.snapshot();
      for (const signal of SIGNALS) {
        const { recorded, exported, queued, dropped } = accountIn(snapshot, signal);
        expect(exported + queued + total(dropped)).toBe(recorded);
        if (queued > 0) states.add('queued');
        if (exported > 0) states.add('exported');
        expect(Object.keys(dropped).sort()).toEqual(Object.keys(NOTHING).sort());
        for (const [reason, count] of Object.entries(dropped)) if (count > 0) states.add(reason);
      }
    }
    await receiver.answer('traces', []);
    const recorded = ROUNDS * IN_ROUND;
    expect((await sender.settledSoon(recorded)).queued).toBe(0);
    expect([...states].sort()).toEqual(
      ['exported', 'partial', 'queued', 'rejected', 'unauthorized'].sort(),
    );

    const { dropped, exported } = sender.account;
    expect(exported + total(dropped)).toBe(recorded);
    expect(await receiver.taken('traces')).toBe(exported);
    expect(accountIn(meter.snapshot(), 'traces')).toEqual({
      recorded,
      exported,
      queued: 0,
      dropped: { ...NOTHING, ...dropped },
    });
    await isTheSameEverywhere(sender);
  });
});

/** Of spans, of which no more come; metrics go on by themselves. */
async function isTheSameEverywhere({ meter, status, account }: Sender): Promise<void> {
  const { url } = meter.inspection!;
  const answered = await request(new URL('/exporters', url!));
  const { exporters } = JSON.parse(answered.text) as { exporters: ExporterStatus[] };
  expect(exporters.map(({ name, kind }) => [name, kind])).toEqual([['otlp', 'otlp']]);
  expect(exporters[0]!.signals.traces).toEqual(status);

  const families = parseForeign(await scrape(url!, 'openmetrics'), 'openmetrics');
  const shown = (name: string) =>
    samplesNamed(families, `nanometer_exporter_${name}`).filter(
      ({ labels }) => labels['signal'] === 'traces',
    );
  expect(shown('recorded_total').map(({ value }) => value)).toEqual([status.recorded]);
  expect(shown('exported_total').map(({ value }) => value)).toEqual([status.exported]);
  expect(shown('queued').map(({ value }) => value)).toEqual([0]);
  const dropped = shown('dropped_total').map(
    ({ labels, value }) => [labels['reason'], value] as const,
  );
  expect(Object.fromEntries(dropped)).toEqual({ ...NOTHING, ...account.dropped });
}
