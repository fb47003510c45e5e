/**
 * What does it cost to emit an event of three attributes: at the level off, where its own level is
 * above the meter's, and where it is recorded? The control is the text of it and nothing else.
 */
import { EventRace, eventRivals } from './compare/events.mjs';
import { openNanometer } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { race } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const where = machine();
const meter = openNanometer('nanometer');
const javascript = openNanometer('nanometer-javascript');
const other = await import('./compare/events.mjs?nanometer-javascript');
const ours = await EventRace.begin('nanometer', meter);
const theirs = await other.EventRace.begin('nanometer-javascript', javascript);
const rows = await race(
  [
    ours.emit('production', 'off'),
    ours.emit('diagnostic', 'production'),
    ours.emit('production', 'production'),
    theirs.emit('production', 'production'),
    ...eventRivals(),
  ],
  { progress },
);
print(
  'An event of three attributes (ns)',
  ['', 'ns', 'noise'],
  rows.map((row) => [row.name, digits(row.ns), percent(row.spread)]),
);
keep('events', { question: 'events', machine: where, rows });
await javascript.close();
await meter.close();
