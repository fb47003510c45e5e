/** `nanometer bench`: runs a pipeline under load and reports. */
import { EXIT, type ExitCode } from '../exit-code';
import { print } from '../output';
import type { BenchOptions } from './options';
import { planOf } from './plan';

/**
 * Runs, reports, compares.
 *
 * @throws CommandError
 */
export async function bench(pipeline: string, options: BenchOptions): Promise<ExitCode> {
  const plan = planOf(pipeline, options);
  await print(JSON.stringify(plan));
  return EXIT.fine;
}
