/** Makes the reference anew: `docs/api` from the sources, `docs/catalogs` from what is built. */
import { runSteps } from './step-runner.mjs';
import { build, docs } from './steps.mjs';

const typescript = build.filter(({ name }) => name === 'the TypeScript package');
const made =
  (await runSteps('build', typescript, { bail: true })) && (await runSteps('docs', docs));
if (!made) process.exitCode = 1;
