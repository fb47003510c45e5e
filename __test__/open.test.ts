/** Meters: one for each service and thread, however the package is loaded, and till they are closed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LEVELS, open, type Meter } from 'nanometer';
import { quietMeter, thrown, watchWarnings } from './support/meter';
import { temporaryDirectory } from './support/surroundings';

const warnings = watchWarnings();
const quiet = { stateDir: false, inspection: false } as const;

test('the same service is the same meter, another service another', () => {
  const meter = open({ service: 'a', ...quiet });
  expect(open({ service: 'a', ...quiet })).toBe(meter);
  expect(open({ service: 'b', ...quiet })).not.toBe(meter);
});

test('options of a later open() that differ are ignored, with one warning that names them', () => {
  const meter = open({ service: 'twice', ...quiet });
  for (let i = 0; i < 2; i++) {
    expect(open({ service: 'twice', ...quiet, level: 'off', maxSeries: 7 })).toBe(meter);
  }
  expect(meter.level).toBe('production');
  const said = warnings.filter(({ code }) => code === 'NANOMETER_OPTIONS_IGNORED');
  expect(said).toHaveLength(1);
  expect(said[0]?.message).toMatch(/"twice".*level, maxSeries of the later open\(\) are ignored/);
});

test('what a later open() says of tracing is compared with all that tracing began with', () => {
  const service = 'traced twice';
  open({ service, ...quiet, tracing: { sampleRate: 0.5 } });
  const said = () => warnings.filter(({ message }) => message.includes(service));
  open({ service, ...quiet, tracing: { sampleRate: 0.5, flightSpans: 4_096 } });
  expect(said()).toHaveLength(0);
  open({ service, ...quiet, tracing: false });
  expect(said()[0]?.message).toMatch(/tracing of the later open\(\) is ignored/);
});

test('a second copy of the module has the same meters', () => {
  const meter = open({ service: 'copies', ...quiet });
  let again: Meter | undefined;
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const copy = require('nanometer') as { open: typeof open };
    expect(copy.open).not.toBe(open);
    again = copy.open({ service: 'copies', ...quiet });
  });
  expect(again).toBe(meter);
});

test('import and require are one module with the same names', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const imported = await import(${JSON.stringify(String(pathToFileURL(join(__dirname, '../dist/index.mjs'))))});
    const required = createRequire(import.meta.url)(${JSON.stringify(join(__dirname, '../dist/index.js'))});
    const names = Object.keys(required).filter((name) => name !== '__esModule').sort();
    process.stdout.write(JSON.stringify({
      same: names.every((name) => imported[name] === required[name]),
      names, importedNames: Object.keys(imported).sort(),
    }));`;
  const { execFileSync } = await import('node:child_process');
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  const { same, names, importedNames } = JSON.parse(output) as Record<string, unknown>;
  expect(same).toBe(true);
  expect(importedNames).toEqual(names);
});

describe('the level', () => {
  test('is set at once, by assignment or by a call', () => {
    const meter = quietMeter();
    const counter = meter.counter('c');
    for (const level of LEVELS) {
      meter.level = level;
      expect(meter.level).toBe(level);
      counter.inc();
    }
    meter.setLevel('off');
    counter.inc();
    expect(meter.snapshot().value('c')).toBe(2);
    expect(meter.snapshot().level).toBe('off');
  });

  test('is refused where it is none, and stays', () => {
    const meter = quietMeter();
    const set = (level: unknown) => thrown(() => (meter.level = level as 'off'));
    expect(set('verbose').code).toBe('NANOMETER_INVALID_LEVEL');
    expect(set(undefined).message).toMatch(/undefined is not a level/);
    expect(meter.level).toBe('production');
  });

  test.each([0, -1, NaN, Infinity, 2 ** 31, '5', null])('is not leased for %p ms', (forMs) => {
    const meter = quietMeter();
    const { code, message } = thrown(() => {
      meter.setLevel('off', { forMs: forMs as number });
    });
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(message).toMatch(/forMs/);
    expect(meter.level).toBe('production');
  });
});

describe('close()', () => {
  test('stops the server, can be called again, and lets the service be opened anew', async () => {
    const options = { service: 'closing', stateDir: false, inspection: { port: 0 } } as const;
    const meter = open(options);
    const counter = meter.counter('c');
    counter.add(3);
    const url = meter.inspection!.url!;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const closed = meter.close();
    expect(meter.close()).toBe(closed);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    const next = open(options);
    expect(next).not.toBe(meter);
    expect(next.snapshot().value('c')).toBeUndefined();
    await next.close();
  });

  test('leaves handles harmless and snapshots readable, and defines nothing more', async () => {
    const meter = quietMeter();
    const counter = meter.counter('c');
    const family = meter.counter('f', { labels: ['k'] });
    family.with({ k: 'a' }).inc();
    counter.inc();
    await meter.close();
    counter.inc();
    family.with({ k: 'a' }).inc();
    expect(() => family.with({ k: 'b' }).inc()).not.toThrow();
    expect(meter.snapshot().value('c')).toBe(2);
    const { code, message } = thrown(() => meter.counter('late'));
    expect(code).toBe('NANOMETER_CLOSED');
    expect(message).toContain('"late"');
  });

  test('takes the files of the meter along', async () => {
    const stateDir = temporaryDirectory();
    const meter = open({ service: 'files', stateDir, inspection: { port: null } });
    const socketPath = meter.inspection!.socketPath!;
    expect(existsSync(socketPath)).toBe(true);
    await meter.close();
    expect(existsSync(socketPath)).toBe(false);
  });
});

test('flush() resolves', async () => {
  await expect(quietMeter().flush()).resolves.toEqual({ outcome: 'success', exporters: [] });
});

test('no view of the memory can be had from a handle', () => {
  const meter = quietMeter();
  const metrics = [meter.counter('c'), meter.gauge('g'), meter.histogram('h')];
  for (const handle of [...metrics, meter.tracing, meter.span('s')]) {
    expect(Reflect.ownKeys(handle)).toEqual([]);
    expect(JSON.stringify(handle)).toBe('{}');
  }
  expect(Reflect.ownKeys(meter)).toEqual(['service', 'backend', 'tracing']);
});
