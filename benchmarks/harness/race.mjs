/**
 * Times candidates against each other with the `benchmark` package, in interleaved rounds.
 *
 * Machines drift while they are measured: other tenants, heat, the collector. So every candidate
 * runs once a round, in an order that changes from round to round, and a ratio is taken inside a
 * round before the median over rounds is taken.
 */
import Benchmark from 'benchmark';

/** Operations that one `call()` of a candidate performs. */
export const OPERATIONS = 1024;

/**
 * Rounds where a budget is near: a machine that is fast and slow by turns, for seconds at a time, gave
 * ratios of spans and elements from 17 to 25 in the usual seven.
 */
export const MANY_ROUNDS = 35;

/**
 * @typedef {object} Candidate
 * @property {string} name Unique in its race.
 * @property {string} group What it is compared within: `counter`, `histogram`, `clock` and so on.
 * @property {() => void} call Performs `OPERATIONS` operations in a loop of its own: a loop that
 *   two candidates share would be slowed for both by the types it has seen.
 * @property {() => string | null | Promise<string | null>} [check] Judges the totals after the race,
 *   null when all is well: a loop whose work was optimised away, or lost, says so here.
 * @property {() => void} [before] Runs ahead of each round of this candidate, untimed.
 * @property {() => void} [after] Runs behind each round of this candidate, untimed.
 *
 * @typedef {object} Timing
 * @property {string} name
 * @property {string} group
 * @property {number} ns Nanoseconds an operation: the median of the rounds' best samples.
 * @property {number} spread Half the distance between the quartiles over the median: the noise.
 * @property {number[]} rounds Nanoseconds an operation, round by round.
 */

/**
 * Races the candidates and checks what they did.
 *
 * @param {Candidate[]} candidates
 * @param {{ rounds?: number, progress?: (done: number, of: number, name: string) => void }} [options]
 * @returns {Promise<Timing[]>} In the order given.
 * @throws Error when a candidate fails, or its totals are wrong.
 */
export async function race(candidates, { rounds = 7, progress = () => {} } = {}) {
  const entries = candidates.map((candidate) => ({
    candidate,
    // 20 ms a sample: long against the timer's tick, short against the scheduler's slice.
    benchmark: new Benchmark(candidate.name, candidate.call, {
      minTime: 0.02,
      maxTime: 0.1,
      minSamples: 4,
    }),
    results: [],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, entry] of turned(entries, round).entries()) {
      progress(round * entries.length + place, rounds * entries.length, entry.candidate.name);
      entry.results.push(sample(entry));
    }
  }
  return finish(entries);
}

/**
 * Checks what candidates did, and sums their rounds up.
 *
 * @param {{ candidate: Candidate, results: number[] }[]} entries Results are nanoseconds an
 *   operation, one a round.
 * @returns {Promise<Timing[]>} In the order given.
 * @throws Error when totals are wrong.
 */
export async function finish(entries) {
  for (const { candidate } of entries) {
    const complaint = (await candidate.check?.()) ?? null;
    if (complaint !== null) throw new Error(`${candidate.name}: ${complaint}`);
  }
  return entries.map(({ candidate, results }) => timingOf(candidate, results));
}

/** What a candidate's rounds come to.  */
export function timingOf({ name, group }, results) {
  return {
    name,
    group,
    ns: median(results),
    spread: (quantile(results, 0.75) - quantile(results, 0.25)) / 2 / median(results),
    rounds: results,
  };
}

/**
 * How many times slower `slow` is than `fast`: the median of the ratios within each round.
 *
 * @param {Timing[]} timings
 * @param {string} slow
 * @param {string} fast
 */
export function ratio(timings, slow, fast) {
  const [above, below] = [find(timings, slow), find(timings, fast)];
  return median(above.rounds.map((ns, round) => ns / below.rounds[round]));
}

/**
 * What `slow` takes beyond `fast`, nanoseconds an operation: within each round, and then the median.
 *
 * @param {Timing[]} timings
 * @param {string} slow
 * @param {string} fast
 * @returns {{ ns: number, error: number }} See `notch`.
 */
export function excess(timings, slow, fast) {
  const [above, below] = [find(timings, slow), find(timings, fast)];
  const beyond = above.rounds.map((ns, round) => ns - below.rounds[round]);
  return { ns: median(beyond), error: notch(beyond) };
}

/**
 * The same as a fraction of `fast`.
 *
 * @param {Timing[]} timings
 * @param {string} slow
 * @param {string} fast
 * @returns {{ change: number, error: number }} See `notch`.
 */
export function share(timings, slow, fast) {
  const [above, below] = [find(timings, slow), find(timings, fast)];
  const changes = above.rounds.map((ns, round) => ns / below.rounds[round] - 1);
  return { change: median(changes), error: notch(changes) };
}

/**
 * A timing that is made of others: sums and differences within each round, and then as any other.
 *
 * @param {string} name
 * @param {Timing[]} timings
 * @param {{ plus: string[], minus: string[] }} parts The first one added says the group.
 * @returns {Timing}
 */
export function combined(name, timings, { plus, minus }) {
  const added = plus.map((each) => find(timings, each));
  const taken = minus.map((each) => find(timings, each));
  const sum = (group, round) => group.reduce((total, { rounds }) => total + rounds[round], 0);
  const results = added[0].rounds.map((_, round) => sum(added, round) - sum(taken, round));
  return timingOf({ name, group: added[0].group }, results);
}

/**
 * How far chance may have moved a median to either side, in 19 of 20 runs: 1.57 of the distance
 * between the quartiles over the root of how many there are (McGill, Tukey and Larsen, 1978).
 */
function notch(numbers) {
  const distance = quantile(numbers, 0.75) - quantile(numbers, 0.25);
  return (1.57 * distance) / Math.sqrt(numbers.length);
}

/** The median of numbers. */
export function median(numbers) {
  return quantile(numbers, 0.5);
}

/** The q-quantile of numbers, between the two nearest where it falls between two. */
export function quantile(numbers, q) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

function sample({ candidate, benchmark }) {
  candidate.before?.();
  benchmark.run();
  candidate.after?.();
  if (benchmark.error) throw benchmark.error;
  return (Math.min(...benchmark.stats.sample) * 1e9) / OPERATIONS;
}

/** Another order for each round: forwards from a moving start, then backwards. */
export function turned(entries, round) {
  const start = Math.floor((round * entries.length) / 3) % entries.length;
  const moved = [...entries.slice(start), ...entries.slice(0, start)];
  return round % 2 === 0 ? moved : moved.reverse();
}

function find(timings, name) {
  const timing = timings.find((each) => each.name === name);
  if (!timing) throw new Error(`no candidate is named ${name}`);
  return timing;
}
