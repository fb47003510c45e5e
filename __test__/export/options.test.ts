/** What open() takes of exporting, and what it makes of it. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type OpenOptions } from 'nanometer';
import { resolveOptions } from '../../dist/open/options';
import { quietMeter, thrown, watchWarnings } from '../support/meter';
import { temporaryDirectory } from '../support/surroundings';

const warnings = watchWarnings();
const opening = (options: unknown) => thrown(() => open(options as never));
const pem = join(temporaryDirectory(), 'some.pem');
writeFileSync(pem, 'not looked at here');

/** What options come to, in an empty environment. */
function resolved(options: OpenOptions, environment: Record<string, string> = {}) {
  const { resolved, local } = resolveOptions({ stateDir: false, ...options }, environment);
  return { exporters: resolved.exporters, ...local };
}

/** The exporter by OTLP that options come to. */
function otlp(options: OpenOptions['otlp'], environment: Record<string, string> = {}) {
  const { exporters } = resolved(options === undefined ? {} : { otlp: options }, environment);
  return exporters.find(({ kind }) => kind === 'otlp');
}

const nothing = () => undefined;

test.each<[string, unknown, RegExp]>([
  ['otlp that is true', { otlp: true }, /options of otlp are an object, not true/],
  ['otlp that is null', { otlp: null }, /options of otlp are an object, not null/],
  ['an unknown key of otlp', { otlp: { url: 'x' } }, /otlp has no option "url"; accepted are endpoint, protocol/],
  ['an unknown key of its metrics', { otlp: { metrics: { delayMs: 1 } } }, /otlp\.metrics has no option "delayMs"/],
  ['an unknown key of its traces', { otlp: { traces: { intervalMs: 1 } } }, /otlp\.traces has no option "intervalMs"/],
  ['an endpoint without a scheme', { otlp: { endpoint: 'localhost:4318' } }, /otlp\.endpoint is an http: or https: URL.*not "localhost:4318"/],
  ['an endpoint of another scheme', { otlp: { endpoint: 'ftp://x' } }, /not "ftp:\/\/x"/],
  ['an endpoint without a host', { otlp: { endpoint: 'http://' } }, /otlp\.endpoint/],
  ['an endpoint that is no text', { otlp: { endpoint: 4318 } }, /not 4318/],
  ['an endpoint of metrics that is wrong', { otlp: { metrics: { endpoint: '' } } }, /otlp\.metrics\.endpoint .*not ""/],
  ['a socket without a path', { otlp: { endpoint: 'unix:' } }, /otlp\.endpoint/],
  ['a socket of another host', { otlp: { endpoint: 'unix://host/path' } }, /otlp\.endpoint/],
  ['a socket whose path is too long', { otlp: { endpoint: `unix:/${'x'.repeat(107)}` } }, /otlp\.endpoint/],
  ['a protocol that is none', { otlp: { protocol: 'http' } }, /otlp\.protocol is "http\/protobuf" or "grpc" or "http\/json", not "http"/],
  ['headers that are a text', { otlp: { headers: 'a=b' } }, /otlp\.headers is an object of strings/],
  ['a header with a line break', { otlp: { headers: { a: 'b\r\nc: d' } } }, /otlp\.headers/],
  ['a header that is no text', { otlp: { headers: { a: 1 } } }, /otlp\.headers/],
  ['a header with a wrong name', { otlp: { headers: { 'a b': 'c' } } }, /otlp\.headers/],
  ['a header that is not ours to set', { otlp: { headers: { 'Content-Length': '1' } } }, /none that says how a request itself is made/],
  ['a compression that is none', { otlp: { compression: 'zstd' } }, /"gzip" or "none", not "zstd"/],
  ['a timeout below 0', { otlp: { timeoutMs: -1 } }, /otlp\.timeoutMs is a whole number from 0 to 2147483647, not -1/],
  ['half a millisecond', { otlp: { metrics: { timeoutMs: 0.5 } } }, /otlp\.metrics\.timeoutMs .*not 0\.5/],
  ['an interval of 0', { otlp: { intervalMs: 0 } }, /otlp\.intervalMs is a whole number from 1/],
  ['an interval that is a text', { otlp: { intervalMs: '1' } }, /not "1"/],
  ['a temporality that is none', { otlp: { temporality: 'Delta' } }, /"cumulative" or "delta" or "lowmemory", not "Delta"/],
  ['a delay of 0', { otlp: { traces: { delayMs: 0 } } }, /otlp\.traces\.delayMs/],
  ['a batch larger than the queue', { otlp: { maxBatch: 11, queue: { maxSpans: 10 } } }, /otlp\.maxBatch is a whole number from 1 to 10, not 11/],
  ['a certificate that is not there', { otlp: { certificate: '/no/such.pem' } }, /otlp\.certificate is the path of a file that can be read, not "\/no\/such\.pem"/],
  ['a certificate that is a directory', { otlp: { certificate: '/' } }, /otlp\.certificate/],
  ['a key without a certificate', { otlp: { clientKey: pem } }, /otlp\.clientKey is given without otlp\.clientCertificate/],
  ['a certificate without a key', { otlp: { traces: { clientCertificate: pem } } }, /otlp\.clientCertificate is given without otlp\.clientKey/],
  ['insecure that is a text', { otlp: { insecure: 'true' } }, /otlp\.insecure is true or false, not "true"/],
  ['a queue that is a number', { otlp: { queue: 5 } }, /otlp\.queue/],
  ['a queue of 1 KiB', { otlp: { queue: { maxBytes: 1_024 } } }, /otlp\.queue\.maxBytes .*65536/],
  ['a queue without spans', { otlp: { queue: { maxSpans: 0 } } }, /otlp\.queue\.maxSpans/],
  ['a wrong option of both beside a right one of a signal', { otlp: { protocol: 'x', metrics: { protocol: 'grpc' }, traces: { protocol: 'grpc' } } }, /otlp\.protocol/],
  ['exporters that are no list', { exporters: 'stdout' }, /exporters is a list, not "stdout"/],
  ['an exporter that is unknown', { exporters: ['console'] }, /exporters\[0\] .*not "console"/],
  ['an exporter that is null', { exporters: ['stdout', null] }, /exporters\[1\] .*not null/],
  ['an exporter of an unknown type', { exporters: [{ type: 'zipkin' }] }, /exporters\[0\]\.type is "stdout" or "file", not "zipkin"/],
  ['a file without a path', { exporters: [{ type: 'file' }] }, /exporters\[0\]\.path is the path of a file, not null/],
  ['a file with an unknown option', { exporters: [{ type: 'file', path: 'x', size: 1 }] }, /has no option "size"/],
  ['a path on standard output', { exporters: [{ type: 'stdout', path: 'x' }] }, /has no option "path"/],
  ['a file of a byte', { exporters: [{ type: 'file', path: 'x', maxBytes: 1 }] }, /exporters\[0\]\.maxBytes is a whole number from 4096/],
  ['no files at all', { exporters: [{ type: 'file', path: 'x', maxFiles: 0 }] }, /exporters\[0\]\.maxFiles/],
  ['two exporters of a name', { exporters: ['stdout', { type: 'file', path: 'x', name: 'stdout' }] }, /two exporters are called "stdout"/],
  ['the name of OTLP', { otlp: {}, exporters: [{ name: 'otlp', export: nothing }] }, /two exporters are called "otlp"/],
  ['an exporter without a function', { exporters: [{ name: 'mine' }] }, /exporters\[0\]\.export is a function/],
  ['an exporter without a name', { exporters: [{ export: nothing }] }, /exporters\[0\]\.name is 1 to 100/],
  ['a name with a blank', { exporters: [{ name: 'a b', export: nothing }] }, /not "a b"/],
  ['an exporter with an unknown option', { exporters: [{ name: 'a', export: nothing, interval: 1 }] }, /has no option "interval"/],
  ['an interval of an exporter that is wrong', { exporters: [{ name: 'a', export: nothing, intervalMs: 0 }] }, /exporters\[0\]\.intervalMs/],
  ['flush that is a number', { flush: 100 }, /options of flush are an object, not 100/],
  ['a flush of an hour', { flush: { timeoutMs: 3_600_000 } }, /flush\.timeoutMs .*600000/],
  ['signals that are a text', { flush: { onSignals: 'SIGTERM' } }, /flush\.onSignals is true, false or a list/],
  ['a signal that is none', { flush: { onSignals: ['SIGFOO'] } }, /not "SIGFOO"/],
  ['a signal that nobody hears', { flush: { onSignals: ['SIGKILL'] } }, /not "SIGKILL"/],
  ['propagators that are a text', { propagators: 'b3' }, /propagators is a list/],
  ['a propagator that is unknown', { propagators: ['b3'] }, /"tracecontext" and "baggage", not "b3"/],
  ['limits that are a number', { tracing: { limits: 5 } }, /tracing\.limits are an object/],
  ['more attributes than fit', { tracing: { limits: { attributes: 129 } } }, /tracing\.limits\.attributes is a whole number from 0 to 128/],
  ['an unknown limit', { tracing: { limits: { links: 1 } } }, /tracing\.limits has no option "links"/],
])('%s is refused', (_, options, message) => {
  const refused = opening(options);
  expect(refused.code).toBe('NANOMETER_INVALID_OPTION');
  expect(refused.message).toMatch(message);
}); // prettier-ignore

