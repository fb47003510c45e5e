/** How a budget is judged: functions that make a judge of a result. */
import { excess, ratio, share } from './harness/race.mjs';
import { digits, percent } from './harness/report.mjs';

/**
 * @typedef {(result: any) => { measured: string, met: boolean | null }} Judge `null` where this run
 *   cannot tell: the noise reaches over the limit.
 */

// What allocates, and says so.
const ALLOCATES = /histogram\.start\(\)|pool\.acquire\(\)|event\.emit\(/;
// Elements and spans have budgets of their own.
const BUDGETED = ['element', 'run()', 'span'];
// What reads the clock, or what native code holds.
const CROSSES = ['clock', 'timer', 'stream', 'state', 'read'];

/** A row of ours that must allocate nothing. */
export function recording({ name, group }) {
  return name.startsWith('nanometer: ') && !BUDGETED.includes(group) && !ALLOCATES.test(name);
}

/** One that must call nothing native. */
export function clockless(row) {
  return recording(row) && !CROSSES.includes(row.group);
}

/** @returns {Judge} The most of a count among rows. */
export function most(isMeant, count, limit) {
  return ({ rows }) => {
    const counts = rows.filter(isMeant).map((each) => each[count]);
    if (counts.length === 0) return { measured: 'not measured', met: null };
    const highest = Math.max(...counts);
    return { measured: `${highest}`, met: highest <= limit };
  };
}

/** @returns {Judge} */
export function faster(ours, theirs, times) {
  return ({ rows }) => {
    const measured = ratio(rows, theirs, ours);
    return { measured: `${digits(measured)}x`, met: measured >= times };
  };
}

/** @returns {Judge} */
export function slower(ours, floor, times) {
  return ({ rows }) => {
    const measured = ratio(rows, ours, floor);
    return { measured: `${digits(measured)}x`, met: measured <= times };
  };
}

/** @returns {Judge} Nanoseconds beyond a control. */
export function adds(ours, control, limit) {
  return ({ rows }) => {
    const { ns, error } = excess(rows, ours, control);
    return { measured: `${digits(ns)} ns ± ${digits(error)}`, met: within(ns, error, limit) };
  };
}

/** @returns {Judge} A share of the time of a control. */
export function shareAdded(ours, control, limit) {
  return ({ rows }) => {
    const { change, error } = share(rows, ours, control);
    return {
      measured: `${percent(change)} ± ${percent(error)}`,
      met: within(change, error, limit),
    };
  };
}

/** @returns {Judge} The same of one kind of traffic through pipelines. */
export function inTraffic(traffic, judge) {
  return ({ groups }) => judge(groups.find((group) => group.traffic === traffic));
}

/** @returns {Judge} What a scrape adds to the longest turn that the loop takes while another process is scraped. */
export function stopped(detector) {
  return (result) => {
    const ms = Math.max(0, row(result, 'nanometer')[`${detector}AddedMs`]);
    return { measured: `${digits(ms)} ms`, met: ms <= 1 };
  };
}

/** @returns {Judge} The same of an export of one signal: the worst of these ways. */
export function stoppedByExport(signal, ways) {
  return ({ tables }) => {
    const { rows } = tables.find((each) => each.signal === signal);
    const added = rows.filter(({ name }) => ways.includes(name)).map((each) => each.spinAddedMs);
    const ms = Math.max(0, ...added);
    return { measured: `${digits(ms)} ms`, met: ms <= 1 };
  };
}

/** @returns {Judge} How much later the loop is than an idle one: the worst of these services. */
export function lateBeyondIdle(figure, services, limit) {
  return ({ rows }) => {
    const [{ value, error }] = rows
      .filter(({ name }) => services.includes(name))
      .map(({ late }) => late[figure].beyondIdle)
      .toSorted((one, other) => other.value - one.value);
    return {
      measured: `${digits(value)} ms ± ${digits(error)}`,
      met: within(value, error, limit),
    };
  };
}

/**
 * @returns {Judge} The processor time of a service as a part of that of another, each beyond a control
 *   of its own, round by round.
 */
export function thriftier(ours, theirs, times) {
  return ({ rows }) => {
    const rounds = (wanted) => rows.find(({ name }) => name === wanted).cpuRounds;
    const beyond = ({ name, control }) => {
      const free = rounds(control);
      return { name, rounds: rounds(name).map((cpu, i) => cpu - free[i]) };
    };
    const measured = ratio([beyond(ours), beyond(theirs)], theirs.name, ours.name);
    return { measured: `1/${digits(measured)}`, met: measured >= times };
  };
}

/** @returns {Judge} What throughput loses, within twice its standard error. */
export function lost(level, limit) {
  return ({ rows }) => {
    const { throughput } = rows.find((each) => each.level === level);
    const loss = -throughput.change;
    return {
      measured: `${percent(loss)} ± ${percent(throughput.error)}`,
      met: within(loss, 2 * throughput.error, limit),
    };
  };
}

/** @returns {Judge} The same of one service, on the Node that the benchmarks are run with. */
export function losesOf(service, contender, limit) {
  return ({ machine, tables }) => {
    const { rows } = tables.find((each) => each.service === service && each.node === machine.node);
    const { throughput } = rows.find(({ name }) => name === contender);
    return {
      measured: `${percent(-throughput.change)} ± ${percent(throughput.error)}`,
      met: within(-throughput.change, throughput.error, limit),
    };
  };
}

/** The row of a library. */
export function row({ rows }, library) {
  return rows.find((each) => each.library === library);
}

/** Whether a value that may be that far off holds a limit; `null` where it cannot be told. */
function within(value, error, limit) {
  if (value + error <= limit) return true;
  return value - error > limit ? false : null;
}
