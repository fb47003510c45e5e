/** The section of a comparison with a baseline. */
import type { Comparison, ComparisonLine } from '../report';
import type { Cell, Section, Tone } from './section';
import { change, count, interval, NO_FIGURE, time } from './units';

const TONES: Readonly<Record<ComparisonLine['judgement'], Tone>> = {
  better: 'good',
  same: 'faint',
  worse: 'careful',
  undecided: 'faint',
};

/** Its lines, regressions marked, and what came of it in a sentence. */
export function comparisonSection(comparison: Comparison): Section {
  const { baseline, baselineStartedAt, lines } = comparison;
  return {
    title: `Compared with ${baseline} (${baselineStartedAt.slice(0, 16).replace('T', ' ')} UTC)`,
    head: ['', 'before', 'after', 'change', '95% interval', 'limit', ''],
    rows: lines.map((line) => {
      const format = line.unit === 'ns' ? time : count;
      return [
        line.isRegression ? { text: line.metric, tone: 'bad' } : line.metric,
        format(line.before.value),
        format(line.after.value),
        change(line.change.value),
        interval(line.change, change),
        line.threshold === null ? NO_FIGURE : change(line.threshold),
        judgementOf(line),
      ];
    }),
    sentences: [verdictOf(comparison)],
  };
}

/** The lines that regressed, as sentences; for whoever prints nothing else. */
export function regressionsOf({ lines }: Comparison): string[] {
  return lines
    .filter(({ isRegression }) => isRegression)
    .map((line) => {
      const format = line.unit === 'ns' ? time : (value: number) => `${count(value)}/s`;
      return (
        `${line.metric} regressed by ${change(line.change.value)} (${interval(line.change, change)}), ` +
        `from ${format(line.before.value)} to ${format(line.after.value)}; ` +
        `${change(line.threshold ?? 0)} is allowed`
      );
    });
}

function judgementOf(line: ComparisonLine): Cell {
  return line.isRegression
    ? { text: '✗ regression', tone: 'bad' }
    : { text: line.judgement, tone: TONES[line.judgement] };
}

function verdictOf({ lines }: Comparison): Cell {
  const regressed = lines.filter(({ isRegression }) => isRegression);
  if (regressed.length > 0) {
    return { text: `Regressed: ${regressed.map(({ metric }) => metric).join(', ')}.`, tone: 'bad' };
  }
  const isJudged = lines.some(({ threshold }) => threshold !== null);
  return isJudged
    ? { text: 'No regression.', tone: 'good' }
    : { text: 'No --threshold was given, so nothing is a regression.', tone: 'faint' };
}
