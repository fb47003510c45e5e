/** The receiver by which ours is judged is judged itself first, by OpenTelemetry's own exporters. */
import { describeWith } from '../conformance/judges';
import { Fixture } from '../support/fixture';
import { OtlpReceiver, PROTOCOLS, type Protocol, type Signal } from '../support/otlp-receiver';
import { request } from '../support/request';

interface Result {
  readonly isSuccess: boolean;
  readonly error: string | null;
}

const SENT: Result = { isSuccess: true, error: null };

describeWith('otlp_receiver', 'the receiver, by what OpenTelemetry sends', () => {
  let receiver: OtlpReceiver;
  let sender: Fixture;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    sender = Fixture.start('otel-sender.cjs');
  });

  beforeEach(() => receiver.forget());

  const send = (signal: Signal, protocol: Protocol): Promise<Result> =>
    sender.ask<Result>({ signal, protocol, endpoint: receiver.endpoint(protocol) });

  test.each(['metrics', 'traces'] as const)('decodes %s alike, however sent', async (signal) => {
    for (const protocol of PROTOCOLS) expect(await send(signal, protocol)).toEqual(SENT);
    const received = await receiver.received();
    const [first, ...others] = received;
    expect(received.map(({ protocol }) => protocol)).toEqual(PROTOCOLS);
    expect(first!.problems).toEqual([]);
    for (const { message } of others) expect(message).toEqual(first!.message);
  });

  test('decodes metrics', async () => {
    await send('metrics', 'grpc');
    const [first] = await receiver.received();
    expect(first).toMatchObject({ signal: 'metrics', items: 3 });
    const sum = { isMonotonic: true, aggregationTemporality: 2 };
    const metrics = [
      { name: 'a.counter', unit: '{thing}', sum: { ...sum, dataPoints: [{ asDouble: 41 }] } },
      { name: 'a.level', sum: { dataPoints: [{ asDouble: -2.5 }] } },
      { name: 'a.histogram', histogram: { dataPoints: [{ count: '1', sum: 0.25 }] } },
    ];
    expect(first!.message).toMatchObject({
      resourceMetrics: [
        { scopeMetrics: [{ scope: { name: 'theirs', version: '1.2.3' }, metrics }] },
      ],
    });
  });

  test('decodes spans', async () => {
    await send('traces', 'grpc');
    const [first] = await receiver.received();
    expect(first).toMatchObject({ signal: 'traces', items: 1 });
    const span = {
      ...{ name: 'a span', kind: 3, status: { code: 2, message: 'why' } },
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      spanId: first!.spanIds![0],
      attributes: [
        { key: 'text', value: { stringValue: 'é' } },
        { key: 'whole', value: { intValue: '7' } },
        { key: 'half', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
      ],
      events: [{ name: 'an event', attributes: [{ key: 'n', value: { intValue: '1' } }] }],
    };
    expect(first!.message).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [span] }] }],
    });
  });

  test('sees where their JSON is not as OTLP writes it', async () => {
    await send('traces', 'http/json');
    expect((await receiver.received())[0]!.problems).toEqual([
      expect.stringContaining('.intValue: 7 is not how OTLP writes a 64-bit integer'),
      expect.stringContaining('.intValue: 1 is not how OTLP writes a 64-bit integer'),
    ]);
  });

  test.each([
    ['{"resource_spans": []}', 'no lowerCamelCase field'],
    ['{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": "SPAN_KIND_SERVER"}]}]}]}', 'enum'],
    ['{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "q83v"}]}]}]}', 'hexadecimal'],
    ['{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": 1}]}]}]}', '64-bit'],
    ['{"resourceSpans": [{"scopeSpans": []}]}', 'without scopes'],
    ['{"resourceSpans": [', 'undecodable'],
  ])('says what is wrong with %s', async (body, problem) => {
    const url = `${receiver.endpoint('http/json')}/v1/traces`;
    const headers = { 'content-type': 'application/json' };
    await request(url, { method: 'POST', headers, body });
    expect((await receiver.received())[0]!.problems).toContainEqual(
      expect.stringContaining(problem),
    );
  });

  test.each([
    ['http/protobuf', { status: 503, headers: { 'retry-after': '0' } }],
    ['grpc', { code: 14 }],
    ['grpc', { code: 8, retryDelayMs: 10 }],
  ] as const)('answers as it is told: %s with %j, then a success', async (protocol, refusal) => {
    const partial = { rejected: 1, message: 'too old' };
    await receiver.answer('traces', [refusal, partial]);
    // Which of them they retry is theirs to know.
    while (!(await send('traces', protocol)).isSuccess);
    expect((await receiver.received()).map(({ answer }) => answer)).toEqual([refusal, partial]);
    expect(await receiver.taken('traces')).toBe(0);
  });
});