test('what may be a secret is not shown', () => {
  for (const options of [
    { endpoint: 'ftp://user:secret@host/path?key=secret' },
    { endpoint: 'http://user:secret@host/' },
    { protocol: 'grpc', endpoint: 'user:secret@host:4317' },
    { headers: { 'api key': 'secret' } },
    { headers: { authorization: 'secret\n' } },
  ]) {
    expect(opening({ otlp: options }).message).not.toContain('secret');
  }
});

test('nothing is exported where nobody says so', () => {
  const { exporters, exports } = resolved({});
  expect(exporters).toEqual([]);
  expect(exports).toMatchObject({ custom: [], flush: { timeoutMs: 2_000, signals: [] } });
});

test('an empty object pushes both signals to a receiver on this machine', () => {
  const destination = {
    protocol: 'http/protobuf',
    headers: {},
    compression: 'none',
    timeoutMs: 10_000,
    certificate: null,
    clientKey: null,
    clientCertificate: null,
    insecure: false,
  };
  expect(otlp({})).toEqual({
    name: 'otlp',
    kind: 'otlp',
    metrics: {
      destination: { ...destination, endpoint: 'http://localhost:4318/v1/metrics' },
      intervalMs: 15_000,
      temporality: 'cumulative',
    },
    traces: {
      destination: { ...destination, endpoint: 'http://localhost:4318/v1/traces' },
      delayMs: 5_000,
      maxBatch: 512,
    },
    queue: { maxBytes: 32 << 20, maxItems: 500_000, maxSpans: 20_480 },
  });
});

