/** What is measured in rounds: of which variants, how often, how much, and what adds up. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBench, type Progress } from '../../dist/bench/run/run';
import { faultOf, planOf, run } from './run-plan';

test('variants take turns, and each round adds up', async () => {
  const variants = ['off', 'production', 'none'] as const;
  const measured = await run('numbers.mjs', { variants, durationMs: 180, roundMs: 30 });
  expect(measured.rounds.map(({ variant }) => variant)).toEqual([...variants, ...variants]);
  expect(measured.rounds.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const round of measured.rounds) {
    expect(round.elements).toBeGreaterThan(0);
    expect(round.latency.count).toBe(round.elements);
    expect(round.durationNs).toBeGreaterThanOrEqual(30e6);
    expect(round.latency.sum).toBeLessThanOrEqual(round.durationNs);
    expect(round.latency.min).toBeLessThanOrEqual(round.latency.max!);
    expect(round.referenceNs).toBeGreaterThan(0);
    expect(round.scheduling.activeNs).toBeGreaterThan(0);
    expect(round.memory.rssPeakBytes).toBeGreaterThanOrEqual(round.memory.rssMeanBytes);
    expect(round.bytes).toBeNull();
    if (round.variant === 'production') {
      expect(round.flow!.elements).toBe(round.elements);
      expect(round.flow!.components.map(({ id }) => id)).toEqual(['double', 'add']);
    } else expect(round.flow).toBeNull();
  }
  expect(measured.harness.map(({ variant }) => variant)).toEqual(variants);
  for (const { nsPerElement } of measured.harness) expect(nsPerElement).toBeGreaterThan(0);
  expect(measured).toMatchObject({ endedEarly: null, errors: [], backend: 'native' });
});

test('there are never more elements in flight than there may be, and as many where there can', async () => {
  const { rounds } = await run('in-flight.mjs', { concurrency: 3 });
  expect(rounds[0]!.elements).toBeGreaterThan(0);
  expect(rounds[0]!.failed).toBe(0);
  expect((await faultOf('in-flight.mjs', { concurrency: 4 })).message).toMatch(
    /all elements failed, .* in flight/,
  );
});

test('threads each run the pipeline, and their rounds are one', async () => {
  const { rounds } = await run('workers.mjs', { workers: 2 });
  for (const round of rounds) expect(round.flow!.elements).toBe(round.elements);
});

test('a source with an end ends the run, and what came of it is kept', async () => {
  const measured = await run('once.mjs', { warmupMs: 0, durationMs: 60_000, roundMs: 60_000 });
  expect(measured.endedEarly).toBe('source');
  expect(measured.rounds.map(({ elements }) => elements)).toEqual([20_000]);
  const bytes = Array.from({ length: 20_000 }, (_, i) => `element ${i}`).join('').length;
  expect(measured.rounds[0]!.bytes).toBe(bytes);
});

test('a run that is aborted gives what was measured so far', async () => {
  const abort = new AbortController();
  const plan = planOf('numbers.mjs', { durationMs: 600_000, roundMs: 300 });
  const seen: Progress[] = [];
  const measured = await runBench(plan, {
    signal: abort.signal,
    onProgress: (progress) => {
      seen.push({ ...progress, points: [...progress.points] });
      if (progress.points.length >= 2) abort.abort();
    },
  });
  expect(measured.endedEarly).toBe('interrupted');
  expect(measured.rounds.length).toBeGreaterThanOrEqual(1);
  expect(measured.timeline.length).toBeGreaterThanOrEqual(2);
  expect(new Set(seen.map(({ phase }) => phase))).toEqual(
    new Set(['harness', 'warmup', 'measuring']),
  );
  expect(seen[0]!.totalMs).toBe(plan.durationMs + plan.warmupMs);
});

test('a run that is aborted while a component blocks ends all the same', async () => {
  const abort = new AbortController();
  const running = runBench(planOf('blocks.mjs', { hangMs: 600_000 }), {
    signal: abort.signal,
    onProgress: ({ phase }) => {
      if (phase === 'warmup') setImmediate(() => abort.abort());
    },
  });
  await expect(running).resolves.toMatchObject({ endedEarly: 'interrupted', rounds: [] });
});

test.each([
  ['streams.mjs', 'order', 4],
  ['delayed.mjs', 'order', 2],
  ['gzip.mjs', 'flow', 2],
])('streams are run, and drained after each round: %s', async (name, latencyOf, components) => {
  const { pipeline, rounds } = await run(name, { variants: ['off', 'production'] });
  expect(pipeline).toMatchObject({ passage: 'streams', latencyOf });
  expect(pipeline.components).toHaveLength(components);
  for (const { elements, latency, variant } of rounds) {
    expect(elements).toBeGreaterThan(0);
    if (latencyOf === 'order') expect(latency.count).toBe(elements);
    else if (variant === 'off') expect(latency.count).toBe(0);
    else expect(latency.count).toBeGreaterThan(0);
  }
});

describe('elements of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-input-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  test.each([
    ['with an end to the last line', 'one\ntwo\r\n\ndrei €\n'],
    ['without one', 'one\ntwo\n\ndrei €'],
  ])('are its lines, again and again: %s', async (_what, content) => {
    const path = write('lines.txt', content);
    // Fails where a line is not the one that is due.
    const { pipeline, rounds } = await run('lines.mjs', { input: { path, as: 'lines' } });
    expect(pipeline.source).toBe('input');
    expect(rounds[0]!.failed).toBe(0);
    expect(rounds[0]!.bytes).toBeGreaterThan(0);
  });

  test('are its bytes, in chunks of 64 KiB', async () => {
    const path = write('bytes.bin', 'x'.repeat(100_000));
    const { rounds } = await run('chunks.mjs', { input: { path, as: 'bytes' } });
    expect(rounds[0]!.failed).toBe(0);
    expect(rounds[0]!.bytes).toBeGreaterThanOrEqual(34_464);
  });

  test.each([
    ['is not there', 'nothing', /the input .* cannot be read: there is no such file$/],
    ['is empty', '', /the input .* is empty$/],
    ['is a folder', '.', /the input .* cannot be read: EISDIR$/],
  ])('are refused where it %s', async (_what, name, message) => {
    const path = name === '' ? write('empty', '') : join(folder, name);
    const fault = await faultOf('numbers.mjs', { input: { path, as: 'bytes' } });
    expect(fault).toMatchObject({ name: 'PipelineFault' });
    expect(fault.message).toMatch(message);
  });
});
