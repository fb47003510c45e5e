/**
 * What does it cost to write a metric of a catalog, by name and by index, and to read all 99 of the
 * catalog `session`, or what was added to them? prom-client and OpenTelemetry have the same metrics,
 * and run in the same rounds.
 */
import { readRivals, writeRivals } from './compare/catalog-rivals.mjs';
import { catalogReads, catalogWrites, plainCells } from './compare/catalogs.mjs';
import { openNanometer } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { racePasses } from './harness/passes.mjs';
import { race } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const GROUPS = ['write', 'read'];

const where = machine();
const meter = openNanometer('nanometer');
const javascript = openNanometer('nanometer-javascript');
const other = await import('./compare/catalogs.mjs?nanometer-javascript');
const rows = [
  ...(await race(
    [
      plainCells(),
      ...catalogWrites('nanometer', meter),
      ...other.catalogWrites('nanometer-javascript', javascript),
      ...writeRivals(),
    ],
    { progress },
  )),
  ...(await racePasses(
    [
      ...catalogReads('nanometer', meter),
      ...other.catalogReads('nanometer-javascript', javascript),
      ...readRivals(),
    ],
    { samples: 16, progress },
  )),
];
for (const group of GROUPS) {
  print(
    `${group} (ns a call)`,
    ['', 'ns', 'noise'],
    rows
      .filter((row) => row.group === group)
      .map((row) => [row.name, digits(row.ns), percent(row.spread)]),
  );
}
keep('catalog', { question: 'catalog', machine: where, groups: GROUPS, rows });
await javascript.close();
await meter.close();
