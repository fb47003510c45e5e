/** Every status of gRPC, with and without RetryInfo, and streams that end as none should (F4). */
import { describeNativeWith } from '../conformance/judges';
import { FaultyStreams, grpcAnswer, type StreamPlay } from '../support/faulty-receiver';
import { OtlpReceiver } from '../support/otlp-receiver';
import { Sender } from '../support/sender';
import { describeNative, until } from '../support/surroundings';

const RETRIED = [1, 4, 10, 11, 14, 15];
const RESOURCE_EXHAUSTED = 8;
const REFUSED = [2, 3, 5, 6, 7, 9, 12, 13, 16];
const ASKED_MS = 300;
const CAP_MS = 300_000;

describeNativeWith('otlp_receiver', 'statuses of gRPC', () => {
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
  });
  beforeEach(() => receiver.forget());

  const sender = (maxBatch: number) =>
    new Sender({ endpoint: receiver.endpoint('grpc'), protocol: 'grpc', maxBatch });

  test('that OTLP does not retry are dropped and counted, whatever RetryInfo says', async () => {
    const plain = [...REFUSED, RESOURCE_EXHAUSTED].map((code) => ({ code }));
    const answers = [...plain, ...REFUSED.map((code) => ({ code, retryDelayMs: ASKED_MS }))];
    await receiver.answer('traces', answers);
    const account = await sender(1).record(answers.length).settled(answers.length);
    expect(account).toMatchObject({ exported: 0, queued: 0 });
    expect(account.dropped).toEqual({
      unauthorized: 4,
      throttled: 1,
      rejected: answers.length - 5,
    });
    const ids = (await receiver.received()).flatMap(({ spanIds }) => spanIds);
    expect([ids.length, new Set(ids).size]).toEqual([answers.length, answers.length]);
  });

  test('that OTLP retries are tried again, and when is asked', async () => {
    const refusals = [
      ...RETRIED.map((code) => ({ code, retryDelayMs: 0, span: `${code}` })),
      ...[...RETRIED, RESOURCE_EXHAUSTED].map((code) => ({
        ...{ code, retryDelayMs: ASKED_MS, span: `${code} later` },
      })),
    ];
    await receiver.answer(
      'traces',
      refusals.map(({ retryDelayMs, ...refusal }) =>
        retryDelayMs === 0 ? refusal : { ...refusal, retryDelayMs },
      ),
    );
    const senders = refusals.map(() => sender(512));
    const all = senders.map(async (one, i) => {
      one.record(3, 0, refusals[i]!.span);
      expect(await one.settled(3)).toEqual({ exported: 3, queued: 0, dropped: {} });
    });
    await Promise.all(all);
    const received = await receiver.received();
    expect(received).toHaveLength(2 * refusals.length);
    for (const refusal of refusals) {
      const first = received.find(({ answer }) => answer.span === refusal.span)!;
      const ids = JSON.stringify(first.spanIds);
      const both = received.filter(({ spanIds }) => JSON.stringify(spanIds) === ids);
      expect([refusal.span, both.length]).toEqual([refusal.span, 2]);
      expect(both[1]!.atMs - both[0]!.atMs).toBeGreaterThanOrEqual(refusal.retryDelayMs - 5);
    }
  });

  test.each([14, RESOURCE_EXHAUSTED])('%d is not waited for longer than 300 s', async (code) => {
    await receiver.answer('traces', [], { code, retryDelayMs: 1e9 });
    const sending = sender(512).record(2);
    await until('it waits', () => sending.status.nextTryMs !== null);
    const inMs = sending.status.nextTryMs! - Date.now();
    expect(inMs).toBeGreaterThan(CAP_MS - 5_000);
    expect(inMs).toBeLessThanOrEqual(CAP_MS);
    expect(sending.account).toEqual({ exported: 0, queued: 2, dropped: {} });
  });

  test('what is rejected of a request is counted, and nothing is sent again', async () => {
    await receiver.answer('traces', [{ rejected: 3, message: 'too old' }]);
    const sending = sender(512).record(10);
    expect(await sending.settled(10)).toEqual({ exported: 7, queued: 0, dropped: { partial: 3 } });
    expect(sending.status.lastError!.message).toContain('too old');
    // Which would send again at once what is to be sent again.
    await sending.meter.flush();
    expect(await receiver.received()).toHaveLength(1);
  });

  test('a warning without a rejection is a success', async () => {
    await receiver.answer('traces', [{ rejected: 0, message: 'nearly full' }]);
    expect(await sender(512).record(4).settled(4)).toEqual({ exported: 4, queued: 0, dropped: {} });
  });
});

