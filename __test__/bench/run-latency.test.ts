/** Latencies, judged by clocks in the pipeline itself. */
import { BroadcastChannel } from 'node:worker_threads';
import { Distribution } from '../../dist/snapshot/distribution';
import type { Measured } from '../../dist/bench/measured';
import { run } from './run-plan';

const TOLERANCE = 0.02;

/** Runs a fixture that tells how long each element took by its own clock, from shared memory. */
async function timed(name: string): Promise<{ measured: Measured; own: number[] }> {
  const channel = new BroadcastChannel('times');
  const memory = new Promise<Float64Array>((resolve) => {
    channel.onmessage = (message) => resolve((message as { data: Float64Array }).data);
  });
  const measured = await run(name, { durationMs: 600, roundMs: 600, warmupMs: 800 });
  const [all, ...times] = await memory;
  channel.close();
  // The elements of the round are those after the ones of warm-up.
  const own = Array.from(
    { length: measured.rounds[0]!.elements },
    (_, i) => times[(all! - 1 - i) % times.length]!,
  );
  return { measured, own: own.sort((a, b) => a - b) };
}

test.each([
  ['of functions', 'timed.mjs', 'element'],
  ['of functions that answer later', 'timed-later.mjs', 'element'],
  ['through streams', 'timed-streams.mjs', 'order'],
])(
  "latencies %s agree with the elements' own clocks within 2%%",
  async (_what, name, latencyOf) => {
    const { measured, own } = await timed(name);
    const latency = new Distribution(measured.rounds[0]!.latency);
    expect(measured.pipeline.latencyOf).toBe(latencyOf);
    expect(latency.count).toBe(own.length);
    const last = own.length - 1;
    for (const q of [0.1, 0.5, 0.9, 0.99]) {
      // The bench reads its clock before and after the elements do. A thread that is held up just in
      // between shifts the others by a rank; twice in a run is a lot.
      const rank = Math.ceil(q * own.length) - 1;
      expect(latency.quantile(q)).toBeGreaterThan(own[Math.max(0, rank - 2)]! * (1 - TOLERANCE));
      expect(latency.quantile(q)).toBeLessThan(own[Math.min(last, rank + 2)]! * (1 + TOLERANCE));
    }
  },
);

/** How many values of a distribution are surely at or above a value. */
function countFrom(latency: Distribution, least: number): number {
  return latency.counts.reduce(
    (sum, count, i) => sum + ((latency.bounds[i - 1] ?? 0) >= least ? count : 0),
    0,
  );
}

test('at a rate, a stall of 100 ms shows in all elements that were due in it', async () => {
  const { rounds } = await run('stall.mjs', {
    ratePerSecond: 1_000,
    concurrency: null,
    durationMs: 1_000,
    roundMs: 1_000,
    warmupMs: 0,
  });
  const latency = new Distribution(rounds[0]!.latency);
  expect(latency.max).toBeGreaterThanOrEqual(100e6);
  expect(latency.quantile(0.999)).toBeGreaterThanOrEqual(98e6);
  // Of 1,000 elements the stall holds up 100, the i-th of them by 100 - i milliseconds.
  expect(latency.quantile(0.95)).toBeGreaterThanOrEqual(48e6);
  expect(countFrom(latency, 20e6)).toBeGreaterThanOrEqual(78);
  expect(rounds[0]!.backlogPeak).toBeGreaterThanOrEqual(99);
});

test('in a closed loop, the same stall is in the latency of one element', async () => {
  const { rounds } = await run('stall.mjs', { durationMs: 400, roundMs: 400, warmupMs: 0 });
  const latency = new Distribution(rounds[0]!.latency);
  expect(latency.max).toBeGreaterThanOrEqual(100e6);
  expect(latency.max! - 100e6).toBeLessThan(latency.sum);
  expect(rounds[0]!.backlogPeak).toBe(0);
});

test('at a rate, elements arrive as often as they are to, over all threads', async () => {
  const { rounds } = await run('numbers.mjs', {
    ratePerSecond: 500,
    concurrency: null,
    workers: 2,
    durationMs: 400,
    roundMs: 400,
  });
  expect(rounds[0]!.elements).toBe(200);
});
