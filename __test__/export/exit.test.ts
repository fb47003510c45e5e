/** A process that ends, in whichever way: what it had not exported yet is, within a bound. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Fixture, type Ending } from '../support/fixture';
import { describeNative, temporaryDirectory, until } from '../support/surroundings';

const NEVER_MS = 3_600_000;

interface Left extends Ending {
  /** From when it was told to end. */
  readonly tookMs: number;
}

/**
 * Has a process end in some way, by signals where there are some: the first when it stays, another
 * when what the one before has led to hangs.
 */
async function leave(options: object, signals: readonly NodeJS.Signals[] = []): Promise<Left> {
  const fixture = Fixture.start('leaving.cjs', { args: [JSON.stringify(options)] });
  await fixture.next();
  const began = performance.now();
  fixture.send({});
  for (const signal of signals) {
    await fixture.next();
    process.kill(fixture.pid, signal);
  }
  const ending = await fixture.ended();
  return { ...ending, tookMs: performance.now() - began };
}

/** What the program's own exporter was given. */
function keptIn(path: string): { hits?: number; spans: number }[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { hits?: number; spans: number });
}

const WAYS: readonly [way: string, code: number][] = [
  ['exit', 4],
  ['exitTwice', 5],
  ['throw', 1],
  ['reject', 1],
  ['close', 6],
];

describe("a program's own exporter is given what is left", () => {
  const kept = () => join(temporaryDirectory(), 'kept.jsonl');

  test.each([...WAYS, ['return', 0]] as const)('%s', async (way, code) => {
    const path = kept();
    expect(await leave({ way, kept: path })).toMatchObject({ code, signal: null });
    expect(keptIn(path)[0]).toEqual({ hits: 3, spans: 3 });
    expect(keptIn(path).reduce((sum, { spans }) => sum + spans, 0)).toBe(3);
  });

  test('one that takes its time has it where the loop runs dry, and in close()', async () => {
    for (const [way, code] of [['return', 0], ['close', 6]] as const) {
      const path = kept();
      expect(await leave({ way, kept: path, asyncMs: 50 })).toMatchObject({ code });
      expect(keptIn(path)[0]).toEqual({ hits: 3, spans: 3 });
    }
  }); // prettier-ignore

  test('where it never ends the process does, in time', async () => {
    for (const way of ['return', 'close']) {
      const flush = { timeoutMs: 300 };
      const left = await leave({ way, kept: kept(), hangs: true, flush });
      expect(left.signal).toBeNull();
      expect(left.tookMs).toBeLessThan(300 + 1_000);
    }
  });

  test('a signal that was asked for: exported first, then dead of it', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const path = kept();
      const options = { way: 'stay', kept: path, asyncMs: 20, flush: { onSignals: true } };
      expect(await leave(options, [signal])).toMatchObject({ code: null, signal });
      expect(keptIn(path)).toEqual([{ hits: 3, spans: 3 }]);
    }
  });

  test('a listener of the program decides what a signal does', async () => {
    const path = kept();
    const options = { way: 'listen', kept: path, asyncMs: 20, flush: { onSignals: ['SIGTERM'] } };
    expect(await leave(options, ['SIGTERM'])).toMatchObject({ code: 8, signal: null });
    expect(keptIn(path)[0]).toEqual({ hits: 3, spans: 3 });
  });

  test('the same signal again does not wait', async () => {
    const flush = { onSignals: true, timeoutMs: 10_000 };
    const options = { way: 'stay', kept: kept(), hangs: true, flush };
    const left = await leave(options, ['SIGINT', 'SIGINT']);
    expect(left).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(left.tookMs).toBeLessThan(5_000);
  });

  test('without that, a signal ends the process at once', async () => {
    const path = kept();
    const left = await leave({ way: 'stay', kept: path }, ['SIGTERM']);
    expect(left).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(keptIn(path)).toEqual([]);
  });
});

describeNative('native exporters export what is left', () => {
  /** How often the metric was written, its last value, and how many spans. */
  function exportedTo(path: string): { hits: number | undefined; spans: number } {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const requests = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Request);
    const metrics = requests.flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
    );
    const points = metrics
      .filter(({ name }) => name === 'hits')
      .flatMap(({ sum }) => sum!.dataPoints);
    const spans = requests.flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
    return { hits: points.at(-1)?.asDouble, spans: spans.length };
  }

  interface Request {
    readonly resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[];
    readonly resourceSpans?: { scopeSpans: { spans: unknown[] }[] }[];
  }
  interface Metric {
    readonly name: string;
    readonly sum?: { dataPoints: { asDouble: number }[] };
  }

  const file = () => join(temporaryDirectory(), 'exported.jsonl');
  const to = (path: string) => [{ type: 'file', path, intervalMs: NEVER_MS, delayMs: NEVER_MS }];

  test.each([...WAYS, ['return', 0], ['closeAndExit', 7]] as const)('%s', async (way, code) => {
    const path = file();
    const left = await leave({ way, exporters: to(path) });
    expect(left).toMatchObject({ code, signal: null });
    expect(exportedTo(path)).toEqual({ hits: 3, spans: 3 });
    expect(left.tookMs).toBeLessThan(2_500);
  });

  test('a signal that was asked for', async () => {
    const path = file();
    const options = { way: 'stay', exporters: to(path), flush: { onSignals: true } };
    const left = await leave(options, ['SIGTERM']);
    expect(left).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(exportedTo(path)).toEqual({ hits: 3, spans: 3 });
  });

  describe('to a receiver that takes connections and says nothing', () => {
    const sockets = new Set<Socket>();
    let server: Server;
    let port: number;

    beforeAll(async () => {
      server = createServer((socket) => {
        sockets.add(socket.on('error', () => undefined));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as { port: number }).port;
    });

    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    interface Way {
      readonly way: string;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
    const ways: Way[] = [...WAYS, ['return', 0] as const, ['closeAndExit', 7] as const].map(
      ([way, code]) => ({ way, code, signal: null }),
    );

    test.each<Way>([...ways, { way: 'stay', code: null, signal: 'SIGTERM' }])(
      '%j: the process ends in time',
      async ({ way, code, signal }) => {
        const otlp = { endpoint: `http://127.0.0.1:${port}` };
        const flush = { timeoutMs: 700, onSignals: true };
        const left = await leave({ way, otlp, flush }, signal === null ? [] : [signal]);
        expect(left).toMatchObject({ code, signal });
        expect(left.tookMs).toBeGreaterThan(600);
        expect(left.tookMs).toBeLessThan(700 + 500 + (signal === null ? 0 : 100));
      },
    );
  });

  test('nothing is waited for where nothing was to be exported', async () => {
    const left = await leave({ way: 'exit', flush: { timeoutMs: 5_000 } });
    expect(left.code).toBe(4);
    expect(left.tookMs).toBeLessThan(1_000);
  });

  test('exporters are those of the process: a worker that ends leaves them alone', async () => {
    const path = file();
    const fixture = Fixture.start('leaving-worker.cjs', { args: [path] });
    expect(await fixture.next()).toEqual({ outcome: 'success' });
    fixture.hangUp();
    expect(await fixture.ended()).toMatchObject({ code: 0 });
    expect(exportedTo(path)).toEqual({ hits: 5, spans: 2 });
    await until('the file is whole', () => readFileSync(path, 'utf8').endsWith('\n'));
  });
});
