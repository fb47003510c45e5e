/** Every variable of exporting: what it does, what beats it, and what it ignores. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type OpenOptions } from 'nanometer';
import { temporaryDirectory } from '../support/surroundings';
import { type Environment, resolved, watchVariables } from '../support/variables';

const said = watchVariables();
const directory = temporaryDirectory();
const [pem, other] = ['some.pem', 'other.pem'].map((name) => {
  writeFileSync(join(directory, name), 'not looked at here');
  return join(directory, name);
}) as [string, string];

/** The exporter by OTLP of an environment. */
function otlp(environment: Environment, options: OpenOptions['otlp'] = {}) {
  const { exporters } = resolved(environment, { otlp: options });
  return exporters.find(({ kind }) => kind === 'otlp')!;
}

test('what the main thread has said of a variable is not said again by its workers', async () => {
  const [SAID_HERE, SAID_THERE] = ['OTEL_BSP_SCHEDULE_DELAY', 'OTEL_BSP_MAX_QUEUE_SIZE'];
  said(SAID_HERE, () => resolved({ [SAID_HERE]: 'x' }, { otlp: {} }));
  const script = `
    const { parentPort } = require('node:worker_threads');
    const warnings = [];
    process.on('warning', ({ message }) => warnings.push(message));
    const { open } = require(${JSON.stringify(join(__dirname, '../../dist'))});
    open({ service: 'told', stateDir: false, inspection: false, otlp: {} });
    setImmediate(() => parentPort.postMessage(warnings));`;
  const env = { ...process.env, [SAID_HERE]: 'x', [SAID_THERE]: 'x' };
  const worker = new Worker(script, { eval: true, env });
  const [messages] = (await once(worker, 'message')) as [string[]];
  await worker.terminate();
  expect(messages.filter((message) => message.startsWith(SAID_HERE))).toEqual([]);
  expect(messages.filter((message) => message.startsWith(SAID_THERE))).toHaveLength(1);
});

interface Case {
  /** How its variables end. */
  readonly suffix: string;
  /** The option. */
  readonly key: string;
  /** The text of a variable with what it comes to: of both signals, and of one. */
  readonly both: readonly [text: string, value: unknown];
  readonly own: readonly [text: string, value: unknown];
  /** What code gives, and what it comes to. */
  readonly code: unknown;
  readonly byDefault: unknown;
  /** Texts that are ignored. */
  readonly wrong: readonly string[];
}

const TRANSPORT: readonly Case[] = [
  {
    ...{ suffix: 'PROTOCOL', key: 'protocol', byDefault: 'http/protobuf', code: 'http/protobuf' },
    ...{ both: ['grpc', 'grpc'], own: ['HTTP/JSON', 'http/json'], wrong: ['http', 'grpcs'] },
  },
  {
    ...{ suffix: 'HEADERS', key: 'headers', byDefault: {}, code: { c: 'code' } },
    both: ['api-key=a%20b , Other=,', { 'api-key': 'a b', other: '' }],
    own: ['x=1,y=a=b', { x: '1', y: 'a=b' }],
    wrong: ['x', 'x=%zz', '=x', 'a b=c', 'host=x', 'x=%0a'],
  },
  {
    ...{ suffix: 'COMPRESSION', key: 'compression', byDefault: 'none', code: 'none' },
    ...{ both: ['gzip', 'gzip'], own: ['NONE', 'none'], wrong: ['zstd', 'true'] },
  },
  {
    ...{ suffix: 'TIMEOUT', key: 'timeoutMs', byDefault: 10_000, code: 7 },
    both: ['2000', 2_000],
    own: ['0', 0],
    wrong: ['-1', '1.5', '10s', '1e3', '2147483648', 'Infinity'],
  },
  {
    ...{ suffix: 'CERTIFICATE', key: 'certificate', byDefault: null, code: pem },
    ...{ both: [pem, pem], own: [other, other], wrong: ['/no/such.pem', '/'] },
  },
  {
    ...{ suffix: 'INSECURE', key: 'insecure', byDefault: false, code: false },
    ...{ both: ['True', true], own: ['false', false], wrong: ['1', 'yes'] },
  },
];

