/**
 * A process that does a thousand requests a second, evenly, and is told to watch its loop, or to count
 * its processor time, for some seconds.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { begin } from '../compare/every-second.mjs';
import { Monitor, Waits } from '../harness/loop.mjs';

const REQUESTS_A_MS = 1;
const EVERY_MS = 10;

const request = await begin(...process.argv.slice(2));
const started = performance.now();
let done = 0;
// Those too that were due while the loop stood still.
setInterval(() => {
  const due = Math.floor((performance.now() - started) * REQUESTS_A_MS);
  for (; done < due; done += 1) request(done);
}, EVERY_MS);

const TASKS = {
  async loop(ms) {
    const [monitor, waits] = [new Monitor(), new Waits()];
    monitor.begin();
    waits.begin();
    await sleep(ms);
    return { monitor: monitor.end(), waits: waits.end() };
  },
  async cpu(ms) {
    const [cpuFrom, from] = [process.cpuUsage(), performance.now()];
    await sleep(ms);
    const { user, system } = process.cpuUsage(cpuFrom);
    return { share: (user + system) / 1000 / (performance.now() - from) };
  },
};

process.on('message', async ({ task, ms }) => process.send(await TASKS[task](ms)));
process.on('disconnect', () => process.exit());
process.send({});
