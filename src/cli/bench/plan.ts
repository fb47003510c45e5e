/** Options to a plan: what goes together and what does not. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BenchPlan, InputFile } from '../../bench/plan';
import { CommandError } from '../command-error';
import type { BenchOptions } from './options';

/**
 * The plan of a run.
 *
 * @param pipeline - the path of the pipeline's module, as given; none where the bench's own is wanted
 * @throws CommandError where options do not go together: as a rejection
 */
export async function planOf(
  pipeline: string | undefined,
  options: BenchOptions,
): Promise<BenchPlan> {
  checkFormat(options);
  const ratePerSecond = options.rate ?? null;
  const plan = {
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
  return checkRoom(await withFile(plan, pipeline, options.self === true));
}

async function withFile(
  plan: Omit<BenchPlan, 'file'>,
  pipeline: string | undefined,
  isSelf: boolean,
): Promise<BenchPlan> {
  if (isSelf) {
    if (pipeline !== undefined) {
      throw CommandError.usage(`--self has a pipeline of its own: leave ${pipeline} out`);
    }
    const { selfPlan } = await import('../../bench/self/plan.js');
    return selfPlan(plan);
  }
  if (pipeline !== undefined) return { ...plan, file: resolve(pipeline) };
  throw CommandError.usage("missing required argument 'PIPELINE': the module of a pipeline");
}

/** Each variant needs a round to itself. */
function checkRoom(plan: BenchPlan): BenchPlan {
  const { durationMs, roundMs, variants } = plan;
  const needed = roundMs * variants.length;
  if (durationMs >= needed) return plan;
  throw CommandError.usage(
    `--duration ${durationMs}ms has no room for a round of ${roundMs}ms at each of ` +
      `${variants.join(', ')}: give it ${needed}ms or more, or shorter rounds with --round`,
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
