/** Components that do what they must not: each has its name in one line, and nothing waits for ever. */
import { faultOf, run } from './run-plan';

test.each([
  ['throws for each element', 'fails-always.mjs', 'store', /all elements failed, .*no such table/],
  ['gives nothing to the next one', 'undefined.mjs', 'parse', /"parse" gave undefined: .*"store"/],
  ['ends the process', 'exits.mjs', 'leave', /"leave" ended the process: process\.exit\(0\)/],
  [
    'throws where nobody catches',
    'throws-later.mjs',
    'forget',
    /"forget" threw .*RangeError: lost/,
  ],
  ['is a stream that fails', 'stream-fails.mjs', 'upper', /"upper" failed: Error: no room/],
  ['is a source that throws', 'source-throws.mjs', 'source', /the source threw Error: no more/],
])('a component that %s is named', async (_what, name, component, message) => {
  const fault = await faultOf(name);
  expect(fault).toMatchObject({ name: 'BenchFault', component });
  expect(fault.message).toMatch(message);
  expect(fault.message).not.toMatch(/\n/);
});

test.each([
  ['never returns', 'blocks.mjs', 'spin', /"spin" blocks the event loop: no element .* for 1\.5 s/],
  ['never answers', 'hangs.mjs', 'wait', /"wait" keeps elements: no element .* for 1\.5 s/],
  ['is a stream that never goes on', 'stream-hangs.mjs', 'hold', /"hold" keeps elements: /],
])('a component that %s is named', async (_what, name, component, message) => {
  const fault = await faultOf(name, { hangMs: 1_500, concurrency: 4 });
  expect(fault).toMatchObject({ name: 'BenchFault', component });
  expect(fault.message).toMatch(message);
});

test('some elements that fail are counted by component, with the first error of each', async () => {
  const { rounds, errors } = await run('fails.mjs', {
    concurrency: 4,
    durationMs: 300,
    roundMs: 100,
  });
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  expect(errors.map(({ component }) => component).sort()).toEqual(['check', 'store']);
  expect(errors.reduce((sum, tally) => sum + tally.errors, 0)).toBe(failed);
  expect(errors.find(({ component }) => component === 'check')!.first).toMatch(
    /^TypeError: \d+ is odd$/,
  );
  for (const { elements, failed: lost, latency } of rounds) {
    expect(latency.count).toBe(elements - lost);
  }
});
