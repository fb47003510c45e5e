/**
 * What does a real HTTP service lose? The demo's order gateway under autocannon, with nanometer off
 * and at each other level, in interleaved rounds.
 */
import { Load } from '../demo/load.mjs';
import { compare } from '../demo/compare.mjs';
import { openMeter } from '../demo/metrics.mjs';
import { Service } from '../demo/service.mjs';
import { machine } from './harness/machine.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const LEVELS = ['production', 'diagnostic'];
const EACH_MS = 32_000;

const where = machine();
const meter = openMeter({ inspection: { host: '127.0.0.1', port: 0, socket: false } });
const service = new Service(meter);
const load = new Load();
await load.start(await service.start());
const rows = [];
for (const [place, level] of LEVELS.entries()) {
  progress(place, LEVELS.length, level);
  rows.push({ level, ...(await compare(meter, load, EACH_MS, () => {}, level)) });
}
await load.stop();
await service.stop();
print(
  'An HTTP service under load, against level off',
  ['', 'responses/s', 'off', 'change', 'noise', 'CPU µs a response', 'off', 'change', 'noise'],
  rows.map(({ level, perSecond, throughput, cpuMicros, cpu }) => [
    level,
    digits(perSecond.on),
    digits(perSecond.off),
    percent(throughput.change),
    percent(throughput.error),
    digits(cpuMicros.on),
    digits(cpuMicros.off),
    percent(cpu.change),
    percent(cpu.error),
  ]),
);
keep('service', { question: 'service', machine: where, rows });
await meter.close();
