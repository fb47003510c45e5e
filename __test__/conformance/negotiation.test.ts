/** Which format, escaping and coding a scraper gets for what it says it takes. */
import { gunzipSync } from 'node:zlib';
import { Fixture } from '../support/fixture';
import { PROMETHEUS_ACCEPT, request } from '../support/request';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

let url = '';

beforeAll(async () => {
  const service = Fixture.start('recording-service.cjs');
  url = (await service.next<{ url: string }>()).url;
});

describe('Accept', () => {
  test.each<[string, string | undefined, string]>([
    ['nothing', undefined, TEXT],
    ['what Prometheus 2.42 sends', PROMETHEUS_ACCEPT, OPENMETRICS],
    ['only text', 'text/plain', TEXT],
    ['only OpenMetrics', 'application/openmetrics-text', OPENMETRICS],
    ['anything', '*/*', TEXT],
    ['nothing that we have', 'image/png', TEXT],
    ['a preference for text', 'application/openmetrics-text;q=0.5,text/plain;q=0.9', TEXT],
    ['a refusal of OpenMetrics', 'application/openmetrics-text;q=0,text/plain;q=0.1', TEXT],
    [
      'a version that we do not have',
      'application/openmetrics-text;version=9.0.0,text/plain',
      TEXT,
    ],
    ['capitals and spaces', 'Application/OpenMetrics-Text ; version=1.0.0 ; Q=0.9', OPENMETRICS],
    ['a q that is no number', 'application/openmetrics-text;q=x,text/plain;q=0.5', TEXT],
    ['an empty header', '', TEXT],
  ])('%s', async (_, accept, expected) => {
    const answer = await ask(accept === undefined ? {} : { accept });
    expect(answer.headers['content-type']).toBe(expected);
  });

  test.each([
    [
      `${PROMETHEUS_ACCEPT.replace('version=1.0.0', 'version=1.0.0;escaping=allow-utf-8')}`,
      /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8; escaping=(underscores|allow-utf-8)$/,
    ],
    [
      'text/plain;version=0.0.4;escaping=underscores',
      /^text\/plain; version=0\.0\.4; charset=utf-8; escaping=underscores$/,
    ],
    ['text/plain;version=0.0.4;escaping=nonsense', /^text\/plain; version=0\.0\.4; charset=utf-8$/],
  ])('escaping is echoed only when it was asked for: %s', async (accept, expected) => {
    expect((await ask({ accept })).headers['content-type']).toMatch(expected);
  });

  test.each([';;;', 'text/plain;q', 'text/plain;q=9', ',,,', 'text/plain;"', '='.repeat(500)])(
    'nonsense is no error: %s',
    async (accept) => {
      const answer = await ask({ accept });
      expect(answer.headers['content-type']).toBe(TEXT);
    },
  );
});

describe('Accept-Encoding', () => {
  test.each<[string | undefined, boolean]>([
    [undefined, false],
    ['gzip', true],
    ['GZIP', true],
    ['gzip, deflate, br', true],
    ['*', true],
    ['identity', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['identity;q=1, gzip;q=0.5', false],
    ['br', false],
    ['gzip;q=0.001, identity;q=0', true],
  ])('%s', async (encoding, compressed) => {
    const answer = await ask(encoding === undefined ? {} : { 'accept-encoding': encoding });
    expect(answer.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    const text = compressed ? gunzipSync(answer.body).toString() : answer.text;
    expect(text).toContain('\norders_accepted_total 41\n');
    expect(answer.headers.vary ?? '').toMatch(/accept-encoding/i);
  });
});

async function ask(headers: Record<string, string>) {
  const answer = await request(new URL('/metrics', url), { headers });
  expect(answer.status).toBe(200);
  return answer;
}
