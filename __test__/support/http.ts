/** HTTP for tests: servers that live as long as a test file, and traces printed as trees. */
import { createServer, request as nodeRequest, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Meter, OpenOptions, SpanData } from 'nanometer';
import { quietMeter } from './meter';
import { until } from './surroundings';

const running: Server[] = [];
const meters: Meter[] = [];

afterEach(async () => {
  for (const meter of meters.splice(0)) await meter.close();
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A meter of its own service, closed after the test: two would both observe what the test asks. */
export function httpMeter(options: OpenOptions = { tracing: { sampleRate: 1 } }): Meter {
  const meter = quietMeter(options);
  meters.push(meter);
  return meter;
}

/** A server of the test's, which listens. */
export interface TestServer {
  readonly server: Server;
  readonly url: string;
  readonly port: number;
}

/** Starts one; it is closed after the test. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener);
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, port };
}

/** Asks by `node:http`, with headers as they are, and reads the answer to its end. */
export function ask(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { agent: false, ...options }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}

/** The ids of a caller that the test makes up. */
export interface Caller {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceparent: string;
}

/** A caller; sampled, so that its traces are promoted. */
export function caller(flags = '01'): Caller {
  const hex = (length: number) =>
    Array.from({ length }, () => '123456789abcdef'[Math.floor(Math.random() * 15)]).join('');
  const [traceId, spanId] = [hex(32), hex(16)];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

/** The spans of a trace, once there are so many. */
export async function spansOf(
  meter: Pick<Meter, 'trace'>,
  traceId: string,
  count: number,
): Promise<readonly SpanData[]> {
  let spans: readonly SpanData[] = [];
  await until(`${count} spans of ${traceId} are there`, () => {
    spans = meter.trace(traceId)?.spans ?? [];
    return spans.length >= count;
  });
  return spans;
}

/** A trace as a tree, a span a line: `  GET /orders (server, error)`, children in order of names. */
export function treeOf(spans: readonly SpanData[], root: string | null): string[] {
  const lines = (parent: string | null, depth: number): string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1))
      .flatMap(({ name, kind, status, spanId }) => [
        `${'  '.repeat(depth)}${name} (${kind}${status === 'unset' ? '' : `, ${status}`})`,
        ...lines(spanId, depth + 1),
      ]);
  return lines(root, 0);
}
