/**
 * What does it cost to remember for whom something was recorded: where exemplars are off, where they
 * are on and no trace is active, and in a trace? The control is the same call without the option.
 */
import { openNanometer } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { excess, race } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const ROUNDS = 21;
const WITHOUT = 'without exemplars';
const OUTSIDE = 'with exemplars, in no trace';
const WITHIN = 'with exemplars, in a trace';

const where = machine();
const plain = openNanometer('nanometer', { service: 'plain' });
const marked = openNanometer('nanometer', {
  service: 'marked',
  tracing: { sampleRate: 0, exemplars: true },
});
const other = openNanometer('nanometer', {
  service: 'other',
  tracing: { sampleRate: 0, exemplars: true },
});
const [control, outside, within] = await Promise.all(
  ['plain', 'outside', 'within'].map((query) => import(`./compare/exemplars.mjs?${query}`)),
);
const timings = await race(
  [
    ...control.exemplars(WITHOUT, plain, null),
    ...outside.exemplars(OUTSIDE, other, null),
    ...within.exemplars(WITHIN, marked, marked.span('raced')),
  ],
  { rounds: ROUNDS, progress },
);
const groups = ['counter', 'histogram'];
const rows = timings.map((timing) => {
  const call = timing.name.split(', ')[0];
  return { ...timing, beyond: excess(timings, timing.name, `${call}, ${WITHOUT}`) };
});
for (const group of groups) {
  print(
    `${group} (ns a call)`,
    ['', 'ns', 'noise', 'beyond', '±'],
    rows
      .filter((row) => row.group === group)
      .map((row) => [
        row.name,
        digits(row.ns),
        percent(row.spread),
        digits(row.beyond.ns),
        digits(row.beyond.error),
      ]),
  );
}
keep('exemplar', { question: 'exemplar', machine: where, groups, rows });
await Promise.all([plain.close(), marked.close(), other.close()]);
