/** Both backends write the same bytes for the same recordings, nanometer's own metrics apart. */
import type { SnapshotData } from 'nanometer';
import { Fixture } from '../support/fixture';
import { request, scrape } from '../support/request';
import { BACKEND } from '../support/surroundings';
import type { Format } from './foreign-parser';

const FORMATS: Format[] = ['openmetrics', 'text'];

// Needs a native binary, which the run over the JavaScript backend may do without.
const both = BACKEND === 'native' ? test : test.skip;

both.each(FORMATS)('in %s', async (format) => {
  const [native, javascript] = await ofBoth('recording-service.cjs', async (url) => {
    const exposition = await scrape(url, format);
    return exposition.split('\n').filter(isComparable).map(withoutInstance);
  });
  expect(native.length).toBeGreaterThan(100);
  expect(native).toEqual(javascript);
});

both.each(['recording-service.cjs', 'flow-metrics-service.cjs'])(
  'in the snapshot of %s',
  async (fixture) => {
    const [native, javascript] = await ofBoth(fixture, async (url) => {
      const { text } = await request(new URL('/snapshot', url));
      const { metrics } = JSON.parse(text) as SnapshotData;
      // Numbers are written as JavaScript writes them: as they read, so they are written again.
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
      return metrics
        .filter(({ name }) => !name.startsWith('nanometer.'))
        .map((metric) => JSON.stringify(metric));
    });
    expect(native.length).toBeGreaterThan(20);
    expect(native).toEqual(javascript);
  },
);

both.each(['/', '/flows', '/flows/a%2Fb%20%C3%A9', '/flows/idle', '/flows/none'])(
  'at %s',
  async (path) => {
    const [native, javascript] = await ofBoth('flow-metrics-service.cjs', async (url) => {
      const { status, headers, text } = await request(new URL(path, url));
      return { status, type: headers['content-type'], text };
    });
    expect(native.text).not.toBe('');
    expect(native).toEqual(javascript);
  },
);

both('in what is said of tracing', async () => {
  const none = '0'.repeat(31);
  const ask = (path: string, how = {}) => ({ path, how });
  const put = (body: string) => ask('/tracing', { method: 'PUT', body });
  const asked = [
    ...['/tracing', '/traces', '/traces?', '/traces?name=a%20b&minDurationMs=0.5&limit=1'],
    ...['/traces?x=1', '/traces?flow', '/traces?flow=', '/traces?flow=%ff', '/traces?flow=%'],
    ...['/traces?status=bad', '/traces?status=ok&status=ok', '/traces?minDurationMs=-1'],
    ...['/traces?minDurationMs=1e3', '/traces?limit=0', '/traces?limit=1001', '/traces?limit=a+b'],
    ...['/traces/1', `/traces/${none}0`, `/traces/${none}A`, `/traces/${none}1`, '/traces/a/b'],
    ...['/traces/', '/traces/%31'],
  ].map((path) => ask(path));
  const [native, javascript] = await ofBoth('flow-metrics-service.cjs', async (url) =>
    Promise.all(
      [...asked, put('{"sampleRate":1}'), ask('/traces', { method: 'PUT' })].map(
        async ({ path, how }) => {
          const { status, headers, text } = await request(new URL(path, url), how);
          const body = JSON.parse(text) as { error?: { code: string } };
          // Each says in its own words what is wrong.
          return { path, status, type: headers['content-type'], told: body.error?.code ?? text };
        },
      ),
    ),
  );
  expect(native.filter(({ status }) => status === 200)).toHaveLength(4);
  expect(native).toEqual(javascript);
});

/** What a fixture answers over the native backend, and over the other. */
async function ofBoth<T>(fixture: string, ask: (url: string) => Promise<T>): Promise<[T, T]> {
  const answerOf = async (backend: string): Promise<T> => {
    const service = Fixture.start(fixture, { env: { NANOMETER_BACKEND: backend } });
    const { url } = await service.next<{ url: string }>();
    const answer = await ask(url);
    await service.kill();
    return answer;
  };
  return Promise.all([answerOf('native'), answerOf('javascript')]);
}

/** What is of the process itself differs: its own metrics, and the target's instance and pid. */
function isComparable(line: string): boolean {
  return !/^(?:# (?:HELP|TYPE|UNIT) )?nanometer_/.test(line);
}

function withoutInstance(line: string): string {
  return line.startsWith('target_info')
    ? line.replace(/(service_instance_id|process_pid|process_creation_time)="[^"]*"/g, '$1="…"')
    : line;
}
