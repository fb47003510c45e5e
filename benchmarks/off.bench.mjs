/** What does a recording call cost that records nothing, because the level is off? */
import { openNanometer } from './compare/libraries.mjs';
import { plain, plainOfValues } from './compare/floor.mjs';
import { nanometer } from './compare/nanometer.mjs';
import { machine } from './harness/machine.mjs';
import { race, ratio } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const where = machine();
const meter = openNanometer('nanometer');
const floor = plain();
const candidates = nanometer('off', meter).map(silenced);
const timings = await race([floor, plainOfValues(), ...candidates], { progress });
const rows = timings.map((timing) => ({
  ...timing,
  toFloor: ratio(timings, timing.name, floor.name),
}));
print(
  'At level off (ns a call)',
  ['', 'ns', 'noise', 'to the floor'],
  rows.map((row) => [row.name, digits(row.ns), percent(row.spread), `${digits(row.toFloor)}x`]),
);
keep('off', { question: 'off', machine: where, rows });
await meter.close();

/**
 * The same loops, with the level off while they are timed. Their own check must then fail by
 * everything: what is checked instead is that nothing was recorded, and that the handles are live.
 */
function silenced(candidate) {
  const off = () => (meter.level = 'off');
  const on = () => (meter.level = 'production');
  const recorded = () => JSON.stringify(series());
  let untouched = null;
  return {
    ...candidate,
    before: () => {
      untouched = recorded();
      off();
    },
    after: () => {
      on();
      if (recorded() !== untouched) throw new Error(`${candidate.name} recorded at level off`);
    },
    check: () => {
      const silent = recorded();
      candidate.call();
      return recorded() === silent ? 'records nothing at production either' : null;
    },
  };
}

/** What holds anything: a series that was looked up and not recorded into is no record. */
function series() {
  return meter
    .snapshot()
    .toJSON()
    .metrics.filter(({ name }) => name.startsWith('bench.'))
    .map(({ name, series: all }) => [
      name,
      all.filter(({ value, histogram }) => (histogram?.count ?? value) !== 0),
    ]);
}
