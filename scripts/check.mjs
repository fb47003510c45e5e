/**
 * Everything that CI judges, in one run: build, lints, documents, tests, allocations.
 * `--without-tests` leaves out what `npm test` runs; `--lints` leaves out all but lints and
 * documents, which may run beside the tests.
 */
import { runSteps } from './step-runner.mjs';
import { allocations, build, lints, tests, totals } from './steps.mjs';

const onlyLints = process.argv.includes('--lints');
const withTests = !onlyLints && !process.argv.includes('--without-tests');
const all = [...build, ...lints, ...(withTests ? tests() : []), allocations];
const steps = onlyLints ? lints : all;
const passed = await runSteps('check', steps);
if (withTests) console.log(`\n${totals}`);
if (!passed) process.exitCode = 1;
