/** Builds the package: `dist/`, and the native binary where Rust is installed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runSteps } from './step-runner.mjs';
import { build } from './steps.mjs';
import { ROOT } from './tools.mjs';

// What a source that is gone left behind would be shipped.
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
if (!(await runSteps('build', build, { bail: true }))) process.exitCode = 1;
