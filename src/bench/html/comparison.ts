/** The section of a comparison with a baseline: what changed, how surely, and what is a regression. */
import type { Comparison, ComparisonLine } from '../report';
import type { D3 } from './d3';
import { figure } from './figure';
import { heightOf, intervalsOf } from './intervals';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import { noticesOf } from './notices';
import type { Section } from './section';
import { verdict } from './section';
import { table } from './table';
import { change, counted, enumeration, interval, NOTHING, rate, share, time } from './words';

const JUDGEMENTS = {
  better: verdict('good', '✓', 'better'),
  worse: verdict('open', '↓', 'worse'),
  same: verdict('plain', '=', 'the same'),
  undecided: verdict('open', '?', 'undecided'),
} as const;
const REGRESSION = verdict('bad', '✕', 'regression');

/** A comparison. */
export function comparisonSection(comparison: Comparison, d3: D3): Section {
  const { lines, warnings } = comparison;
  return {
    id: 'comparison',
    title: 'Against the baseline',
    name: 'Baseline',
    lead: leadOf(comparison),
    body: [noticesOf(warnings, 'warning'), lines.length > 0 && [drawn(lines, d3), numbers(lines)]],
  };
}

function leadOf({ baseline, baselineStartedAt, isSameMachine, drift, lines }: Comparison): Content {
  const regressions = lines.filter(({ isRegression }) => isRegression).map(({ metric }) => metric);
  const found =
    regressions.length === 0
      ? 'No regression beyond the thresholds'
      : markup`<strong>${counted(regressions.length, 'regression')}</strong>: ${enumeration(regressions)}`;
  const machine = isSameMachine ? 'this machine' : 'another machine';
  const pace = drift !== null && drift < 0 ? 'faster' : 'slower';
  const drifted =
    drift !== null && `; a fixed piece of work was ${share(Math.abs(drift))} ${pace} now than then`;
  return markup`${found}. The baseline <code>${baseline}</code> is of ${day(baselineStartedAt)}, from ${machine}${drifted}.`;
}

/** Without the parts of a moment that say nothing here. */
export const day = (iso: string): string =>
  iso.replace('T', ', ').replace(/:\d\d(\.\d+)?Z$/, ' UTC');

function kindOf({ isRegression, judgement }: ComparisonLine): string {
  return isRegression ? 'bad' : judgement === 'better' ? 'good' : 'plain';
}

function drawn(lines: readonly ComparisonLine[], d3: D3): Markup {
  const rows = lines.map((one) => ({
    name: one.metric,
    said: `${change(one.change.value)} ${one.isRegression ? '✕ regression' : one.judgement}`,
    kind: kindOf(one),
    estimate: one.change,
    mark:
      one.threshold === null
        ? null
        : { at: one.threshold, said: `threshold ${change(one.threshold)}` },
  }));
  return figure({
    id: 'changes',
    title: 'Change since the baseline',
    legend: markup`<p class="legend"><span><i class="wide"></i> 95% interval</span><span><i class="upright"></i> threshold</span></p>`,
    description: rows
      .map(({ name, said, estimate }) => `${name}: ${said}, interval ${interval(estimate, change)}`)
      .join('; '),
    height: heightOf(rows),
    drawing: intervalsOf(rows, change, d3),
    numbers: null,
  });
}

function numbers(lines: readonly ComparisonLine[]): Markup {
  return table({
    caption: 'Change since the baseline',
    head: ['Figure', 'Before', 'Now', 'Change', '95% interval', 'Threshold', 'Judgement'],
    words: [6],
    rows: lines.map((one) => {
      const say = one.unit === 'ns' ? time : rate;
      return [
        one.metric,
        say(one.before.value),
        say(one.after.value),
        change(one.change.value),
        interval(one.change, change),
        one.threshold === null ? NOTHING : change(one.threshold),
        one.isRegression ? REGRESSION : JUDGEMENTS[one.judgement],
      ];
    }),
  });
}
