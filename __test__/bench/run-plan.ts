/** Plans of short runs of the fixtures, and what becomes of them. */
import { join } from 'node:path';
import type { Measured } from '../../dist/bench/measured';
import type { BenchPlan } from '../../dist/bench/plan';
import { runBench } from '../../dist/bench/run/run';

/** The file of a fixture. */
export function fixture(name: string): string {
  return join(__dirname, 'fixtures', name);
}

/** A short run of a fixture: three rounds of 20 ms at one variant where nothing else is said. */
export function planOf(name: string, changes: Partial<BenchPlan> = {}): BenchPlan {
  return {
    file: fixture(name),
    durationMs: 60,
    warmupMs: 20,
    roundMs: 20,
    variants: ['production'],
    concurrency: 1,
    ratePerSecond: null,
    workers: 1,
    input: null,
    seed: 1,
    // Far more than any thread is ever held up by others.
    hangMs: 20_000,
    ...changes,
  };
}

/** Runs it. */
export function run(name: string, changes: Partial<BenchPlan> = {}): Promise<Measured> {
  return runBench(planOf(name, changes));
}

/** How a run fails: the fault's name, component and message. */
export async function faultOf(
  name: string,
  changes: Partial<BenchPlan> = {},
): Promise<{ name: string; component: string | null | undefined; message: string }> {
  try {
    await run(name, changes);
  } catch (error) {
    const { name: kind, component, message } = error as Error & { component?: string | null };
    return { name: kind, component, message };
  }
  throw new Error('the run did not fail');
}