describe.each(['metrics', 'traces'] as const)('OTLP for %s', (signal) => {
  const prefix = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_`;
  const destination = (environment: Environment, options: OpenOptions['otlp'] = {}) =>
    otlp(environment, options)[signal]!.destination as unknown as Record<string, unknown>;

  describe.each(TRANSPORT.map((one) => [one.suffix, one] as const))('%s', (suffix, one) => {
    const [OF_BOTH, OWN] = [`OTEL_EXPORTER_OTLP_${suffix}`, prefix + suffix];
    const value = (environment: Environment, options?: object) =>
      destination(environment, options)[one.key];

    test('that of the signal beats that of both, and code either', () => {
      expect(value({})).toEqual(one.byDefault);
      expect(value({ [OF_BOTH]: one.both[0] })).toEqual(one.both[1]);
      expect(value({ [OWN]: one.own[0] })).toEqual(one.own[1]);
      const environment = { [OF_BOTH]: one.both[0], [OWN]: one.own[0] };
      expect(value(environment)).toEqual(one.own[1]);
      expect(value(environment, { [one.key]: one.code })).toEqual(one.code);
      expect(value(environment, { [signal]: { [one.key]: one.code } })).toEqual(one.code);
    });

    test('that of the other signal says nothing, nor does an empty one', () => {
      const another = signal === 'metrics' ? 'TRACES' : 'METRICS';
      expect(value({ [`OTEL_EXPORTER_OTLP_${another}_${suffix}`]: one.own[0] })).toEqual(
        one.byDefault,
      );
      expect(value({ [OWN]: '', [OF_BOTH]: '  ' })).toEqual(one.byDefault);
      expect(value({ [OWN]: '', [OF_BOTH]: one.both[0] })).toEqual(one.both[1]);
    });

    test.each(one.wrong)('%j is reported and ignored', (text) => {
      const messages = said(OWN, () => {
        expect(value({ [OWN]: text })).toEqual(one.byDefault);
        expect(value({ [OWN]: text, [OF_BOTH]: one.both[0] })).toEqual(one.both[1]);
      });
      expect(messages).toHaveLength(1);
      expect(messages[0]).toContain(' is ignored: ');
      // Of headers even what is wrong may be a secret.
      if (suffix === 'HEADERS') expect(messages[0]).not.toContain(`"${text}"`);
      else expect(messages[0]).toContain(JSON.stringify(text));
    });
  });

  describe('ENDPOINT', () => {
    const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    const OWN = `${prefix}ENDPOINT`;
    const endpoint = (environment: Environment, options?: object) =>
      destination(environment, options).endpoint;

    test('that of both is a base, that of the signal is taken as it is, and code beats either', () => {
      expect(endpoint({})).toBe(`http://localhost:4318/v1/${signal}`);
      expect(endpoint({ [BASE]: 'http://c:4318/in' })).toBe(`http://c:4318/in/v1/${signal}`);
      expect(endpoint({ [BASE]: 'http://c:4318/in', [OWN]: 'https://own' })).toBe('https://own/');
      const environment = { [BASE]: 'http://c:4318', [OWN]: 'http://own:4318' };
      expect(endpoint(environment, { endpoint: 'http://code' })).toBe(`http://code/v1/${signal}`);
      const own = { endpoint: 'http://code', [signal]: { endpoint: 'http://code/own' } };
      expect(endpoint(environment, own)).toBe('http://code/own');
    });

    test('gRPC has no path, another port, and takes host:port', () => {
      const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
      expect(endpoint(grpc)).toBe('http://localhost:4317');
      expect(endpoint({ ...grpc, [BASE]: 'http://c:4317' })).toBe('http://c:4317');
      expect(endpoint({ ...grpc, [BASE]: 'c:4317' })).toBe('https://c:4317');
      const insecure = { ...grpc, [BASE]: 'c:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' };
      expect(endpoint(insecure)).toBe('http://c:4317');
      expect(endpoint({ ...insecure, [BASE]: 'https://c:4317' })).toBe('https://c:4317');
    });

    test.each(['c:4318', 'ftp://c', 'http://', 'unix:', 'unix://host/x'])(
      '%j is reported and ignored',
      (text) => {
        const messages = said(OWN, () => {
          expect(endpoint({ [OWN]: text, [BASE]: 'http://c' })).toBe(`http://c/v1/${signal}`);
        });
        expect(messages).toHaveLength(1);
        expect(messages[0]).toContain(JSON.stringify(text));
      },
    );

    test('a name and a password are no part of it, and are not shown', () => {
      const messages = said(OWN, () => {
        const environment = { [OWN]: `http://me:secret@${signal}/in?key=secret` };
        expect(endpoint(environment)).toBe(`http://localhost:4318/v1/${signal}`);
      });
      expect(messages).toEqual([expect.stringContaining(`http://${signal}/in`)]);
      expect(messages[0]).not.toContain('secret');
    });
  });

  describe('CLIENT_KEY and CLIENT_CERTIFICATE', () => {
    const of = (environment: Environment, options?: object) => {
      const { clientKey, clientCertificate } = destination(environment, options);
      return [clientKey, clientCertificate];
    };
    const ofBoth = {
      OTEL_EXPORTER_OTLP_CLIENT_KEY: pem,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pem,
    };

    test('each by its own precedence', () => {
      expect(of({})).toEqual([null, null]);
      expect(of(ofBoth)).toEqual([pem, pem]);
      expect(of({ ...ofBoth, [`${prefix}CLIENT_KEY`]: other })).toEqual([other, pem]);
      expect(of({ ...ofBoth, [`${prefix}CLIENT_CERTIFICATE`]: other })).toEqual([pem, other]);
      expect(of(ofBoth, { clientKey: other })).toEqual([other, pem]);
    });

    test('one alone is reported and ignored, and so is one that cannot be read', () => {
      const alone = said(`${prefix}CLIENT_KEY`, () => {
        expect(of({ [`${prefix}CLIENT_KEY`]: pem })).toEqual([null, null]);
      });
      expect(alone).toEqual([expect.stringMatching(/needs a CLIENT_CERTIFICATE beside it/)]);
      const unread = said(`${prefix}CLIENT_CERTIFICATE`, () => {
        expect(of({ ...ofBoth, [`${prefix}CLIENT_CERTIFICATE`]: '/no.pem' })).toEqual([pem, pem]);
      });
      expect(unread).toHaveLength(1);
    });
  });
});

