/**
 * Compares what recording calls allocate and cross with `allocations.json`, and fails where they
 * differ. Counts, not seconds: they are the same on a busy machine. `--update` writes the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { allocations } from './harness/allocations.mjs';
import { progress } from './harness/report.mjs';

const FILE = new URL('./allocations.json', import.meta.url);
const LIBRARIES = ['nanometer', 'nanometer-javascript'];

const found = {};
for (const { name, ...counts } of await allocations(LIBRARIES, progress)) found[name] = counts;
if (process.argv.includes('--update')) {
  writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
  process.stdout.write(`wrote ${Object.keys(found).length} rows to benchmarks/allocations.json\n`);
  process.exit();
}

const kept = JSON.parse(readFileSync(FILE, 'utf8'));
const differences = [...new Set([...Object.keys(kept), ...Object.keys(found)])]
  .filter((name) => JSON.stringify(kept[name]) !== JSON.stringify(found[name]))
  .map((name) => `  ${name}: kept ${show(kept[name])}, found ${show(found[name])}`);
if (differences.length > 0) {
  process.stderr.write(
    `Recording calls allocate or cross otherwise than benchmarks/allocations.json says:\n${differences.join('\n')}\n` +
      'If that is meant: npm run check:allocations -- --update\n',
  );
  process.exit(1);
}
process.stdout.write(`allocations: ${Object.keys(found).length} rows as kept\n`);
process.exit();

function show(counts) {
  return counts ? `${counts.bytes} bytes, ${counts.crossings} crossings` : 'nothing';
}
