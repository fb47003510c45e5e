/**
 * A process that counts the bytes, or the native calls, of one kind of recording: one of the two,
 * because counting calls allocates.
 *
 * Run with --expose-gc and a young generation so large (--max-semi-space-size,
 * --min-semi-space-size) that nothing is collected while it counts: then what the heap grew by is
 * what was allocated. Should a collection happen all the same, the answer says so.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { OPERATIONS } from '../harness/race.mjs';
import { countCrossings } from '../harness/crossings.mjs';

const CALLS = 1024;
const WARM_UP = 512;

const [library, name, what] = process.argv.slice(2);
const tally = what === 'crossings' ? countCrossings() : { count: 0 };
const { candidatesOf } = await import('../compare/candidates.mjs');
const candidates = await candidatesOf(library);
const candidate = candidates.find((each) => each.name === name);
if (!candidate) throw new Error(`${library} has no candidate ${name}`);

let collections = 0;
const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));

// Until everything on the path is compiled; unoptimised code keeps its numbers in the heap.
for (let call = 0; call < WARM_UP; call += 1) candidate.call();
globalThis.gc();
await new Promise((resolve) => setImmediate(resolve));
for (let call = 0; call < WARM_UP; call += 1) candidate.call();
globalThis.gc();
observer.observe({ entryTypes: ['gc'] });

const crossings = tally.count;
const before = process.memoryUsage().heapUsed;
for (let call = 0; call < CALLS; call += 1) candidate.call();
const bytes = process.memoryUsage().heapUsed - before;
const crossed = tally.count - crossings;

// Collections are reported a turn later.
await new Promise((resolve) => setTimeout(resolve, 20));
observer.disconnect();
const complaint = (await candidate.check?.()) ?? null;
process.send({
  count: (what === 'crossings' ? crossed : bytes) / (CALLS * OPERATIONS),
  collections: what === 'crossings' ? 0 : collections,
  complaint,
});
process.disconnect();
setImmediate(() => process.exit());
