/** HTTP for tests: one request, the whole answer. */
import * as http from 'node:http';

/** What is asked. */
export interface Ask {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
  /** Goes there instead of to the URL's host. */
  readonly socketPath?: string;
}

/** The whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

const TIMEOUT_MS = 20_000;

/** Asks over a connection of its own, and reads the answer to its end. */
export function request(url: string | URL, ask: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, socketPath } = ask;
    const options = {
      method,
      headers,
      agent: false,
      timeout: TIMEOUT_MS,
      ...(socketPath ? { socketPath } : {}),
    };
    const outgoing = http.request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: bytes,
          text: bytes.toString('utf8'),
        });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** `Accept` of a scraper that wants OpenMetrics, as Prometheus 2.42 sends it. */
export const PROMETHEUS_ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Scrapes in that format. */
export async function scrape(url: string, format: 'openmetrics' | 'text'): Promise<string> {
  const accept = format === 'openmetrics' ? PROMETHEUS_ACCEPT : 'text/plain;version=0.0.4';
  const answer = await request(new URL('/metrics', url), { headers: { accept } });
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${answer.text}`);
  return answer.text;
}
