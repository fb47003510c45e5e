/** What open() takes, from its options and from the environment. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { open, type OpenOptions } from 'nanometer';
import { quietMeter, thrown, watchWarnings, withVariable } from './support/meter';
import { BACKEND, temporaryDirectory } from './support/surroundings';

const warnings = watchWarnings();
const opening = (options: unknown) => thrown(() => open(options as never));

test.each<[string, unknown, string, RegExp]>([
  ['options that are no object', 'x', 'NANOMETER_INVALID_OPTION', /an object, not "x"/],
  ['an unknown option', { servise: 'x' }, 'NANOMETER_INVALID_OPTION', /"servise"; accepted are service, level/],
  ['a service that is no string', { service: 1 }, 'NANOMETER_INVALID_OPTION', /service 1/],
  ['an empty service', { service: '' }, 'NANOMETER_INVALID_OPTION', /1 to 255/],
  ['a service with a line break', { service: 'a\nb' }, 'NANOMETER_INVALID_OPTION', /control/],
  ['a service of 256 characters', { service: 'x'.repeat(256) }, 'NANOMETER_INVALID_OPTION', /255/],
  ['a level that is none', { level: 'debug' }, 'NANOMETER_INVALID_LEVEL', /"debug".*"off", "production"/],
  ['a level in capitals', { level: 'OFF' }, 'NANOMETER_INVALID_LEVEL', /"OFF"/],
  ['a state directory that is true', { stateDir: true }, 'NANOMETER_INVALID_OPTION', /a path, or false/],
  ['an empty state directory', { stateDir: '' }, 'NANOMETER_INVALID_OPTION', /stateDir/],
  ['a state directory with a NUL', { stateDir: 'a\0b' }, 'NANOMETER_INVALID_OPTION', /stateDir/],
  ['inspection that is true', { inspection: true }, 'NANOMETER_INVALID_OPTION', /inspection/],
  ['an unknown key of inspection', { inspection: { prt: 1 } }, 'NANOMETER_INVALID_OPTION', /"prt"; accepted are host, port/],
  ['a port of 65536', { inspection: { port: 65_536 } }, 'NANOMETER_INVALID_OPTION', /0 to 65535, not 65536/],
  ['a port that is a string', { inspection: { port: '80' } }, 'NANOMETER_INVALID_OPTION', /"80"/],
  ['an empty host', { inspection: { host: '' } }, 'NANOMETER_INVALID_OPTION', /host/],
  ['a socket that is a path', { inspection: { socket: '/x' } }, 'NANOMETER_INVALID_OPTION', /socket is true or false/],
  ['a socket without a directory', { stateDir: false, inspection: { socket: true } }, 'NANOMETER_INVALID_OPTION', /stateDir is false/],
  ['an empty token', { inspection: { token: '' } }, 'NANOMETER_INVALID_OPTION', /token/],
  ['tracing that is true', { tracing: true }, 'NANOMETER_INVALID_OPTION', /tracing are an object, not true/],
  ['tracing that is null', { tracing: null }, 'NANOMETER_INVALID_OPTION', /tracing are an object, not null/],
  ['an unknown key of tracing', { tracing: { rate: 1 } }, 'NANOMETER_INVALID_OPTION', /"rate"; accepted are sampleRate, promoteErrors, promoteLatencyMs, maxPromotionsPerSecond, flightSpans, exemplars/],
  ['a sample rate above 1', { tracing: { sampleRate: 1.01 } }, 'NANOMETER_INVALID_OPTION', /tracing\.sampleRate .*0 to 1, not 1\.01/],
  ['a sample rate below 0', { tracing: { sampleRate: -1e-9 } }, 'NANOMETER_INVALID_OPTION', /0 to 1/],
  ['a sample rate that is NaN', { tracing: { sampleRate: NaN } }, 'NANOMETER_INVALID_OPTION', /not NaN/],
  ['a sample rate that is a string', { tracing: { sampleRate: '1' } }, 'NANOMETER_INVALID_OPTION', /not "1"/],
  ['a sample rate that is null', { tracing: { sampleRate: null } }, 'NANOMETER_INVALID_OPTION', /not null/],
  ['a promotion of errors that is 1', { tracing: { promoteErrors: 1 } }, 'NANOMETER_INVALID_OPTION', /promoteErrors is true or false, not 1/],
  ['a latency of 0', { tracing: { promoteLatencyMs: 0 } }, 'NANOMETER_INVALID_OPTION', /promoteLatencyMs .*above 0, or null/],
  ['a latency that is infinite', { tracing: { promoteLatencyMs: Infinity } }, 'NANOMETER_INVALID_OPTION', /not Infinity/],
  ['half a promotion a second', { tracing: { maxPromotionsPerSecond: 0.5 } }, 'NANOMETER_INVALID_OPTION', /maxPromotionsPerSecond .*whole number from 0, or null/],
  ['promotions that are negative', { tracing: { maxPromotionsPerSecond: -1 } }, 'NANOMETER_INVALID_OPTION', /not -1/],
  ['63 spans', { tracing: { flightSpans: 63 } }, 'NANOMETER_INVALID_OPTION', /flightSpans .*64 to 1048576, not 63/],
  ['spans past a million', { tracing: { flightSpans: 1_048_577 } }, 'NANOMETER_INVALID_OPTION', /64 to 1048576/],
  ['spans that are not limited', { tracing: { flightSpans: null } }, 'NANOMETER_INVALID_OPTION', /flightSpans/],
  ['exemplars that are 1', { tracing: { exemplars: 1 } }, 'NANOMETER_INVALID_OPTION', /exemplars is true or false, not 1/],
  ['a bound of 0', { maxSeries: 0 }, 'NANOMETER_INVALID_OPTION', /maxSeries .* not 0/],
  ['a bound that is infinite', { maxSeries: Infinity }, 'NANOMETER_INVALID_OPTION', /maxSeries/],
  ['a lane of 1 KiB', { maxLaneBytes: 1024 }, 'NANOMETER_INVALID_OPTION', /131072 to 1073741824/],
  ['a resource that is a list', { resource: [] }, 'NANOMETER_INVALID_OPTION', /resource/],
  ['a resource attribute that is a number', { resource: { a: 1 } }, 'NANOMETER_INVALID_OPTION', /"a" is 1/],
  ['a resource that is too large', { resource: { a: 'x', large: 'é'.repeat(131_072) } }, 'NANOMETER_INVALID_OPTION', /resource: its attributes take 262151 bytes, of which "large" takes 262149; 262144 are accepted/],
  ['a name in it that is too large', { resource: { ['x'.repeat(2_000_000)]: '' } }, 'NANOMETER_INVALID_OPTION', /"x+\.\.\." takes 2000000; 262144/],
  ['a resource of too many attributes', { resource: Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`name ${10_000 + n}`, ''])) }, 'NANOMETER_INVALID_OPTION', /take 300000 bytes, of which "name 10000" takes 10;/],
  ['a clock without a cell', { clock: { tick: () => undefined } }, 'NANOMETER_INVALID_OPTION', /Float64Array/],
])('%s is refused', (_, options, code, message) => {
  const refused = opening(options);
  expect(refused.code).toBe(code);
  expect(refused.message).toMatch(message);
}); // prettier-ignore

test.each([
  false,
  {},
  { sampleRate: undefined, flightSpans: undefined },
  { sampleRate: 0, promoteErrors: false, promoteLatencyMs: null, maxPromotionsPerSecond: 0 },
  { sampleRate: 1, promoteLatencyMs: 1e-3, maxPromotionsPerSecond: null, flightSpans: 64 },
  { flightSpans: 1_048_576 },
  { exemplars: true },
])('tracing %j is accepted', (tracing) => {
  expect(quietMeter({ tracing } as OpenOptions).level).toBe('production');
});

test('a resource as large as may be is taken, and what is larger leaves nothing behind', () => {
  const service = 'a large resource';
  const options = { service, stateDir: false, inspection: false } as const;
  const large = 'x'.repeat(262_139);
  expect(opening({ ...options, resource: { large: `${large}x` } }).message).toContain('262145');
  expect(quietMeter({ ...options, resource: { large } }).service).toBe(service);
  expect(warnings).toEqual([]);
});

test('resource attributes of the environment that are too large are ignored, and reported', () => {
  withVariable('OTEL_RESOURCE_ATTRIBUTES', `large=${'x'.repeat(262_140)}`, () => {
    expect(quietMeter().level).toBe('production');
  });
  const said = warnings.filter(({ message }) => message.startsWith('OTEL_RESOURCE_ATTRIBUTES'));
  expect(said).toMatchObject([{ code: 'NANOMETER_ENVIRONMENT' }]);
  expect(said[0]!.message).toMatch(/"large" takes 262145; 262144 are accepted/);
});

test('a token that is wrong is not shown', () => {
  expect(opening({ inspection: { token: 'my secret' } }).message).not.toContain('my secret');
});

test('a wrong variable is reported once, and ignored', () => {
  withVariable('NANOMETER_LEVEL', 'loud', () => {
    expect(quietMeter().level).toBe('production');
    expect(quietMeter().level).toBe('production');
  });
  const said = warnings.filter(({ message }) => message.includes('NANOMETER_LEVEL'));
  expect(said).toHaveLength(1);
  expect(said[0]?.code).toBe('NANOMETER_ENVIRONMENT');
  expect(said[0]?.message).toMatch(/"loud".*off, production, diagnostic/);
});

test('an option beats its variable, and an empty variable is none', () => {
  withVariable('NANOMETER_LEVEL', 'off', () => {
    expect(quietMeter({ level: 'diagnostic' }).level).toBe('diagnostic');
    expect(quietMeter().level).toBe('off');
  });
  expect(withVariable('NANOMETER_LEVEL', '', () => quietMeter().level)).toBe('production');
});

test('a backend that does not exist is reported once, and ignored', () => {
  const backend = withVariable('NANOMETER_BACKEND', 'wasm', () => quietMeter().backend);
  expect(['native', 'javascript']).toContain(backend);
  expect(warnings.filter(({ message }) => message.includes('"wasm"'))).toHaveLength(1);
});

test('NANOMETER_BACKEND chooses the backend', () => {
  for (const wish of new Set([BACKEND, 'javascript'])) {
    expect(withVariable('NANOMETER_BACKEND', wish, () => quietMeter().backend)).toBe(wish);
  }
});

describe('in a program of its own', () => {
  const NAME = 'print(open({ stateDir: false, inspection: false }).service)';

  test('the service is that of the package of the script, wherever it is started', () => {
    expect(run(NAME, { cwd: '/' })).toBe('my-application');
  });

  test('OTEL_SERVICE_NAME beats OTEL_RESOURCE_ATTRIBUTES, which beats the package', () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=from%20attributes' };
    expect(run(NAME, { env: attributes })).toBe('from attributes');
    expect(run(NAME, { env: { ...attributes, OTEL_SERVICE_NAME: 'from-name' } })).toBe('from-name');
  });

  test('a tool of node_modules does not give its name: the working directory does, if it has one', () => {
    const tool = { folder: join('node_modules', 'tool') };
    expect(run(NAME, tool)).toBe('my-application');
    expect(run(NAME, { ...tool, cwd: '/' })).toBe('unknown_service:node');
  });

  test('a package.json without a name is passed over', () => {
    const folder = join('dist', 'cjs');
    expect(run(NAME, { folder, manifests: { dist: { type: 'commonjs' } } })).toBe('my-application');
  });

  test('a worker opens the service of the thread that started it', () => {
    const script = `
      const { isMainThread, Worker } = require('node:worker_threads');
      const meter = open({ ...(isMainThread && { service: 'given' }), stateDir: false, inspection: false });
      if (isMainThread) new Worker(__filename);
      else print(meter.service);`;
    expect(run(script)).toBe('given');
  });

  test('the resource has what is known, over it the environment, over that the options', () => {
    const script = `
      const meter = open({
        service: 'named', stateDir: false, inspection: { port: 0 },
        resource: { 'deployment.environment.name': 'test', both: 'option' },
      });
      fetch(meter.inspection.url + '/metrics')
        .then((response) => response.text())
        .then((text) => { print(text.split('\\n').find((line) => line.startsWith('target_info{'))); process.exit(); });`;
    const env = {
      OTEL_RESOURCE_ATTRIBUTES: 'both=environment,service.name=other,host.name=h%2C1',
    };
    const info = run(script, { env });
    expect(info).toContain('service_name="named"');
    expect(info).toContain('service_version="1.2.3"');
    expect(info).toContain('both="option"');
    expect(info).toContain('host_name="h,1"');
    expect(info).toContain('deployment_environment_name="test"');
    expect(info).toContain('telemetry_sdk_name="nanometer"');
    expect(info).toContain('process_runtime_name="nodejs"');
    expect(info).toContain(`process_runtime_version="${process.versions.node}"`);
    expect(info).toMatch(/process_parent_pid="\d+",process_pid="\d+"/);
    expect(info).toMatch(/process_creation_time="\d{4}-\d\d-\d\dT[\d:.]+Z"/);
    expect(info).toContain(`process_executable_path="${process.execPath}"`);
    expect(info).toContain('process_executable_name="node"');
    expect(info).toMatch(/process_command="[^"]*lib\/main\.cjs"/);
    expect(info).toContain(`process_owner="${userInfo().username}"`);
    expect(info).toMatch(/host_arch="(amd64|arm64)"/);
    expect(info).toMatch(/service_instance_id="[0-9a-f-]{36}"/);
  });

  test('resource attributes that are malformed are all discarded, with one warning', () => {
    const script = `
      process.on('warning', ({ code }) => print(code));
      open({ service: 'named', stateDir: false, inspection: false });`;
    for (const wrong of ['a', '=b', 'a=%zz', 'a=1,b']) {
      expect(run(script, { env: { OTEL_RESOURCE_ATTRIBUTES: wrong } })).toBe(
        'NANOMETER_ENVIRONMENT',
      );
    }
    expect(run(script, { env: { OTEL_RESOURCE_ATTRIBUTES: 'a=1, b = 2 ,,' } })).toBe('');
  });

  test('NANOMETER_STATE_DIR is where the segment and the socket are', () => {
    const script = `
      const meter = open({ service: 'named', inspection: { port: null } });
      print(String(meter.inspection.socketPath));
      process.exit();`;
    const directory = temporaryDirectory();
    const path = run(script, { env: { NANOMETER_STATE_DIR: join(directory, 'state') } });
    expect(path.startsWith(join(directory, 'state'))).toBe(true);
  });
});

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of the script, in the application. */
  readonly folder?: string;
  /** More package.json files, by their folders. */
  readonly manifests?: Readonly<Record<string, object>>;
}

/** Runs a script that `print`s, in an application with its own package.json. */
function run(
  script: string,
  { cwd, env, folder = 'lib', manifests = {} }: Surroundings = {},
): string {
  const directory = join(temporaryDirectory(), 'application');
  mkdirSync(join(directory, folder), { recursive: true });
  const application = { name: 'my-application', version: '1.2.3' };
  for (const [at, manifest] of Object.entries({ '.': application, ...manifests })) {
    writeFileSync(join(directory, at, 'package.json'), JSON.stringify(manifest));
  }
  const file = join(directory, folder, 'main.cjs');
  const library = JSON.stringify(join(__dirname, '..', 'dist'));
  writeFileSync(
    file,
    `const { open } = require(${library});
     const print = (text) => require('node:fs').writeSync(1, text + '\\n');
     ${script}`,
  );
  const output = execFileSync(process.execPath, ['--no-warnings', file], {
    cwd: cwd ?? directory,
    env: { PATH: process.env['PATH'], NANOMETER_BACKEND: BACKEND, ...env },
    encoding: 'utf8',
  });
  return output.trim();
}
