/**
 * Runs named steps one after the other, says where it is, and closes with a summary.
 *
 * A step is `{ name, run, fix? }`: `run(isHeld)` resolves to `PASSED`, `FAILED` or `skipped(why)`;
 * `fix` is the command that puts a failure right. All steps run, whether or not an earlier one
 * failed, so that one look at the summary shows everything there is to do; with `bail` the first
 * failure ends the run.
 *
 * Steps in an array of their own run at the same time. All but the first of them are held: what they
 * print is shown when they have ended.
 */

export const PASSED = { state: 'passed' };
export const FAILED = { state: 'failed' };

/** The result of a step that could not run here. */
export function skipped(why) {
  return { state: 'skipped', why };
}

/** Steps that run one after the other beside another: one step, which fails where any of them does. */
export function inTurn(...steps) {
  return {
    name: steps.map(({ name }) => name).join(', then '),
    run: async (isHeld) => {
      const results = [];
      for (const step of steps) results.push(await step.run(isHeld));
      return results.find((result) => result === FAILED) ?? results[0];
    },
  };
}

const MARKS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };

/** Runs the steps; resolves to true when none failed. */
export async function runSteps(title, steps, { bail = false } = {}) {
  const lines = [];
  let failures = 0;
  let count = 0;
  const total = steps.flat().length;
  const started = performance.now();

  for (const group of steps.map((entry) => [entry].flat())) {
    const from = count + 1;
    count += group.length;
    const numbers = group.length === 1 ? from : `${from}-${count}`;
    const names = group.map(({ name }) => name).join(', and ');
    console.log(`\n==> [${numbers}/${total}] ${title}: ${names}`);
    const results = await Promise.all(group.map((step, place) => take(step, place > 0)));
    lines.push(...results.map(({ line }) => line));
    const failed = results.filter(({ hasFailed }) => hasFailed).length;
    failures += failed;
    if (failed > 0 && bail) break;
  }

  const verdict = failures === 0 ? 'all well' : `${failures} of ${total} steps failed`;
  const took = seconds(performance.now() - started);
  console.log(`\n${title}: ${verdict} (${took})\n${lines.join('\n')}`);
  return failures === 0;
}

/** Runs one step; resolves to its line of the summary, and whether it failed. */
async function take(step, isHeld) {
  const started = performance.now();
  let result;
  try {
    result = await step.run(isHeld);
  } catch (error) {
    console.error(error);
    result = FAILED;
  }
  const took = seconds(performance.now() - started);
  const hasFailed = result === FAILED;
  const remedy = hasFailed && step.fix ? `  put right with: ${step.fix}` : '';
  const reason = result.state === 'skipped' ? `  ${result.why}` : '';
  const line = `  ${MARKS[result.state]} ${took.padStart(7)}  ${step.name}${reason}${remedy}`;
  return { line, hasFailed };
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
