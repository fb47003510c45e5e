/**
 * Asks all questions, or those that are named, one after another, and writes `README.md` anew.
 *
 *     npm run bench
 *     npm run bench -- recording scrape
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { writeReadme } from './readme.mjs';

const ENDING = '.bench.mjs';
const here = fileURLToPath(new URL('.', import.meta.url));
const all = readdirSync(here)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((question) => !all.includes(question));
if (unknown.length > 0) {
  process.stderr.write(`no such question: ${unknown.join(', ')}; there are ${all.join(', ')}\n`);
  process.exit(2);
}

const started = performance.now();
const failed = [];
const questions = wanted.length > 0 ? wanted : all;
for (const [place, question] of questions.entries()) {
  const elapsed = Math.round((performance.now() - started) / 1000);
  process.stdout.write(pc.cyan(`\n[${place + 1}/${questions.length}, ${elapsed} s] ${question}\n`));
  const { status } = spawnSync(process.execPath, [`${here}${question}${ENDING}`], {
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(question);
}
await writeReadme();
const elapsed = Math.round((performance.now() - started) / 1000);
process.stdout.write(`\nwrote benchmarks/README.md after ${elapsed} s\n`);
if (failed.length > 0) {
  process.stderr.write(`without an answer: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
