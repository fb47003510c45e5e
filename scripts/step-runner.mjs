/**
 * Runs named steps one after the other, says where it is, and closes with a summary.
 *
 * A step is `{ name, run, fix? }`: `run()` resolves to `PASSED`, `FAILED` or `skipped(why)`; `fix`
 * is the command that puts a failure right. All steps run, whether or not an earlier one failed,
 * so that one look at the summary shows everything there is to do; with `bail` the first failure
 * ends the run.
 */

export const PASSED = { state: 'passed' };
export const FAILED = { state: 'failed' };

/** The result of a step that could not run here. */
export function skipped(why) {
  return { state: 'skipped', why };
}

const MARKS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };

/** Runs the steps; resolves to true when none failed. */
export async function runSteps(title, steps, { bail = false } = {}) {
  const lines = [];
  let failures = 0;
  const started = performance.now();

  for (const [index, step] of steps.entries()) {
    console.log(`\n==> [${index + 1}/${steps.length}] ${title}: ${step.name}`);
    const stepStarted = performance.now();
    let result;
    try {
      result = await step.run();
    } catch (error) {
      console.error(error);
      result = FAILED;
    }
    const took = seconds(performance.now() - stepStarted);
    const remedy = result === FAILED && step.fix ? `  put right with: ${step.fix}` : '';
    const reason = result.state === 'skipped' ? `  ${result.why}` : '';
    lines.push(`  ${MARKS[result.state]} ${took.padStart(7)}  ${step.name}${reason}${remedy}`);
    if (result === FAILED) {
      failures += 1;
      if (bail) break;
    }
  }

  const verdict = failures === 0 ? 'all well' : `${failures} of ${steps.length} steps failed`;
  const total = seconds(performance.now() - started);
  console.log(`\n${title}: ${verdict} (${total})\n${lines.join('\n')}`);
  return failures === 0;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
