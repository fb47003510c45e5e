/** What every example does beside its subject: flags, tables, and how it ends. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

/**
 * `--json` prints one line of JSON and no tables; `--wait` keeps the program, and so its inspection
 * server, up until standard input ends.
 *
 * @returns {{ json: boolean, wait: boolean, files: string[] }}
 */
export function readFlags() {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' }, wait: { type: 'boolean' } },
    allowPositionals: true,
  });
  return { json: values.json ?? false, wait: values.wait ?? false, files: positionals };
}

/**
 * Prints what is known beside what `/metrics` tells, and waits if it is to. A difference makes the
 * program's exit code 1. The table leaves out what is 0 and the buckets of histograms, if they agree.
 *
 * @param {object} run
 * @param {import('nanometer').Meter} run.meter
 * @param {import('./known.mjs').Known} run.known
 * @param {{ json: boolean, wait: boolean }} run.flags
 * @param {object} [run.details] More for the JSON.
 * @param {boolean} [run.brief] The samples that agree are not listed: the example shows them itself.
 */
export async function tell({ meter, known, flags, details = {}, brief = false }) {
  const { url } = meter.inspection;
  const compared = await known.compare(url);
  const different = compared.filter(({ equal }) => !equal);
  if (different.length > 0) process.exitCode = 1;
  if (flags.json) console.log(JSON.stringify({ url, known: known.samples, ...details }));
  else {
    const tells = ({ name, value, equal }) => !equal || (value !== 0 && !name.endsWith('_bucket'));
    const shown = brief ? different : compared.filter(tells);
    if (shown.length > 0) {
      const rows = shown.map(({ name, labels, value, told, equal }) => [
        name,
        describe(labels),
        value,
        told ?? 'nothing',
        equal ? '' : 'different',
      ]);
      printTable(['sample', 'labels', 'the program knows', '/metrics tells', ''], rows);
    }
    const equal = compared.length - different.length;
    console.log(
      `${equal} of ${compared.length} samples in ${url}/metrics are what the program knows`,
    );
  }
  if (flags.wait) await untilInputEnds();
}

/** @param {string[]} head @param {(string | number)[][]} rows Numbers are aligned to the right. */
export function printTable(head, rows) {
  const isNumber = (column) => rows.some((row) => typeof row[column] === 'number');
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (isNumber(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  console.log(table.toString());
}

function describe(labels) {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.join(' ');
}

async function untilInputEnds() {
  process.stdin.resume();
  await once(process.stdin, 'end');
}
