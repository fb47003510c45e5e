/**
 * A process that exports one signal in one way when its parent says so, and watches its own event loop
 * meanwhile. It answers with milliseconds. Needs --expose-gc.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { exporting } from '../compare/exports.mjs';
import { Monitor, Quiet, Spin } from '../harness/loop.mjs';

const TURNS_MS = 10;

const held = await exporting(...process.argv.slice(2));
const detectors = { quiet: new Quiet(), monitor: new Monitor(), spin: new Spin() };
globalThis.gc();
const rssBytes = process.memoryUsage.rss();

const TASKS = {
  prepare: () => held.prepare(),
  async export({ detector }) {
    await begun(detector);
    const cpuFrom = process.cpuUsage();
    const started = performance.now();
    await held.send();
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpuFrom);
    return { wallMs, cpuMs: (user + system) / 1000, ...(await ended(detector)) };
  },
  /** The loop while something else happens, until `told`. */
  watch: ({ detector }) => begun(detector),
  told: ({ detector }) => ended(detector),
  /** The most there ever was, beyond what there was before the first export. */
  memory: () => ({ peakBytes: process.resourceUsage().maxRSS * 1024 - rssBytes }),
};

process.on('message', async ({ task, ...rest }) => {
  process.send((await TASKS[task](rest)) ?? {});
});
process.on('disconnect', () => process.exit());
process.send({});

// Turns of the loop on both sides: a delay is seen between the one before and the one behind it.
async function begun(detector) {
  detectors[detector].begin();
  await sleep(TURNS_MS);
}

async function ended(detector) {
  await sleep(TURNS_MS);
  return detectors[detector].end();
}
