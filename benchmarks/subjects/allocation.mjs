/**
 * A process that counts the bytes, or the native calls, of one kind of recording: one of the two,
 * because counting calls allocates.
 *
 * Run with --expose-gc and a young generation so large (--max-semi-space-size,
 * --min-semi-space-size) that nothing is collected while it counts: then what the heap grew by is
 * what was allocated. A window in which something was collected all the same does not count.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { OPERATIONS } from '../harness/race.mjs';
import { countCrossings } from '../harness/crossings.mjs';

const WARM_UP = 512;
const WINDOW = 128;
const WINDOWS = 5;

const [library, name, what] = process.argv.slice(2);
const tally = what === 'crossings' ? countCrossings() : { count: 0 };
const { countedOf } = await import('../compare/candidates.mjs');
const candidates = await countedOf(library);
const candidate = candidates.find((each) => each.name === name);
if (!candidate) throw new Error(`${library} has no candidate ${name}`);

let collections = 0;
const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));

candidate.before?.();
// Until everything on the path is compiled; unoptimised code keeps its numbers in the heap. The
// compiler works beside us and may be late, so the least of several windows is what a call costs.
for (let call = 0; call < WARM_UP; call += 1) candidate.call();
const windows = [];
for (let count = 0; count < WINDOWS; count += 1) windows.push(await measure());
observer.disconnect();
candidate.after?.();
const valid = windows.filter((bytes) => bytes !== null);
const complaint = (await candidate.check?.()) ?? null;
process.send({ least: valid.length > 0 ? Math.min(...valid) : null, complaint });
process.disconnect();
setImmediate(() => process.exit());

/** Bytes or crossings of a call, or null when the collector came between. */
async function measure() {
  globalThis.gc();
  // Collections are reported a turn later.
  await turn();
  observer.observe({ entryTypes: ['gc'] });
  collections = 0;
  const crossings = tally.count;
  const before = process.memoryUsage().heapUsed;
  for (let call = 0; call < WINDOW; call += 1) candidate.call();
  const bytes = process.memoryUsage().heapUsed - before;
  const counted = what === 'crossings' ? tally.count - crossings : bytes;
  await turn();
  observer.disconnect();
  if (what === 'bytes' && collections > 0) return null;
  return counted / (WINDOW * OPERATIONS);
}

function turn() {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
