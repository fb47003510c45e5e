/**
 * The same service under the same load, with nanometer off and at another level, in rounds that take
 * turns, so that a machine which slows down or speeds up does so for both. A coin says which goes
 * first, and the next pair goes the other way round: nothing that comes and goes can keep step.
 */

const SETTLE_MS = 50;
const ROUND_MS = 350;
// Code that was compiled at one level only is thrown away at the first change, and compiled anew.
const WARM_UP_CHANGES = 8;
const WARM_UP_MS = 100;

/**
 * @typedef {object} Comparison
 * @property {number} pairs
 * @property {{ off: number, on: number }} perSecond Responses a second: medians.
 * @property {{ off: number, on: number }} cpuMicros Processor time of the service's whole
 *   process for one response, microseconds: medians.
 * @property {Difference} throughput On against off.
 * @property {Difference} cpu On against off.
 *
 * @typedef {object} Difference
 * @property {number} change A fraction: the median over the pairs.
 * @property {number} error Its standard error, from the pairs' own scatter: what chance would give.
 *
 * @param {import('nanometer').Meter} meter
 * @param {import('./load.mjs').Load} load
 * @param {number} ms How long it may take.
 * @param {(pairs: number) => void} progress Called once it is known how many pairs there will be.
 * @param {import('nanometer').Level} [on] The other level.
 * @returns {Promise<Comparison>}
 */
export async function compare(meter, load, ms, progress, on = 'production') {
  const pairs = Math.max(
    2,
    Math.floor((ms - WARM_UP_CHANGES * WARM_UP_MS) / (2 * (ROUND_MS + SETTLE_MS))),
  );
  const rounds = [];
  let levels = ['off', on];
  progress(pairs);
  for (let change = 0; change < WARM_UP_CHANGES; change += 1) {
    meter.level = levels[change % 2];
    await pause(WARM_UP_MS);
  }
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) levels = Math.random() < 0.5 ? ['off', on] : [on, 'off'];
    else levels = levels.toReversed();
    const measured = {};
    for (const level of levels) {
      meter.level = level;
      measured[level === 'off' ? 'off' : 'on'] = await round(load);
    }
    rounds.push(measured);
  }
  meter.level = 'production';
  return {
    pairs,
    perSecond: medians(rounds, 'perSecond'),
    cpuMicros: medians(rounds, 'cpuMicros'),
    throughput: difference(rounds, 'perSecond'),
    cpu: difference(rounds, 'cpuMicros'),
  };
}

async function round(load) {
  await pause(SETTLE_MS);
  const from = await load.mark();
  const cpuFrom = process.cpuUsage();
  await pause(ROUND_MS);
  const to = await load.mark();
  const { user, system } = process.cpuUsage(cpuFrom);
  const responses = to.responses - from.responses;
  return {
    perSecond: responses / ((to.atMs - from.atMs) / 1000),
    cpuMicros: (user + system) / responses,
  };
}

function medians(rounds, key) {
  return {
    off: median(rounds.map(({ off }) => off[key])),
    on: median(rounds.map(({ on }) => on[key])),
  };
}

function difference(rounds, key) {
  const changes = rounds.map(({ off, on }) => on[key] / off[key] - 1);
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const squares = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0);
  return {
    change: median(changes),
    error: Math.sqrt(squares / (changes.length - 1) / changes.length),
  };
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