describe('variables of one signal', () => {
  const TEMPORALITY = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';

  test.each([
    ['cumulative', 'cumulative'],
    ['Delta', 'delta'],
    ['LOWMEMORY', 'lowmemory'],
  ])(`${TEMPORALITY}=%s`, (text, value) => {
    expect(otlp({ [TEMPORALITY]: text }).metrics?.temporality).toBe(value);
    const inCode = { temporality: 'cumulative' } as const;
    expect(otlp({ [TEMPORALITY]: text }, inCode).metrics?.temporality).toBe('cumulative');
  });

  test.each<[string, string, (exporter: ReturnType<typeof otlp>) => unknown, OpenOptions['otlp'], number]>([
    ['OTEL_METRIC_EXPORT_INTERVAL', '100', ({ metrics }) => metrics?.intervalMs, { intervalMs: 7 }, 15_000],
    ['OTEL_BSP_SCHEDULE_DELAY', '100', ({ traces }) => traces?.delayMs, { delayMs: 7 }, 5_000],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '100', ({ traces }) => traces?.maxBatch, { maxBatch: 7 }, 512],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '1000', ({ queue }) => queue.maxSpans, { queue: { maxSpans: 700 } }, 20_480],
  ])('%s is beaten by code, and ignored where it is wrong', (variable, text, value, inCode, byDefault) => {
    expect(value(otlp({}))).toBe(byDefault);
    expect(value(otlp({ [variable]: text }))).toBe(Number(text));
    expect(value(otlp({ [variable]: text }, inCode))).toBe(value(otlp({}, inCode)));
    for (const wrong of ['-5', 'soon', '1.5', '99999999999']) {
      const messages = said(variable, () => {
        expect(value(otlp({ [variable]: wrong }))).toBe(byDefault);
      });
      expect(messages).toEqual([expect.stringContaining(`=${JSON.stringify(wrong)} is ignored`)]);
    }
  }); // prettier-ignore

  test('a delay and an interval of 0 are as short as can be; a queue of 0 is none', () => {
    expect(otlp({ OTEL_BSP_SCHEDULE_DELAY: '0' }).traces?.delayMs).toBe(1);
    expect(otlp({ OTEL_METRIC_EXPORT_INTERVAL: '0' }).metrics?.intervalMs).toBe(1);
    const messages = said('OTEL_BSP_MAX_QUEUE_SIZE', () => {
      expect(otlp({ OTEL_BSP_MAX_QUEUE_SIZE: '0' }).queue.maxSpans).toBe(20_480);
    });
    expect(messages).toHaveLength(1);
  });

  test('a batch that is larger than its queue is reported and ignored', () => {
    const environment = { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '101' };
    const messages = said('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', () => {
      expect(otlp(environment).traces?.maxBatch).toBe(100);
    });
    expect(messages).toEqual([expect.stringContaining('a queue takes 100 spans')]);
  });

  test.each([
    ['metrics', 'OTEL_METRIC_EXPORT_TIMEOUT'],
    ['traces', 'OTEL_BSP_EXPORT_TIMEOUT'],
  ] as const)('a request for %s takes no longer than %s', (signal, variable) => {
    const timeout = (environment: Environment, options?: object) =>
      (otlp(environment, options)[signal]?.destination as { timeoutMs: number }).timeoutMs;
    const ofRequest = 'OTEL_EXPORTER_OTLP_TIMEOUT';
    expect(timeout({ [variable]: '5000' })).toBe(5_000);
    expect(timeout({ [variable]: '30000' })).toBe(10_000);
    expect(timeout({ [variable]: '0' })).toBe(10_000);
    expect(timeout({ [variable]: '30000', [ofRequest]: '0' })).toBe(30_000);
    expect(timeout({ [variable]: '0', [ofRequest]: '0' })).toBe(0);
    expect(timeout({ [variable]: '5000' }, { timeoutMs: 6_000 })).toBe(6_000);
    expect(said(variable, () => timeout({ [variable]: 'x' }))).toHaveLength(1);
  });
});

