/** Options to a plan: what goes together and what does not. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BenchPlan, InputFile } from '../../bench/plan';
import { CommandError } from '../command-error';
import type { BenchOptions } from './options';

/**
 * The plan of a run.
 *
 * @param pipeline - the path of the pipeline's module, as given
 * @throws CommandError where options do not go together
 */
export function planOf(pipeline: string, options: BenchOptions): BenchPlan {
  checkRoom(options);
  checkFormat(options);
  const ratePerSecond = options.rate ?? null;
  return {
    file: resolve(pipeline),
    durationMs: options.duration,
    warmupMs: options.warmup,
    roundMs: options.round,
    variants: options.levels,
    concurrency: options.concurrency ?? (ratePerSecond === null ? 1 : null),
    ratePerSecond,
    workers: options.workers,
    input: inputOf(options),
    seed: options.seed,
    hangMs: options.hang,
  };
}

/** Each level needs a round to itself. */
function checkRoom({ duration, round, levels }: BenchOptions): void {
  const needed = round * levels.length;
  if (duration >= needed) return;
  throw CommandError.usage(
    `--duration ${duration}ms has no room for a round of ${round}ms at each of ` +
      `${levels.join(', ')}: give it ${needed}ms or more, or shorter rounds with --round`,
  );
}

function checkFormat({ json, reportFormat = 'json' }: BenchOptions): void {
  if (!json || reportFormat === 'json') return;
  throw CommandError.usage(`--json and --report-format ${reportFormat}: give one of them`);
}

function inputOf({ input, inputAs }: BenchOptions): InputFile | null {
  if (input === undefined) {
    if (inputAs === undefined) return null;
    throw CommandError.usage('--input-as says what --input is read as: give --input FILE, too');
  }
  const path = resolve(input);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? '?'})`;
    throw CommandError.usage(`--input ${input}: ${why}`, { cause });
  }
  if (!statSync(path).isFile()) throw CommandError.usage(`--input ${input} is no file`);
  return { path, as: inputAs ?? 'lines' };
}
