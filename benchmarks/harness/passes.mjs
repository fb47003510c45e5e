/**
 * Times candidates whose work needs the event loop, such as pipelines and promises, in interleaved
 * rounds as `race.mjs` does: there a loop is sampled, here a pass is timed from its start until its
 * promise is kept.
 */
import { performance } from 'node:perf_hooks';
import { finish, turned } from './race.mjs';

/**
 * @typedef {object} Pass
 * @property {string} name Unique in its race.
 * @property {string} group What it is compared within.
 * @property {number} operations That one pass performs.
 * @property {() => Promise<unknown>} pass Performs them.
 * @property {() => string | null | Promise<string | null>} [check] See `race.mjs`.
 * @property {() => void} [before] Runs ahead of each pass, untimed.
 * @property {() => void} [after] Runs behind each pass, untimed.
 */

/**
 * @param {Pass[]} candidates
 * @param {object} [options]
 * @param {number} [options.rounds]
 * @param {number} [options.samples] Passes of a candidate in a round, of which the quickest counts.
 * @param {number} [options.leastMs] More of them, until a round of a candidate has taken that long:
 *   what is quick is not to be measured in one bad moment.
 * @param {(done: number, of: number, name: string) => void} [options.progress]
 * @returns {Promise<import('./race.mjs').Timing[]>} In the order given.
 * @throws Error when a candidate fails, or its totals are wrong.
 */
export async function racePasses(
  candidates,
  { rounds = 7, samples = 3, leastMs = 0, progress = () => {} } = {},
) {
  const entries = candidates.map((candidate) => ({ candidate, results: [] }));
  // One pass each that does not count: code is compiled.
  for (const { candidate } of entries) await timed(candidate);
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, { candidate, results }] of turned(entries, round).entries()) {
      progress(round * entries.length + place, rounds * entries.length, candidate.name);
      let best = Infinity;
      const until = performance.now() + leastMs;
      for (let sample = 0; sample < samples || performance.now() < until; sample += 1) {
        best = Math.min(best, await timed(candidate));
      }
      results.push(best);
    }
  }
  return finish(entries);
}

async function timed({ operations, pass, before, after }) {
  before?.();
  const started = performance.now();
  await pass();
  const ms = performance.now() - started;
  after?.();
  return (ms * 1e6) / operations;
}
