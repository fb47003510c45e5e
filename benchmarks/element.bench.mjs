/**
 * What does it cost to take one element through a flow of three components, beyond what the
 * components do? The control is the same three functions called bare; what reads the clock, and what
 * tracing adds, is told apart. OpenTelemetry and prom-client do the same in the same rounds.
 */
import { openNanometer } from './compare/libraries.mjs';
import { bareElement, clockReadings, elementRivals } from './compare/element-work.mjs';
import { bareAwait, bareRun } from './compare/elements.mjs';
import { machine } from './harness/machine.mjs';
import { racePasses } from './harness/passes.mjs';
import { excess, MANY_ROUNDS, race } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const OURS = 'nanometer';
const UNTRACED = 'nanometer, no tracing';
const LEVELS = ['off', 'production', 'diagnostic'];
const CONTROLS = {
  element: 'three bare calls',
  'run()': 'a bare call',
  'async run()': 'await of a bare call',
};

const where = machine();
const meter = openNanometer(OURS);
const untraced = openNanometer(OURS, { service: 'untraced', tracing: false });
const javascript = openNanometer('nanometer-javascript');
// Loops of its own for each level: a program's loop sees one of them for most of its life.
const [off, production, diagnostic, withoutTracing, onJavascript] = await Promise.all(
  [...LEVELS, UNTRACED, 'nanometer-javascript'].map(
    (way) => import(`./compare/elements.mjs?${way}`),
  ),
);
const timings = [
  ...(await race(
    [
      bareElement(),
      off.element(OURS, meter, 'off'),
      production.element(OURS, meter, 'production'),
      withoutTracing.element(UNTRACED, untraced, 'production'),
      diagnostic.element(OURS, meter, 'diagnostic'),
      onJavascript.element('nanometer-javascript', javascript, 'production'),
      clockReadings(OURS, meter),
      ...elementRivals(),
    ],
    { rounds: MANY_ROUNDS, progress },
  )),
  ...(await race(
    [
      bareRun(),
      ...off.elementParts(OURS, meter, 'off'),
      ...production.elementParts(OURS, meter, 'production'),
      ...withoutTracing.elementParts(UNTRACED, untraced, 'production'),
    ],
    { rounds: MANY_ROUNDS, progress },
  )),
  ...(await racePasses(
    [bareAwait(), off.asyncRun(OURS, meter, 'off'), production.asyncRun(OURS, meter, 'production')],
    { rounds: MANY_ROUNDS, samples: 64, progress },
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
await untraced.close();
await meter.close();
