/** TLS, certificates of clients, and Unix sockets, to a receiver of somebody else's make. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describeNativeWith } from '../conformance/judges';
import { makeCertificates, type Certificates } from '../support/certificates';
import { serve } from '../support/http';
import { OtlpReceiver, PROTOCOLS, type ReceiverOptions } from '../support/otlp-receiver';
import { Sender } from '../support/sender';
import { temporaryDirectory } from '../support/surroundings';

type Which = Exclude<keyof Certificates, 'ca' | 'client'>;

const SPANS = 3;
const ALL = { exported: SPANS, queued: 0, dropped: {} };

describeNativeWith(['openssl', 'otlp_receiver'], 'over TLS', () => {
  let made: Certificates;
  const receivers = new Map<string, OtlpReceiver>();

  beforeAll(() => {
    made = makeCertificates();
  });

  /** One with that certificate, which forgets what it was sent before. */
  async function serve(which: Which, more: ReceiverOptions = {}): Promise<OtlpReceiver> {
    const key = JSON.stringify([which, more]);
    const options = { ...made[which], brief: true, ...more };
    const receiver = receivers.get(key) ?? (await OtlpReceiver.start(options));
    receivers.set(key, receiver);
    await receiver.forget();
    return receiver;
  }

  test.each(PROTOCOLS)('%s is taken by a receiver that is trusted', async (protocol) => {
    const receiver = await serve('server');
    const endpoint = receiver.endpoint(protocol);
    const sender = new Sender({ endpoint, protocol, certificate: made.ca });
    expect(await sender.record(SPANS).settled(SPANS)).toEqual(ALL);
    expect(await receiver.taken('traces')).toBe(SPANS);
  });

  test.each(PROTOCOLS)('%s is taken by one that vouches for itself', async (protocol) => {
    const receiver = await serve('selfSigned');
    const endpoint = receiver.endpoint(protocol);
    const { certificate } = made.selfSigned;
    const sender = new Sender({ endpoint, protocol, certificate });
    expect(await sender.record(SPANS).settled(SPANS)).toEqual(ALL);
    expect(await receiver.taken('traces')).toBe(SPANS);
  });

  test.each(PROTOCOLS)('%s shows who we are', async (protocol) => {
    const receiver = await serve('server', { clientCa: made.ca });
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
  });

  describe.each(['grpc', 'http/protobuf'] as const)('%s says what is wrong', (protocol) => {
    test.each<[string, Which, 'its authority' | 'itself' | 'nobody', RegExp]>([
      ['has expired', 'expired', 'its authority', /expired/i],
      ['is of another host', 'elsewhere', 'its authority', /another host/i],
      ['is of an unknown authority', 'server', 'nobody', /nobody who is trusted vouches/i],
      ['is signed by itself', 'selfSigned', 'nobody', /self-signed.*OTLP_CERTIFICATE/],
      ["is an authority's", 'authority', 'nobody', /CA:TRUE.*made with CA:FALSE/],
      ["is an authority's, and trusted", 'authority', 'itself', /CA:TRUE.*made with CA:FALSE/],
    ])('with a certificate that %s', async (_, which, trusted, message) => {
      const endpoint = (await serve(which)).endpoint(protocol);
      const own = trusted === 'itself' ? made[which].certificate : made.ca;
      const trust = trusted === 'nobody' ? {} : { certificate: own };
      const sender = new Sender({ endpoint, protocol, timeoutMs: 2_000, ...trust });
      const error = await sender.record(SPANS).failed();
      expect(error.reason).toBe('tls');
      expect(error.message).toMatch(message);
      expect(error.message).toContain(new URL(endpoint).host);
      expect(sender.account.exported).toBe(0);
    });

    test('in the clear to a port of TLS', async () => {
      const endpoint = (await serve('server')).endpoint(protocol).replace('https', 'http');
      const sender = new Sender({ endpoint, protocol, timeoutMs: 2_000 });
      const error = await sender.record(SPANS).failed();
      expect(error.message).toContain(new URL(endpoint).host);
      expect(sender.account.exported).toBe(0);
    });
  });
});

describeNativeWith('otlp_receiver', 'over Unix sockets', () => {
  const directory = temporaryDirectory();
  const [httpSocket, grpcSocket] = [join(directory, 'http.sock'), join(directory, 'grpc.sock')];
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start({ brief: true, httpSocket, grpcSocket });
  });

  test.each(PROTOCOLS)('%s', async (protocol) => {
    await receiver.forget();
    const endpoint = `unix:${protocol === 'grpc' ? grpcSocket : httpSocket}`;
    const sender = new Sender({ endpoint, protocol, compression: 'gzip' });
    expect(await sender.record(SPANS).settled(SPANS)).toEqual(ALL);
    const [received, ...more] = await receiver.received('traces');
    expect([received, more]).toMatchObject([{ protocol, items: SPANS }, []]);
    // What grpcio takes off is not told.
    const encoding = protocol === 'grpc' ? undefined : 'gzip';
    expect(received!.headers['content-encoding']).toBe(encoding);
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
