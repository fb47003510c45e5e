/**
 * Builds the package and runs all tests: Rust, types, and jest on both backends.
 *
 * Arguments are handed to jest, which then runs alone: `npm test -- __test__/fault`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingJudges } from './judges.mjs';
import { runSteps } from './step-runner.mjs';
import { build, tests, totals } from './steps.mjs';
import { ROOT } from './tools.mjs';

const built = await runSteps('build', build, { bail: true });
const passed = built && (await runSteps('test', tests(process.argv.slice(2))));

for (const missing of missingJudges()) console.log(`skipped: ${missing}`);
console.log(`\n${totals}`);
mkdirSync(join(ROOT, 'target'), { recursive: true });
writeFileSync(join(ROOT, 'target', 'test-totals.txt'), `${totals}\n`);
if (!passed) process.exitCode = 1;
