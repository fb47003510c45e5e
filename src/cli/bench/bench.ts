/** `nanometer bench`: runs a pipeline under load, reports, keeps, compares. */
import { compare } from '../../bench/baseline/compare';
import { checkName, readBaseline, saveBaseline } from '../../bench/baseline/store';
import { parseThresholds, type Thresholds } from '../../bench/baseline/thresholds';
import { reportOf } from '../../bench/figures/report-of';
import type { Measured } from '../../bench/measured';
import type { BenchPlan } from '../../bench/plan';
import { regressionsOf } from '../../bench/render/comparison';
import type { Comparison, Report } from '../../bench/report';
import { NanometerError } from '../../errors';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import { say } from '../output';
import { deliver } from './deliver';
import { interruptible } from './interruption';
import type { BenchOptions, ReportFormat } from './options';
import { withOtherBackend } from './other-backend';
import { planOf } from './plan';
import { makeView } from './view';

/** What a report is compared with. */
interface Reference {
  readonly name: string;
  readonly report: Report;
  readonly thresholds: Thresholds;
}

/**
 * Benches a pipeline.
 *
 * @throws CommandError
 */
export async function bench(
  pipeline: string | undefined,
  options: BenchOptions,
): Promise<ExitCode> {
  const plan = await planOf(pipeline, options);
  const reference = asUsage(() => {
    if (options.baseline !== undefined) checkName(options.baseline);
    return referenceOf(options);
  });
  const measured = await run(plan);
  if (measured.rounds.length === 0) {
    throw CommandError.failed('it ended before a round was measured: there is nothing to report');
  }
  // Rounds of an interrupted run are too few to be held against anything, or anything against them.
  const isWhole = measured.endedEarly !== 'interrupted';
  const own = reportOf(measured);
  const report = options.self && isWhole ? await withOtherBackend(own, plan) : own;
  const comparison =
    isWhole && reference !== null
      ? compare(reference.report, report, reference.thresholds, reference.name)
      : null;
  const failures = await settle([
    () => deliver(report, comparison, formatOf(options), options.out),
    () => (isWhole ? keep(report, options.baseline) : refuseToJudge(options)),
  ]);
  return verdict(failures, comparison);
}

function referenceOf({ compare, threshold }: BenchOptions): Reference | null {
  if (compare === undefined) {
    if (threshold === undefined) return null;
    throw CommandError.usage(
      '--threshold is for comparing: say with --compare what to compare with',
    );
  }
  const thresholds = threshold === undefined ? {} : parseThresholds(threshold);
  return { name: compare, report: readBaseline(process.cwd(), compare), thresholds };
}

async function run(plan: BenchPlan): Promise<Measured> {
  // The native binary with it: not before the command line is known to be fine.
  const { BenchFault, PipelineFault, runBench } = await import('../../bench/run/run.js');
  const view = makeView(plan);
  try {
    return await interruptible(
      (signal) => runBench(plan, { signal, onProgress: (progress) => view.show(progress) }),
      () => {
        view.end();
        say('stopping; the report so far follows (once more ends it at once)');
      },
    );
  } catch (error) {
    if (error instanceof BenchFault) throw CommandError.failed(error.message, { cause: error });
    if (error instanceof PipelineFault) throw CommandError.usage(error.message, { cause: error });
    throw error;
  } finally {
    view.end();
  }
}

function keep(report: Report, name: string | undefined): void {
  if (name === undefined) return;
  const file = saveBaseline(process.cwd(), name, report);
  say(`saved the baseline as ${file}`);
}

function refuseToJudge({ baseline, compare }: BenchOptions): void {
  if (baseline === undefined && compare === undefined) return;
  throw CommandError.failed('it was interrupted: no baseline was saved, and nothing compared');
}

/** Does one after the other, whatever becomes of those before, and gives what went wrong. */
async function settle(steps: readonly (() => Promise<void> | void)[]): Promise<Error[]> {
  const failures: Error[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(
        NanometerError.is(error)
          ? CommandError.failed(error.message, { cause: error })
          : (error as Error),
      );
    }
  }
  return failures;
}

function verdict(failures: readonly Error[], comparison: Comparison | null): ExitCode {
  const regressions = comparison === null ? [] : regressionsOf(comparison);
  for (const line of regressions) say(line);
  const [last, ...others] = failures.toReversed();
  for (const { message } of others.toReversed()) say(message);
  if (last !== undefined) throw last;
  return regressions.length > 0 ? EXIT.regression : EXIT.fine;
}

/** What is wrong with an option's value is known before anything runs. */
function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!NanometerError.is(error)) throw error;
    throw CommandError.usage(error.message, { cause: error });
  }
}

function formatOf({ json, reportFormat }: BenchOptions): ReportFormat {
  return json ? 'json' : (reportFormat ?? 'table');
}
