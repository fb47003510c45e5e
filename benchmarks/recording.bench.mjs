/**
 * What does it cost to record: an increment, a labelled increment, an observation, a reading of
 * the clock? The control is a bare store into a typed array; the rivals run in the same rounds.
 */
import { CANDIDATE_LIBRARIES, candidatesOf } from './compare/candidates.mjs';
import { floor } from './compare/floor.mjs';
import { clocks } from './compare/node.mjs';
import { loadCrossing } from './crossing-addon/load.mjs';
import { machine } from './harness/machine.mjs';
import { race, ratio } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const GROUPS = ['floor', 'counter', 'labelled counter', 'gauge', 'histogram', 'clock', 'timer'];

const where = machine();
const candidates = [...floor(loadCrossing()), ...clocks()];
for (const library of CANDIDATE_LIBRARIES) candidates.push(...(await candidatesOf(library)));
const timings = await race(candidates, { progress });
const rows = timings.map((timing) => ({
  ...timing,
  toFloor: ratio(timings, timing.name, candidates[0].name),
}));
for (const group of GROUPS) {
  print(
    `${group} (ns a call)`,
    ['', 'ns', 'noise', 'to the floor'],
    rows
      .filter((row) => row.group === group)
      .map((row) => [row.name, digits(row.ns), percent(row.spread), `${digits(row.toFloor)}x`]),
  );
}
keep('recording', { question: 'recording', machine: where, rows });
process.exit();