test.each<[string, NonNullable<OpenOptions['otlp']>, string, string]>([
  ['gRPC', { protocol: 'grpc' }, 'http://localhost:4317', 'http://localhost:4317'],
  ['a base', { endpoint: 'http://c:4318' }, 'http://c:4318/v1/metrics', 'http://c:4318/v1/traces'],
  ['a base with a path', { endpoint: 'https://c/otlp' }, 'https://c/otlp/v1/metrics', 'https://c/otlp/v1/traces'],
  ['a base with a path and a slash', { endpoint: 'https://c/otlp//' }, 'https://c/otlp/v1/metrics', 'https://c/otlp/v1/traces'],
  ['a base with a query', { endpoint: 'https://c/?key=1' }, 'https://c/v1/metrics?key=1', 'https://c/v1/traces?key=1'],
  ['a URL of one signal', { endpoint: 'http://c', metrics: { endpoint: 'http://m' } }, 'http://m/', 'http://c/v1/traces'],
  ['a URL of one signal with a path', { endpoint: 'http://c', traces: { endpoint: 'http://t/in/' } }, 'http://c/v1/metrics', 'http://t/in/'],
  ['a target of gRPC', { protocol: 'grpc', endpoint: 'c:4317' }, 'https://c:4317', 'https://c:4317'],
  ['a target of gRPC in the clear', { protocol: 'grpc', insecure: true, endpoint: 'c:4317' }, 'http://c:4317', 'http://c:4317'],
  ['a URL of gRPC, whose scheme counts', { protocol: 'grpc', insecure: true, endpoint: 'https://c:4317/x' }, 'https://c:4317', 'https://c:4317'],
  ['an IPv6 target of gRPC', { protocol: 'grpc', insecure: true, endpoint: '[::1]:4317' }, 'http://[::1]:4317', 'http://[::1]:4317'],
  ['protocols of each signal', { metrics: { protocol: 'grpc' }, traces: { protocol: 'http/json' } }, 'http://localhost:4317', 'http://localhost:4318/v1/traces'],
  ['a socket', { endpoint: 'unix:/run/otlp.sock' }, 'unix:/run/otlp.sock', 'unix:/run/otlp.sock'],
  ['a socket with slashes', { endpoint: 'unix:///run/otlp.sock' }, 'unix:/run/otlp.sock', 'unix:/run/otlp.sock'],
  ['a socket of gRPC', { protocol: 'grpc', endpoint: 'unix:///run/otlp.sock' }, 'unix:/run/otlp.sock', 'unix:/run/otlp.sock'],
  ['a socket by a relative path', { endpoint: 'unix:otlp.sock' }, `unix:${resolve('otlp.sock')}`, `unix:${resolve('otlp.sock')}`],
])('an endpoint is complete: %s', (_, options, metrics, traces) => {
  const exporter = otlp(options);
  expect(exporter?.metrics?.destination).toMatchObject({ endpoint: metrics });
  expect(exporter?.traces?.destination).toMatchObject({ endpoint: traces });
}); // prettier-ignore