describe('what is switched on', () => {
  const signals = (environment: Environment, options: OpenOptions = {}) => {
    const { exporters } = resolved(environment, options);
    const shown = exporters.map(({ name, metrics, traces }) =>
      [name, metrics && 'metrics', traces && 'traces'].filter(Boolean).join(' '),
    );
    return shown.join(', ');
  };
  const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const METRICS = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';

  test.each<[Environment, OpenOptions, string]>([
    [{}, {}, ''],
    [{ [ENDPOINT]: '' }, {}, ''],
    [{ [ENDPOINT]: 'http://c' }, {}, 'otlp metrics traces'],
    [{ [METRICS]: 'http://c' }, {}, 'otlp metrics'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c' }, {}, 'otlp traces'],
    [{ [ENDPOINT]: 'http://c' }, { otlp: false }, ''],
    [{ [METRICS]: 'http://c' }, { otlp: {} }, 'otlp metrics traces'],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, {}, 'otlp metrics'],
    [{ OTEL_TRACES_EXPORTER: 'OTLP' }, {}, 'otlp traces'],
    [{ [ENDPOINT]: 'http://c', OTEL_METRICS_EXPORTER: 'none' }, {}, 'otlp traces'],
    [{ [ENDPOINT]: 'http://c', OTEL_METRICS_EXPORTER: 'prometheus' }, {}, 'otlp traces'],
    [{ [ENDPOINT]: 'http://c', OTEL_METRICS_EXPORTER: 'prometheus, otlp' }, {}, 'otlp metrics traces'],
    [{ OTEL_TRACES_EXPORTER: 'none' }, { otlp: {} }, 'otlp metrics'],
    [{ OTEL_TRACES_EXPORTER: 'none' }, { otlp: { traces: {} } }, 'otlp metrics traces'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { otlp: { traces: false } }, 'otlp metrics'],
    [{ OTEL_METRICS_EXPORTER: 'console' }, {}, 'stdout metrics'],
    [{ OTEL_METRICS_EXPORTER: 'otlp/stdout', OTEL_TRACES_EXPORTER: 'console' }, {}, 'stdout metrics traces'],
    [{ OTEL_METRICS_EXPORTER: 'console,otlp' }, {}, 'otlp metrics, stdout metrics'],
    [{ OTEL_METRICS_EXPORTER: 'console' }, { exporters: ['stdout'] }, 'stdout metrics traces'],
    [{ OTEL_METRICS_EXPORTER: 'console' }, { otlp: false }, 'stdout metrics'],
  ])('%j with %j exports %j', (environment, options, expected) => {
    expect(signals(environment, options)).toBe(expected);
  }); // prettier-ignore

  test.each([
    ['OTEL_METRICS_EXPORTER', 'statsd'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_EXPORTER', 'prometheus'],
    ['OTEL_TRACES_EXPORTER', 'none,otlp'],
  ])('%s=%s is reported and ignored', (variable, text) => {
    const messages = said(variable, () => {
      expect(signals({ [ENDPOINT]: 'http://c', [variable]: text })).toBe('otlp metrics traces');
    });
    expect(messages).toHaveLength(1);
  });

  test('of a list only what is wrong is ignored', () => {
    const messages = said('OTEL_TRACES_EXPORTER', () => {
      expect(signals({ OTEL_TRACES_EXPORTER: 'jaeger,console' })).toBe('stdout traces');
    });
    expect(messages).toEqual([expect.stringContaining('"jaeger"')]);
  });
});
