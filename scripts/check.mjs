/**
 * Everything that CI judges, in one run: build, lints, documents, tests, allocations.
 * `--without-tests` leaves out what `npm test` runs.
 */
import { runSteps } from './step-runner.mjs';
import { allocations, build, lints, tests, totals } from './steps.mjs';

const withTests = !process.argv.includes('--without-tests');
const steps = [...build, ...lints, ...(withTests ? tests() : []), allocations];
const passed = await runSteps('check', steps);
if (withTests) console.log(`\n${totals}`);
if (!passed) process.exitCode = 1;
