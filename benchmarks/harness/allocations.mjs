/** Counts bytes and native calls of every recording call: for the benchmark, and for CI's check. */
import { candidatesOf } from '../compare/candidates.mjs';
import { answer } from './child.mjs';

const SUBJECT = new URL('../subjects/allocation.mjs', import.meta.url);
// 512 MiB of young generation: over a million calls of the hungriest rival fit.
const FLAGS = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'];
const ATTEMPTS = 3;

/**
 * @typedef {object} Allocation
 * @property {string} name
 * @property {number} bytes Bytes a call, to a tenth: a process's own housekeeping is some 0.01.
 * @property {number} crossings Native calls a call.
 */

/**
 * @param {string[]} libraries
 * @param {(done: number, of: number, name: string) => void} progress
 * @returns {Promise<Allocation[]>}
 * @throws Error when a total is wrong, or the collector would not keep out of it.
 */
export async function allocations(libraries, progress) {
  const jobs = [];
  for (const library of libraries) {
    for (const { name } of await candidatesOf(library)) jobs.push({ library, name });
  }
  const results = [];
  for (const [done, { library, name }] of jobs.entries()) {
    progress(done, jobs.length, name);
    results.push({
      name,
      bytes: await measure(library, name, 'bytes'),
      crossings: await measure(library, name, 'crossings'),
    });
  }
  return results;
}

async function measure(library, name, what) {
  for (let attempt = 1; ; attempt += 1) {
    const { count, collections, complaint } = await answer(SUBJECT, {
      args: [library, name, what],
      execArgv: FLAGS,
    });
    if (complaint !== null) throw new Error(`${name}: ${complaint}`);
    if (collections === 0) return Math.max(0, Math.round(count * 10) / 10);
    if (attempt === ATTEMPTS) throw new Error(`${name}: the collector ran in each of ${attempt} runs`);
  }
}
