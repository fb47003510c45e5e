/** TLS, certificates of clients, and Unix sockets, to a receiver of somebody else's make. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describeNativeWith } from '../conformance/judges';
import { makeCertificates, type Certificates, type Pair } from '../support/certificates';
import { serve } from '../support/http';
import { OtlpReceiver, PROTOCOLS, type ReceiverOptions } from '../support/otlp-receiver';
import { Sender } from '../support/sender';
import { temporaryDirectory } from '../support/surroundings';

const SPANS = 3;
const ALL = { exported: SPANS, queued: 0, dropped: {} };

describeNativeWith('openssl', 'over TLS', () => {
  let made: Certificates;

  beforeAll(() => {
    made = makeCertificates();
  });

  const serve = (pair: Pair, more: ReceiverOptions = {}) =>
    OtlpReceiver.start({ ...pair, brief: true, ...more });

  test.each(PROTOCOLS)('%s is taken by a receiver that is trusted', async (protocol) => {
    const receiver = await serve(made.server);
    const sender = new Sender({
      ...{ endpoint: receiver.endpoint(protocol), protocol, certificate: made.ca },
    });
    expect(await sender.record(SPANS).settled(SPANS)).toEqual(ALL);
    expect(await receiver.taken('traces')).toBe(SPANS);
    await receiver.stop();
  });

  test.each(PROTOCOLS)('%s shows who we are', async (protocol) => {
    const receiver = await serve(made.server, { clientCa: made.ca });
    const { certificate: clientCertificate, key: clientKey } = made.client;
    const endpoint = receiver.endpoint(protocol);
    const options = { endpoint, protocol, certificate: made.ca };
    const known = new Sender({ ...options, clientCertificate, clientKey });
    expect(await known.record(SPANS).settled(SPANS)).toEqual(ALL);
    const unknown = new Sender({ ...options, timeoutMs: 2_000 });
    unknown.record(SPANS);
    // Some receivers say what is missing, and some hang up.
    expect((await unknown.failed()).reason).toMatch(/tls|connection/);
    expect(await receiver.taken('traces')).toBe(SPANS);
    await receiver.stop();
  });

  describe.each(['grpc', 'http/protobuf'] as const)('%s says what is wrong', (protocol) => {
    test.each<[string, keyof Certificates & ('expired' | 'elsewhere' | 'server'), boolean, RegExp]>(
      [
        ['has expired', 'expired', true, /expired/i],
        ['is of another host', 'elsewhere', true, /127\.0\.0\.1|host/i],
        ['is of an unknown authority', 'server', false, /trust|unknown|authority/i],
      ],
    )('with a certificate that %s', async (_, which, isKnown, message) => {
      const receiver = await serve(made[which]);
      const endpoint = receiver.endpoint(protocol);
      const sender = new Sender({
        ...{ endpoint, protocol, timeoutMs: 2_000 },
        ...(isKnown ? { certificate: made.ca } : {}),
      });
      const error = await sender.record(SPANS).failed();
      expect(error.reason).toBe('tls');
      expect(error.message).toMatch(message);
      expect(error.message).toContain(new URL(endpoint).host);
      expect(sender.account.exported).toBe(0);
      await receiver.stop();
    });

    test('in the clear to a port of TLS', async () => {
      const receiver = await serve(made.server);
      const endpoint = receiver.endpoint(protocol).replace('https', 'http');
      const sender = new Sender({ endpoint, protocol, timeoutMs: 2_000 });
      const error = await sender.record(SPANS).failed();
      expect(error.message).toContain(new URL(endpoint).host);
      expect(sender.account.exported).toBe(0);
      await receiver.stop();
    });
  });
});

describeNativeWith('otlp_receiver', 'over Unix sockets', () => {
  test.each(PROTOCOLS)('%s', async (protocol) => {
    const path = join(temporaryDirectory(), 'otlp.sock');
    const receiver = await OtlpReceiver.start({
      brief: true,
      ...(protocol === 'grpc' ? { grpcSocket: path } : { httpSocket: path }),
    });
    const sender = new Sender({ endpoint: `unix:${path}`, protocol, compression: 'gzip' });
    expect(await sender.record(SPANS).settled(SPANS)).toEqual(ALL);
    expect(await receiver.received('traces')).toMatchObject([{ protocol, items: SPANS }]);
    await receiver.stop();
  });
});

describeNativeWith('otlp_receiver', 'ports that speak something else', () => {
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start({ brief: true });
  });

  test.each<[string, RequestListener]>([
    ['of pages', (_, response) => response.end('<html></html>')],
    ['of OTLP over HTTP', (_, response) => response.writeHead(400).end()],
  ])('gRPC to a port %s', async (_, listener) => {
    const { url } = await serve(listener);
    const sender = new Sender({ endpoint: url, protocol: 'grpc', timeoutMs: 2_000 });
    const error = await sender.record(SPANS).failed();
    expect(error).toMatchObject({ reason: 'protocol' });
    expect(error.message).toMatch(/an HTTP\/1.1 server answers at .*, where gRPC was expected/);
    expect(error.message).toContain(url);
  });

  test.each(['http/protobuf', 'http/json'] as const)('%s to a port of gRPC', async (protocol) => {
    const sender = new Sender({ endpoint: receiver.endpoint('grpc'), protocol, timeoutMs: 2_000 });
    const error = await sender.record(SPANS).failed();
    expect(error).toMatchObject({ reason: 'protocol' });
    expect(error.message).toContain('most likely gRPC: set the protocol to grpc');
  });
});
