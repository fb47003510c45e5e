/** The options of `nanometer bench`, each on its own; what goes together is in `plan.ts`. */
import { type Command, Option } from 'commander';
import { type Level, LEVELS } from '../../level';
import { duration, durationOrNone, listOf, positive, wholeNumber } from '../values';

/** How a report is written. */
export const REPORT_FORMATS = ['table', 'markdown', 'json', 'html'] as const;

/** One of them. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** As they were given, durations in milliseconds. */
export interface BenchOptions {
  readonly duration: number;
  readonly warmup: number;
  readonly round: number;
  readonly levels: readonly Level[];
  readonly workers: number;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly input?: string;
  readonly inputAs?: 'lines' | 'bytes';
  readonly seed: number;
  readonly self?: true;
  readonly hang: number;
  readonly reportFormat?: ReportFormat;
  readonly json?: true;
  readonly out?: string;
  readonly baseline?: string;
  readonly compare?: string;
  readonly threshold?: string;
}

/** Gives them to a command. */
export function withBenchOptions(command: Command): Command {
  return command
    .optionsGroup('Load:')
    .addOption(
      new Option('--duration <time>', 'how long it is measured, all levels together')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--warmup <time>', 'how long it runs before that')
        .argParser(durationOrNone)
        .default(2_000, '2s'),
    )
    .option(
      '--concurrency <n>',
      'elements in flight in each worker (default: 1; no bound at a rate)',
      wholeNumber(1, 1_000_000),
    )
    .option('--rate <n>', 'elements a second, on schedule: an open loop', positive)
    .option('--workers <n>', 'threads that each run the pipeline', wholeNumber(1, 256), 1)
    .option('--input <file>', 'elements from this file, in place of the source')
    .addOption(
      new Option('--input-as <what>', 'its lines (default), or 64 KiB of its bytes').choices([
        'lines',
        'bytes',
      ]),
    )
    .option('--seed <n>', 'of everything random', wholeNumber(0, 2 ** 32 - 1), 1)
    .optionsGroup('Measuring:')
    .addOption(
      new Option(
        '--self',
        "the bench's own pipeline, on both backends and beside OpenTelemetry",
      ).conflicts('input'),
    )
    .addOption(
      new Option('--levels <list>', 'what rounds take turns in')
        .argParser(listOf(LEVELS))
        .default(LEVELS, LEVELS.join(',')),
    )
    .addOption(
      new Option('--round <time>', 'one round, of one level')
        .argParser(duration)
        .default(250, '250ms'),
    )
    .addOption(
      new Option('--hang <time>', 'no element for so long is a hang')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .optionsGroup('Report:')
    .addOption(
      new Option(
        '--report-format <format>',
        'how it is written: as a table where not said',
      ).choices(REPORT_FORMATS),
    )
    .option('--json', 'the same as --report-format json')
    .option('--out <file>', 'write it there, in place of standard output')
    .optionsGroup('Comparison:')
    .option('--baseline <name>', 'keep the report as .nanometer/baselines/NAME.json')
    .option('--compare <name-or-file>', 'compare the report with a baseline')
    .option('--threshold <list>', 'what is a regression, as throughput=-5%,p99=+10%');
}
