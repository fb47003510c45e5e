/**
 * What does a span cost that is recorded with its two readings of the clock, as a part of a flow and
 * by `meter.span()`? The control is the same without tracing; OpenTelemetry's SDK, sampled and not, and
 * dd-trace end the same spans in the same rounds, in bursts of 1,024 that are exported before the next.
 */
import { openNanometer } from './compare/libraries.mjs';
import { datadogSpans, openTelemetrySpans } from './compare/span-rivals.mjs';
import { SpanRace, twoReadings } from './compare/spans.mjs';
import { machine } from './harness/machine.mjs';
import { racePasses } from './harness/passes.mjs';
import { combined, MANY_ROUNDS } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const OURS = 'nanometer';
const UNTRACED = 'nanometer, no tracing';
const SAMPLES = 5;
const LEAST_MS = 80;
// What tracing adds to a part of a flow, and the clock, which the part would read without it too.
const PART = 'nanometer: a span of a flow, by itself';

const GROUPS = ['span', 'nested', 'attributes'];

const where = machine();
const meter = openNanometer(OURS);
const untraced = openNanometer(OURS, { service: 'untraced', tracing: false });
const ours = new SpanRace(OURS, meter);
const without = new SpanRace(UNTRACED, untraced);
const clock = twoReadings(OURS, meter);
const part = ours.part();
const partWithout = without.part();
const timings = await racePasses(
  [
    clock,
    part,
    partWithout,
    ours.root(),
    ours.child(),
    ours.promoted(),
    without.root(),
    ours.nested(),
    ours.described(),
    ...openTelemetrySpans(),
    ...datadogSpans(),
  ],
  { rounds: MANY_ROUNDS, samples: SAMPLES, leastMs: LEAST_MS, progress },
);
const rows = [
  combined(PART, timings, { plus: [part.name, clock.name], minus: [partWithout.name] }),
  ...timings,
];
for (const group of GROUPS) {
  print(
    `${group} (ns)`,
    ['', 'ns', 'noise'],
    rows
      .filter((row) => row.group === group)
      .map((row) => [row.name, digits(row.ns), percent(row.spread)]),
  );
}
keep('span', { question: 'span', machine: where, groups: GROUPS, rows });
await untraced.close();
await meter.close();
// dd-trace keeps timers.
process.exit();