test('what is said of one signal beats what is said of both', () => {
  const exporter = otlp({
    ...{ protocol: 'grpc', compression: 'gzip', timeoutMs: 1, headers: { A: '1', b: '2' } },
    ...{ intervalMs: 1, delayMs: 2, maxBatch: 3, temporality: 'delta', insecure: true },
    ...{ certificate: pem, clientKey: pem, clientCertificate: pem },
    metrics: { headers: { C: '3' }, timeoutMs: 0, intervalMs: 10, temporality: 'cumulative' },
    traces: { compression: 'none', delayMs: 20, maxBatch: 30, insecure: false },
  });
  expect(exporter?.metrics).toMatchObject({
    destination: { headers: { c: '3' }, timeoutMs: 0, compression: 'gzip', insecure: true },
    intervalMs: 10,
    temporality: 'cumulative',
  });
  expect(exporter?.traces).toMatchObject({
    destination: {
      headers: { a: '1', b: '2' },
      timeoutMs: 1,
      compression: 'none',
      insecure: false,
    },
    delayMs: 20,
    maxBatch: 30,
  });
  expect(exporter?.traces?.destination).toMatchObject({
    ...{ certificate: pem, clientKey: pem, clientCertificate: pem },
  });
});

test('a signal that is false is not pushed, and false for both is no exporter', () => {
  expect(otlp({ metrics: false })).toMatchObject({ metrics: null, traces: {} });
  expect(otlp({ traces: false })).toMatchObject({ metrics: {}, traces: null });
  expect(otlp({ metrics: false, traces: false })).toBeUndefined();
  expect(otlp(false)).toBeUndefined();
});

test('a batch is never larger than its queue', () => {
  const exporter = otlp({ queue: { maxSpans: 100 } });
  expect(exporter?.traces?.maxBatch).toBe(100);
});

test('standard output and files are exporters beside OTLP', () => {
  const { exporters } = resolved({
    otlp: {},
    exporters: [
      'stdout',
      { type: 'file', path: 'a.jsonl', metrics: false },
      {
        type: 'file',
        path: '/b.jsonl',
        name: 'second',
        maxBytes: 4_096,
        maxFiles: 1,
        traces: false,
      },
    ],
  });
  expect(exporters.map(({ name }) => name)).toEqual(['otlp', 'stdout', 'file', 'second']);
  const [, stdout, first, second] = exporters;
  expect(stdout).toMatchObject({
    kind: 'stdout',
    metrics: { destination: {}, intervalMs: 15_000, temporality: 'cumulative' },
    traces: { destination: {}, delayMs: 5_000, maxBatch: 512 },
  });
  const path = resolve('a.jsonl');
  expect(first).toMatchObject({
    metrics: null,
    traces: { destination: { path, maxBytes: 100 << 20, maxFiles: 5 } },
  });
  expect(second).toMatchObject({
    metrics: { destination: { path: '/b.jsonl', maxBytes: 4_096, maxFiles: 1 } },
    traces: null,
  });
});

test("a program's own exporter may be an object of any class", () => {
  class Mine {
    readonly name = 'mine';
    readonly more = 'of its own';
    readonly seen: unknown[] = [];
    export(batch: unknown): void {
      this.seen.push(batch);
    }
  }
  const mine = new Mine();
  const [exporter] = resolved({ exporters: [mine] }).exports.custom;
  exporter?.call('batch' as never);
  expect(mine.seen).toEqual(['batch']);
  expect(exporter).toMatchObject({
    name: 'mine',
    intervalMs: 15_000,
    metrics: true,
    maxSpans: 2_048,
  });
});

test('signals are those that are listed, or the two that end a service', () => {
  const signals = (onSignals: boolean | readonly NodeJS.Signals[]) =>
    resolved({ flush: { onSignals } }).exports.flush.signals;
  expect(signals(true)).toEqual(['SIGTERM', 'SIGINT']);
  expect(signals(false)).toEqual([]);
  expect(signals(['SIGHUP', 'SIGHUP'])).toEqual(['SIGHUP']);
});

test('a later open() with other options of exporting is warned of', () => {
  const { service } = quietMeter();
  quietMeter({ service, otlp: { endpoint: 'http://127.0.0.1:9' } });
  quietMeter({ service, exporters: ['stdout'] });
  quietMeter({ service, flush: { timeoutMs: 1 } });
  quietMeter({ service, propagators: [] });
  const ignored = warnings.filter(({ code }) => code === 'NANOMETER_OPTIONS_IGNORED');
  expect(ignored.map(({ message }) => /options: (\w+) of/.exec(message)?.[1])).toEqual([
    ...['otlp', 'exporters', 'flush', 'propagators'],
  ]);
  expect(quietMeter({ service, flush: { timeoutMs: 2_000 } }).service).toBe(service);
});
