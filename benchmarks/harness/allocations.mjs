/** Counts bytes and native calls of every recording call: for the benchmark, and for CI's check. */
import { countedOf } from '../compare/candidates.mjs';
import { answer } from './child.mjs';

const SUBJECT = new URL('../subjects/allocation.mjs', import.meta.url);
// 256 MiB of young generation: a window of the hungriest rival fits.
const FLAGS = ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256'];

/**
 * @typedef {object} Allocation
 * @property {string} name
 * @property {string} group What kind of call it is; see `race.mjs`.
 * @property {number} bytes Whole bytes a call: a process's own housekeeping is some 0.02.
 * @property {number} crossings Native calls a call.
 */

/**
 * @param {string[]} libraries
 * @param {(done: number, of: number, name: string) => void} progress
 * @returns {Promise<Allocation[]>}
 * @throws Error when a total is wrong, or the collector was never out of it.
 */
export async function allocations(libraries, progress) {
  const jobs = [];
  for (const library of libraries) {
    for (const { name, group } of await countedOf(library)) {
      jobs.push({ library, name, group });
    }
  }
  const results = [];
  for (const [done, { library, name, group }] of jobs.entries()) {
    progress(done, jobs.length, name);
    // Counts, and not times: two processes at once do not disturb each other.
    const [bytes, crossings] = await Promise.all([
      measure(library, name, 'bytes'),
      measure(library, name, 'crossings'),
    ]);
    results.push({ name, group, bytes, crossings });
  }
  return results;
}

async function measure(library, name, what) {
  const { least, complaint } = await answer(SUBJECT, {
    args: [library, name, what],
    execArgv: FLAGS,
  });
  if (complaint !== null) throw new Error(`${name}: ${complaint}`);
  if (least === null) throw new Error(`${name}: the collector ran in each window`);
  return Math.max(0, Math.round(least));
}
