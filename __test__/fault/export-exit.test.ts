/**
 * What has been recorded leaves a process that ends, however it ends, within the time that it is
 * given; where nobody takes it, the process ends in that time all the same (F9).
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeNativeWith } from '../conformance/judges';
import { FaultyReceiver } from '../support/faulty-receiver';
import { Fixture, type Ending } from '../support/fixture';
import { OtlpReceiver, type Protocol } from '../support/otlp-receiver';

/** More than one batch, and less than the ring of promoted spans can hold. */
const SPANS = 900;
/** Less than one batch: nothing leaves before it is asked to. */
const FEW_SPANS = 400;
/** What is said to the process that is to end by a signal. */
const ON_SIGNALS = { flush: { onSignals: true } };
/** An interval that is never over: what leaves, leaves because of the end. */
const NEVER = { intervalMs: 2 ** 31 - 1, delayMs: 2 ** 31 - 1 };
const BOUND_MS = 2_000;
const SLACK_MS = 500;

/** How it ended, and how long that took. */
interface Ended extends Ending {
  readonly tookMs: number;
}

/** A process that is ready to end. */
async function ready(
  how: string,
  endpoint: string,
  open: object = {},
  spans = SPANS,
): Promise<{ readonly end: () => Promise<Ended> }> {
  const { otlp = {}, ...rest } = open as { otlp?: object };
  const options = { open: { otlp: { endpoint, ...NEVER, ...otlp }, ...rest }, spans, end: how };
  const fixture = Fixture.start('export-ends.cjs', { args: [JSON.stringify(options)] });
  await fixture.next();
  return {
    end: async () => {
      const started = performance.now();
      fixture.send({});
      if (how.startsWith('signal')) process.kill(fixture.pid, 'SIGTERM');
      const ending = await fixture.ended();
      return { ...ending, tookMs: performance.now() - started };
    },
  };
}

async function end(...how: Parameters<typeof ready>): Promise<Ended> {
  return (await ready(...how)).end();
}

const WAYS: readonly (readonly [string, object, Partial<Ending>])[] = [
  ['exit', {}, { code: 3 }],
  ['throw', {}, { code: 1 }],
  ['reject', {}, { code: 1 }],
  ['return', {}, { code: 0 }],
  ['close', {}, { code: 0 }],
  ['close twice and exit', {}, { code: 0 }],
  ['signal', ON_SIGNALS, { signal: 'SIGTERM' }],
  ['signal with a listener of its own', ON_SIGNALS, { code: 5 }],
];

describeNativeWith('otlp_receiver', 'a process that ends while its receiver is well', () => {
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start({ brief: true });
  });
  beforeEach(() => receiver.forget());

  async function deliversAll(how: string, protocol: Protocol, open: object, ending: object) {
    const ended = await end(how, receiver.endpoint(protocol), { ...open, otlp: { protocol } });
    expect(ended).toMatchObject(ending);
    expect(ended.tookMs).toBeLessThan(5_000);
    const ids = (await receiver.received('traces')).flatMap(({ spanIds }) => spanIds);
    expect([ids.length, new Set(ids).size]).toEqual([SPANS, SPANS]);
    expect((await receiver.received('metrics')).length).toBeGreaterThan(0);
  }

  test.each(WAYS)('by %s %j: all is delivered, once', async (how, open, ending) => {
    await deliversAll(how, 'http/protobuf', open, ending);
  });

  test.each(['exit', 'throw'])('by %s over gRPC: all is delivered, once', async (how) => {
    await deliversAll(how, 'grpc', {}, { code: how === 'exit' ? 3 : 1 });
  });

  test('by a signal that it did not ask to export at: at once, and nothing is sent', async () => {
    const ended = await end('signal', receiver.endpoint('http/protobuf'), {}, FEW_SPANS);
    expect(ended.signal).toBe('SIGTERM');
    expect(await receiver.received()).toEqual([]);
  });

  test('its error is still shown', async () => {
    const { stderr } = await end('throw', receiver.endpoint('http/protobuf'));
    expect(stderr).toContain('uncaught, as it should be');
  });
});

describeNativeWith('otlp_receiver', 'a process that ends while nobody answers', () => {
  let hole: FaultyReceiver;

  beforeAll(async () => {
    hole = await FaultyReceiver.start(() => undefined);
  });

  test('in each way: within its time', async () => {
    const all = [];
    for (const [how, open, ending] of WAYS) {
      all.push({ how, ending, process: await ready(how, hole.url, open) });
    }
    const ends = all.map(async ({ how, ending, process }) => {
      const { tookMs, ...ended } = await process.end();
      expect([how, ended]).toEqual([how, expect.objectContaining(ending)]);
      expect([how, tookMs < BOUND_MS + SLACK_MS ? 'in time' : tookMs]).toEqual([how, 'in time']);
    });
    await Promise.all(ends);
  });

  test('who hangs up on it is tried twice, and no more', async () => {
    const rude = await FaultyReceiver.start((socket) => socket.destroy());
    for (const [how, open, ending] of [WAYS[0]!, WAYS[4]!, WAYS[6]!]) {
      rude.requests.length = 0;
      const flush = { timeoutMs: 60_000, onSignals: how === 'signal' };
      expect(await end(how, rude.url, { ...open, flush }, FEW_SPANS)).toMatchObject(ending);
      const paths = rude.requests.map(({ path }) => path).sort();
      expect([how, paths]).toEqual([
        how,
        ['/v1/metrics', '/v1/metrics', '/v1/traces', '/v1/traces'],
      ]);
    }
  });

  test('a worker in which a flush is pending ends without it', async () => {
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { open } = require(workerData.nanometer);
      const { service, otlp } = workerData;
      const meter = open({ service, otlp, stateDir: false, inspection: false });
      meter.flush({ timeoutMs: 600_000 });
      parentPort.postMessage('pending');`;
    const workerData = {
      nanometer: join(__dirname, '../../dist'),
      ...{ service: 'ends-in-a-worker', otlp: { endpoint: hole.url, ...NEVER } },
    };
    const worker = new Worker(script, { eval: true, workerData });
    await once(worker, 'message');
    // Which takes ten minutes where it waits for the flush.
    expect(await worker.terminate()).toBe(1);
  });

  test('the time is what it is told', async () => {
    const ended = await end('exit', hole.url, { flush: { timeoutMs: 300 } });
    expect(ended.code).toBe(3);
    expect(ended.tookMs).toBeLessThan(300 + SLACK_MS);
  });
});
