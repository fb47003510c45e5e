/**
 * What do the levels cost whole pipelines: the bench's own, on both backends and beside OpenTelemetry,
 * and both examples? `nanometer bench` answers, with the intervals of its reports.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { machine } from './harness/machine.mjs';
import { keep, print, progress } from './harness/report.mjs';
import { PIPELINE_COLUMNS, pipelineRow } from './pipeline-figures.mjs';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RUNS = {
  "the bench's own": ['--self', '--duration', '30s'],
  'newline JSON': [example('ndjson.mjs'), '--duration', '20s'],
  'gzip, then hash': [example('gzip.ts'), '--concurrency', '4', '--duration', '20s'],
};

const where = machine();
const pipelines = Object.entries(RUNS).map(([name, options], place, { length }) => {
  progress(place, length, name);
  const line = [CLI, 'bench', ...options, '--json'];
  const report = JSON.parse(execFileSync(process.execPath, line, { encoding: 'utf8' }));
  return { name, harnessNs: report.harness?.nsPerElement ?? null, costs: costsOf(report) };
});
for (const { name, costs } of pipelines) {
  print(name, ['', ...PIPELINE_COLUMNS], costs.map(pipelineRow));
}
keep('pipelines', { question: 'pipelines', machine: where, pipelines });

function example(file) {
  return fileURLToPath(new URL(`../examples/bench/${file}`, import.meta.url));
}

function costsOf({ levels, overhead, environment, otherBackend }) {
  return [{ levels, overhead, backend: environment.backend }, otherBackend ?? []]
    .flat()
    .flatMap((side) =>
      side.overhead
        .filter(({ against }) => against === 'off')
        .map(({ variant, throughputLost, nsPerElement, verdict }) => ({
          name: side.backend === 'native' ? variant : `${variant}, ${side.backend} backend`,
          busyNs: side.levels.find((level) => level.variant === 'off').busyNsPerElement?.value,
          throughputLost,
          nsPerElement,
          verdict,
        })),
    );
}
