/** A report to where it was wanted: a file, or standard output. */
import { writeFileSync } from 'node:fs';
import type { Comparison, Report } from '../../bench/report';
import { hasColours } from '../colours';
import { CommandError } from '../command-error';
import { print, say } from '../output';
import type { ReportFormat } from './options';

/** As wide as a table is where nobody says how wide the reader's window is. */
const WIDTH = 100;

/**
 * Writes a report to a file, or prints it. What cannot be written is printed all the same.
 *
 * @throws CommandError where the file cannot be written
 */
export async function deliver(
  report: Report,
  comparison: Comparison | null,
  format: ReportFormat,
  out: string | undefined,
): Promise<void> {
  if (out === undefined) {
    await print(await textOf(report, comparison, format, true));
    return;
  }
  const text = await textOf(report, comparison, format, false);
  try {
    writeFileSync(out, text);
  } catch (cause) {
    // A page is nothing to read in a terminal.
    const instead = format === 'html' ? 'table' : format;
    await print(await textOf(report, comparison, instead, true));
    const why = cause instanceof Error ? cause.message : String(cause);
    throw CommandError.failed(`the report cannot be written to ${out}: ${why}`, { cause });
  }
  say(`wrote the report to ${out}`);
}

/** @param isPrinted - for standard output, which may be a terminal */
async function textOf(
  report: Report,
  comparison: Comparison | null,
  format: ReportFormat,
  isPrinted: boolean,
): Promise<string> {
  switch (format) {
    case 'json': {
      const { jsonOf } = await import('../../bench/render/json.js');
      return jsonOf(report, comparison);
    }
    case 'html': {
      const { htmlOf } = await import('../../bench/html/html.js');
      return htmlOf(report, comparison);
    }
    case 'markdown': {
      const { markdownOf } = await import('../../bench/render/markdown.js');
      return markdownOf(report, comparison);
    }
    case 'table': {
      const { tableOf } = await import('../../bench/render/table.js');
      const { stdout } = process;
      const width = (isPrinted && stdout.isTTY ? stdout.columns : 0) || WIDTH;
      return tableOf(report, comparison, { colour: isPrinted && hasColours(stdout), width });
    }
  }
}
