/**
 * What does `flow.pipeline()` add to a bare `stream.promises.pipeline` of three stages: for each of a
 * million small objects that nobody works on, where a stage works 20 µs on each, for bytes in chunks
 * of 64 KiB, and for a pipeline at all? The bare pipeline is the control; the same stages instrumented with
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
    title: 'Small objects',
    make: (way) => way.smallObjects(),
    items: 1_000_000,
    rivalItems: 100_000,
    options: { rounds: 9, samples: 1 },
  },
  {
    title: `Objects that a stage works ${WORK_MICROS} µs on`,
    make: (way) => way.workedObjects(iterations),
    items: 20_000,
    rivalItems: 5_000,
    options: { rounds: 25, samples: 1 },
  },
  {
    title: 'Chunks of 64 KiB that a stage hashes',
    make: (way) => way.chunks(),
    items: 5_000,
    rivalItems: 2_000,
    options: { rounds: 25, samples: 1 },
  },
  {
    title: 'One object, and then another pipeline',
    make: (way) => way.oneObject(),
    items: 1,
    rivalItems: 1,
    pipelines: 1_000,
    options: { rounds: 9, samples: 2 },
  },
];

const groups = [];
for (const { title, make, items, rivalItems, pipelines = 1, options } of races) {
  const sized = (all) => ({
    items: Math.ceil(all * part),
    pipelines: Math.ceil(pipelines * part),
  });
  const size = sized(items);
  const rivalSize = sized(rivalItems);
  const timings = await racePasses(
    [
      ways.bare.barePipeline(make(ways.bare), size),
      ways.off.flowPipeline(make(ways.off), size, meter, 'off'),
      ways.production.flowPipeline(make(ways.production), size, meter, 'production'),
      ways.OpenTelemetry.openTelemetryPipeline(make(ways.OpenTelemetry), rivalSize),
      ways['prom-client'].promClientPipeline(make(ways['prom-client']), rivalSize),
    ],
    { ...options, progress },
  );
  const rows = timings.map((timing) => ({
    ...timing,
    beyond: excess(timings, timing.name, CONTROL),
    share: share(timings, timing.name, CONTROL),
  }));
  print(
    `${title} (${size.items} a pipeline; ns each)`,
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
  groups.push({ traffic: make(ways.bare).name, title, items: size.items, rows });
}
keep('pipeline', { question: 'pipeline', machine: where, control: CONTROL, groups });
await meter.close();
