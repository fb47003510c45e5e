/** How many bytes does a recording call allocate, and how often does it cross into native code? */
import { CANDIDATE_LIBRARIES } from './compare/candidates.mjs';
import { allocations } from './harness/allocations.mjs';
import { machine } from './harness/machine.mjs';
import { keep, print, progress } from './harness/report.mjs';

const where = machine();
const rows = await allocations(CANDIDATE_LIBRARIES, progress);
print(
  'Bytes allocated and native calls, a recording call',
  ['', 'bytes', 'crossings'],
  rows.map(({ name, bytes, crossings }) => [name, bytes, crossings]),
);
keep('allocation', { question: 'allocation', machine: where, rows });
process.exit();
