/** Renders `src/generated/layout.ts` anew from `crates/core/src/layout.rs`. */
import { run } from './tools.mjs';

const test = ['cargo', 'test', '--workspace', '--test', 'layout_ts'];
process.exitCode = await run(test, { env: { NANOMETER_UPDATE_LAYOUT: '1' } });
