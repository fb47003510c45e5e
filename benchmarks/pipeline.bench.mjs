/**
 * What does `flow.pipeline()` add to a bare `stream.promises.pipeline` of three stages: for each of a
 * million small objects that nobody works on, where a stage works 20 µs on each, and for bytes in
 * chunks of 64 KiB? The bare pipeline is the control; the same stages instrumented with
 * OpenTelemetry and prom-client run in the same rounds. `--quick` sends a tenth through.
 */
import { openNanometer } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { racePasses } from './harness/passes.mjs';
import { excess, share } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const CONTROL = 'stream.promises.pipeline';
const WORK_MICROS = 20;
const part = process.argv.includes('--quick') ? 0.1 : 1;

const ways = Object.fromEntries(
  await Promise.all(
    ['bare', 'off', 'production', 'OpenTelemetry', 'prom-client'].map(async (way) => [
      way,
      await import(`./compare/pipelines.mjs?${way}`),
    ]),
  ),
);
const iterations = ways.bare.calibrate(WORK_MICROS);
const where = machine();
const meter = openNanometer('nanometer');

// Rivals take a multiple of the time for each object, so fewer of them do.
const races = [
  {
    traffic: 'objects',
    title: 'Small objects',
    make: (way) => way.smallObjects(),
    items: 1_000_000,
    rivalItems: 100_000,
    options: { rounds: 9, samples: 1 },
  },
  {
    traffic: 'worked objects',
    title: `Objects that a stage works ${WORK_MICROS} µs on`,
    make: (way) => way.workedObjects(iterations),
    items: 5_000,
    rivalItems: 5_000,
    options: { rounds: 25, samples: 2 },
  },
  {
    traffic: 'chunks',
    title: 'Chunks of 64 KiB that a stage hashes',
    make: (way) => way.chunks(),
    items: 2_000,
    rivalItems: 2_000,
    options: { rounds: 25, samples: 2 },
  },
];

const groups = [];
for (const { traffic, title, make, items, rivalItems, options } of races) {
  const count = Math.round(items * part);
  const rivalCount = Math.round(rivalItems * part);
  const timings = await racePasses(
    [
      ways.bare.barePipeline(make(ways.bare), count),
      ways.off.flowPipeline(make(ways.off), count, meter, 'off'),
      ways.production.flowPipeline(make(ways.production), count, meter, 'production'),
      ways.OpenTelemetry.openTelemetryPipeline(make(ways.OpenTelemetry), rivalCount),
      ways['prom-client'].promClientPipeline(make(ways['prom-client']), rivalCount),
    ],
    { ...options, progress },
  );
  const rows = timings.map((timing) => ({
    ...timing,
    beyond: excess(timings, timing.name, CONTROL),
    share: share(timings, timing.name, CONTROL),
  }));
  print(
    `${title} (${count} a pass; ns each)`,
    ['', 'ns', 'noise', 'beyond the control', 'of the control', '±'],
    rows.map((row) => [
      row.name,
      digits(row.ns),
      percent(row.spread),
      digits(row.beyond.ns),
      percent(row.share.change),
      percent(row.share.error),
    ]),
  );
  groups.push({ traffic, title, items: count, rows });
}
keep('pipeline', { question: 'pipeline', machine: where, control: CONTROL, groups });
await meter.close();