describeNative('streams of gRPC that end as none should', () => {
  const OK = grpcAnswer(0);
  const SPANS = 4;

  async function played(play: StreamPlay) {
    const receiver = await FaultyStreams.start(play, OK);
    const sender = new Sender({ endpoint: receiver.url, protocol: 'grpc', timeoutMs: 2_000 });
    const account = await sender.record(SPANS).settledSoon(SPANS);
    const attempts = receiver.requests.length;
    // What comes after it is not disturbed by it.
    sender.record(1);
    const after = await sender.settled(SPANS + 1);
    expect(after).toEqual({ ...account, exported: account.exported + 1 });
    return { account, attempts };
  }

  const ALL = { exported: SPANS, queued: 0, dropped: {} };

  test.each<[string, StreamPlay]>([
    ['GOAWAY and a closed connection', (stream) => stream.session!.destroy()],
    ['RST_STREAM: refused', (stream) => stream.close(7)],
    ['RST_STREAM: cancelled', (stream) => stream.close(8)],
  ])('%s: tried again', async (_, play) => {
    const { account, attempts } = await played(play);
    expect([account, attempts]).toEqual([ALL, 2]);
  });

  test('RST_STREAM: enhance your calm, which is RESOURCE_EXHAUSTED without RetryInfo', async () => {
    const { account, attempts } = await played((stream) => stream.close(11));
    expect(account).toEqual({ exported: 0, queued: 0, dropped: { throttled: SPANS } });
    expect(attempts).toBe(1);
  });

  test('GOAWAY after the answer: the next request goes over another connection', async () => {
    const { account, attempts } = await played((stream) => {
      OK(stream);
      stream.session!.goaway(0);
    });
    expect([account, attempts]).toEqual([ALL, 1]);
  });

  const refused = (reason: string) => ({ exported: 0, queued: 0, dropped: { [reason]: SPANS } });

  test.each<[string, StreamPlay, object, number]>([
    ['no grpc-status', grpcAnswer(null), refused('bad_response'), 1],
    // The status says that all was taken, and that is all that an answer has to say.
    ['no message', grpcAnswer(0, Buffer.alloc(0)), ALL, 1],
    ['half a message', grpcAnswer(0, Buffer.from([0, 0, 0, 0, 9, 1])), ALL, 1],
    [
      'a message of 2 GiB, as it says',
      grpcAnswer(0, Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1])),
      refused('bad_response'),
      1,
    ],
    [
      'a message that is no protobuf',
      grpcAnswer(0, Buffer.from([0, 0, 0, 0, 2, 0x0a, 0xff])),
      refused('bad_response'),
      1,
    ],
    [
      'a page',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<html></html>');
      },
      refused('protocol'),
      1,
    ],
    [
      '503 by a proxy',
      (stream) => {
        stream.respond({ ':status': 503, 'content-type': 'text/plain' });
        stream.end('no healthy upstream');
      },
      ALL,
      2,
    ],
  ])('%s: no crash, and all is accounted for', async (_, play, expected, times) => {
    const { account, attempts } = await played(play);
    expect([account, attempts]).toEqual([expected, times]);
  });
});
