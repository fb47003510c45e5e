/**
 * What does it cost to take one element through a flow of three components, beyond what the
 * components do? The control is the same three functions called bare; what reads the clock is told
 * apart, since it is most of it. OpenTelemetry and prom-client do the same in the same rounds.
 */
import { openNanometer } from './compare/libraries.mjs';
import { bareElement, clockReadings, elementRivals } from './compare/element-work.mjs';
import { asyncRun, bareAwait, bareRun, element, elementParts } from './compare/elements.mjs';
import { machine } from './harness/machine.mjs';
import { racePasses } from './harness/passes.mjs';
import { excess, race } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const OURS = 'nanometer';
const LEVELS = ['off', 'production', 'diagnostic'];
const CONTROLS = {
  element: 'three bare calls',
  'run()': 'a bare call',
  'async run()': 'await of a bare call',
};

const where = machine();
const meter = openNanometer(OURS);
const javascript = openNanometer('nanometer-javascript');
const elements = await import('./compare/elements.mjs?nanometer-javascript');
const timings = [
  ...(await race(
    [
      bareElement(),
      ...LEVELS.map((level) => element(OURS, meter, level)),
      elements.element('nanometer-javascript', javascript, 'production'),
      clockReadings(OURS, meter),
      ...elementRivals(),
    ],
    { progress },
  )),
  ...(await race(
    [bareRun(), ...elementParts(OURS, meter, 'off'), ...elementParts(OURS, meter, 'production')],
    { progress },
  )),
  ...(await racePasses(
    [bareAwait(), asyncRun(OURS, meter, 'off'), asyncRun(OURS, meter, 'production')],
    { samples: 64, progress },
  )),
];
const rows = timings.map((timing) => ({
  ...timing,
  beyond: excess(timings, timing.name, CONTROLS[timing.group]),
}));
for (const group of Object.keys(CONTROLS)) {
  print(
    `${group} (ns)`,
    ['', 'ns', 'noise', 'beyond the control'],
    rows
      .filter((row) => row.group === group)
      .map((row) => [row.name, digits(row.ns), percent(row.spread), digits(row.beyond.ns)]),
  );
}
keep('element', { question: 'element', machine: where, groups: Object.keys(CONTROLS), rows });
await javascript.close();
await meter.close();
