/**
 * Statuses of HTTP, with every kind of Retry-After (F3), and partial successes (F6): what OTLP says to
 * try again is tried again, after at least as long as asked and at most 300 s; all else is dropped
 * and counted.
 */
import { answer, FaultyReceiver, OK, type Play } from '../support/faulty-receiver';
import { Sender } from '../support/sender';
import { describeNative, until } from '../support/surroundings';

const RETRIED = [429, 502, 503, 504];
const STATUSES = [...range(400, 431), ...range(500, 504)];
const REFUSED = STATUSES.filter((status) => !RETRIED.includes(status));
/** The longest that a first attempt waits for the second where nothing is asked. */
const FIRST_BACKOFF_MS = 2_000;
const SLACK_MS = 1_000;
const CAP_MS = 300_000;

const dateIn = (ms: number): string => new Date(Date.now() + ms).toUTCString();

/** What is asked by Retry-After, and the least and the most that it means, milliseconds. */
const ASKED: readonly (readonly [string, () => string | undefined, number, number])[] = [
  ['nothing', () => undefined, 0, FIRST_BACKOFF_MS],
  ['0', () => '0', 0, FIRST_BACKOFF_MS],
  ['1', () => '1', 1_000, 1_000 + FIRST_BACKOFF_MS],
  ['-1', () => '-1', 0, FIRST_BACKOFF_MS],
  ['a date past', () => dateIn(-60_000), 0, FIRST_BACKOFF_MS],
  // A date has whole seconds, and is said a while before it is answered.
  ['a date to come', () => dateIn(3_000), 1_000, 3_000 + FIRST_BACKOFF_MS],
  ['garbage', () => 'soon; "or" later', 0, FIRST_BACKOFF_MS],
];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function refusal(status: number, retryAfter: string | undefined): Play {
  return answer(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

describeNative('statuses of HTTP', () => {
  test('that OTLP does not retry are dropped and counted, whatever Retry-After says', async () => {
    const more = [...ASKED.map(([, value]) => value), () => '1000000000'];
    const plays = REFUSED.flatMap((status) => more.map((value) => refusal(status, value())));
    const receiver = await FaultyReceiver.start(...plays);
    const sender = new Sender({ endpoint: receiver.url, maxBatch: 1 });
    sender.record(plays.length);
    const account = await sender.settled(plays.length);
    expect(receiver.requests).toHaveLength(plays.length);
    const bodies = new Set(receiver.requests.map(({ body }) => body.toString('latin1')));
    expect(bodies.size).toBe(plays.length);
    const of = (count: number) => count * more.length;
    expect(account).toEqual({
      ...{ exported: 0, queued: 0 },
      dropped: { unauthorized: of(2), too_large: of(1), rejected: of(REFUSED.length - 3) },
    });
    expect(sender.status.lastError!.message).toContain(receiver.url);
  });

  test('that OTLP retries are tried again, and when is asked', async () => {
    const sending = [];
    // Opening a meter holds the loop up, which hears the receivers too: all are open before.
    for (const status of RETRIED) {
      for (const [asked, value, least, most] of ASKED) {
        const receiver = await FaultyReceiver.start(() => undefined);
        const sender = new Sender({ endpoint: receiver.url });
        sending.push({ receiver, sender, status, asked, value, least, most });
      }
    }
    const all = sending.map(async ({ receiver, sender, status, asked, value, least, most }) => {
      receiver.play(refusal(status, value()), OK);
      sender.record(3);
      expect(await sender.settled(3)).toEqual({ exported: 3, queued: 0, dropped: {} });
      const [first, second, ...more] = receiver.requests;
      expect(more).toEqual([]);
      expect(second!.body).toEqual(first!.body);
      const gap = second!.atMs - first!.atMs;
      const isInTime = gap >= least - 5 && gap <= most + SLACK_MS;
      expect([status, asked, isInTime ? 'in time' : gap]).toEqual([status, asked, 'in time']);
    });
    await Promise.all(all);
  });

  test.each(RETRIED)('%d is not waited for longer than 300 s', async (status) => {
    const receiver = await FaultyReceiver.start(refusal(status, '1000000000'));
    const sender = new Sender({ endpoint: receiver.url }).record(3);
    await until('it waits', () => sender.status.nextTryMs !== null);
    const inMs = sender.status.nextTryMs! - Date.now();
    expect(inMs).toBeGreaterThan(CAP_MS - 5_000);
    expect(inMs).toBeLessThanOrEqual(CAP_MS);
    expect(sender.account).toEqual({ exported: 0, queued: 3, dropped: {} });
    expect(sender.status.state).toBe('retrying');
  });

  test('what is rejected of a request is counted, and nothing is sent again', async () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 3, error_message: "old" } }
    const partial = Buffer.from([0x0a, 0x07, 0x08, 3, 0x12, 0x03, ...Buffer.from('old')]);
    const receiver = await FaultyReceiver.start(
      answer(200, { 'content-type': 'application/x-protobuf' }, partial),
    );
    const sender = new Sender({ endpoint: receiver.url }).record(10);
    expect(await sender.settled(10)).toEqual({ exported: 7, queued: 0, dropped: { partial: 3 } });
    // Which would send again at once what is to be sent again.
    await sender.meter.flush();
    expect(receiver.requests).toHaveLength(1);
    expect(sender.status.lastError?.message).toContain('old');
  });
});
