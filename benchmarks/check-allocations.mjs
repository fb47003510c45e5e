/**
 * Compares what recording calls allocate and cross with `allocations.json`, and fails where they
 * differ. Counts, not seconds: they are the same on a busy machine. `--update` writes the file.
 *
 * What allocates nothing is held to it. What does allocate may take up to twice what was kept: how
 * much it is depends on what the engine inlines, and on its version.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { allocations } from './harness/allocations.mjs';
import { progress } from './harness/report.mjs';

const FILE = new URL('./allocations.json', import.meta.url);
const LIBRARIES = ['nanometer', 'nanometer-javascript'];
const SLACK = 2;

const found = {};
for (const { name, bytes, crossings } of await allocations(LIBRARIES, progress)) {
  found[name] = { bytes, crossings };
}
if (process.argv.includes('--update')) {
  const lines = Object.entries(found).map(
    ([name, { bytes, crossings }]) =>
      `  ${JSON.stringify(name)}: { "bytes": ${bytes}, "crossings": ${crossings} }`,
  );
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
  process.stdout.write(`wrote ${Object.keys(found).length} rows to benchmarks/allocations.json\n`);
  process.exit();
}

const kept = JSON.parse(readFileSync(FILE, 'utf8'));
const differences = [...new Set([...Object.keys(kept), ...Object.keys(found)])]
  .filter((name) => !alike(kept[name], found[name]))
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

function alike(keptCounts, foundCounts) {
  if (!keptCounts || !foundCounts) return false;
  const { bytes, crossings } = foundCounts;
  const allocates = keptCounts.bytes > 0;
  return (
    bytes > 0 === allocates &&
    bytes <= SLACK * keptCounts.bytes &&
    crossings === keptCounts.crossings
  );
}

function show(counts) {
  return counts ? `${counts.bytes} bytes, ${counts.crossings} crossings` : 'nothing';
}
