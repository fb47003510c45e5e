/**
 * The time of day is set by hours while spans are recorded (F63): no duration is negative, what was
 * told stays told, and what is new starts now. Over the native backend it is set by libfaketime,
 * without which the test is skipped by name.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenSpanData, TraceData } from 'nanometer';
import { Fixture, type FixtureOptions } from '../support/fixture';
import { BACKEND, temporaryDirectory } from '../support/surroundings';

interface Step {
  readonly hours: number;
  readonly nowMs: number;
  readonly trace: TraceData;
  readonly open: readonly OpenSpanData[];
  readonly before: readonly TraceData[];
  readonly again: readonly TraceData[];
}

const HOUR_MS = 3_600_000;
const TOLERANCE_MS = 60_000;
const preload =
  BACKEND === 'native'
    ? (spawnSync('faketime', ['-f', '+0h', 'printenv', 'LD_PRELOAD']).stdout ?? '')
        .toString()
        .trim()
    : '';
const isMissing = BACKEND === 'native' && preload === '';
const title = `the time is set by hours${isMissing ? ' (faketime is not installed)' : ''}`;

/** How the time of a fixture can be set. */
function timed(): FixtureOptions {
  if (preload === '') return {};
  const file = join(temporaryDirectory(), 'time');
  writeFileSync(file, '+0h\n');
  const monotonic = { DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const faked = { FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', ...monotonic };
  return { args: [file], env: { LD_PRELOAD: preload, ...faked } };
}

(isMissing ? test.skip : test)(title, async () => {
  const fixture = Fixture.start('time-set.cjs', timed());
  const { realMs, steps } = await fixture.next<{ realMs: number; steps: readonly Step[] }>();
  await fixture.kill();
  expect(steps.map(({ hours }) => hours)).toEqual([0, -1, 24, -24]);
  for (const { hours, nowMs, trace, open, before, again } of steps) {
    expect(Math.abs(nowMs - realMs - hours * HOUR_MS)).toBeLessThan(TOLERANCE_MS);
    expect(trace.spans.map(({ name }) => name).sort()).toEqual(
      [expect.stringMatching(/^component:parse/), expect.stringMatching(/^component:read/)].concat([
        'flow:orders',
        'over it',
      ]),
    );
    expect(trace.durationNs).toBeGreaterThan(0);
    expect(trace.durationNs).toBeLessThan(TOLERANCE_MS * 1e6);
    for (const { startMs, durationNs, events } of trace.spans) {
      expect(durationNs).toBeGreaterThanOrEqual(0);
      expect(durationNs).toBeLessThanOrEqual(trace.durationNs);
      // In the time of day as it is now, and not half of it in another.
      expect(Math.abs(startMs - nowMs)).toBeLessThan(TOLERANCE_MS);
      expect(startMs).toBeGreaterThanOrEqual(trace.startMs);
      for (const { atMs } of events) expect(atMs).toBeGreaterThanOrEqual(startMs);
    }
    expect(open).toHaveLength(1);
    expect(open[0]!.componentAgeNs).toBeGreaterThanOrEqual(0);
    expect(open[0]!.ageNs).toBeGreaterThanOrEqual(open[0]!.componentAgeNs!);
    expect(open[0]!.ageNs).toBeLessThan(TOLERANCE_MS * 1e6);
    expect(Math.abs(open[0]!.startMs - nowMs)).toBeLessThan(TOLERANCE_MS);
    expect(again).toEqual(before);
  }
});
