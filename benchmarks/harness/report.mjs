/** Prints a question's answer as a table and keeps it as JSON in `benchmarks/results`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import pc from 'picocolors';

const RESULTS = new URL('../results/', import.meta.url);

/**
 * @param {string} question The result's file name, without its ending.
 * @param {object} result Plain data; `machine` says where it was measured.
 */
export function keep(question, result) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${question}.json`, RESULTS), `${JSON.stringify(result, null, 2)}\n`);
}

/** What `keep` kept of a question; undefined where it was never asked. */
export function kept(question) {
  const file = new URL(`${question}.json`, RESULTS);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {string} title
 * @param {string[]} head
 * @param {(string | number)[][]} rows The first column is left-aligned, the others right.
 */
export function print(title, head, rows) {
  const table = new Table({
    head: head.map((cell) => pc.bold(cell)),
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: pc.isColorSupported ? ['gray'] : [], compact: true },
  });
  table.push(...rows.map((row) => row.map(String)));
  process.stdout.write(`\n${pc.bold(title)}\n${table.toString()}\n`);
}

/** A progress line on stderr: rewritten in a terminal, silent elsewhere. */
export function progress(done, of, name) {
  if (!process.stderr.isTTY) return;
  process.stderr.clearLine(0);
  process.stderr.cursorTo(0);
  process.stderr.write(pc.dim(`${Math.round((done / of) * 100)}% ${name}`));
  if (done + 1 >= of) {
    process.stderr.clearLine(0);
    process.stderr.cursorTo(0);
  }
}

/** 0.123, 1.23, 12.3, 123: three digits that matter. */
export function digits(number) {
  if (!Number.isFinite(number)) return String(number);
  if (Math.abs(number) >= 100) return String(Math.round(number));
  return number.toFixed(Math.abs(number) >= 10 ? 1 : Math.abs(number) >= 1 ? 2 : 3);
}

/** A fraction as a percentage. */
export function percent(fraction) {
  return `${(fraction * 100).toFixed(Math.abs(fraction) < 0.01 ? 2 : 1)}%`;
}
