/** The section of levels: what each gives, round by round, and what it costs against the budgets. */
import type { Report, ReportLevel, ReportOverhead } from '../report';
import type { D3 } from './d3';
import { below } from './axis';
import { dot, figure, line, text, WIDTH } from './figure';
import { heightOf, intervalsOf } from './intervals';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Section } from './section';
import { verdict } from './section';
import { table } from './table';
import { interval, NOTHING, rate, share, shortened, time, variantName, whole } from './words';

const ROW = 54;

/** Levels on one backend. */
type Levels = Pick<Report, 'levels' | 'overhead'>;

/** What is said of the other backend is named by it. */
interface Place {
  /** Ends ids. */
  readonly id: string;
  /** Ends titles. */
  readonly said: string;
}

const HERE: Place = { id: '', said: '' };

/** Levels and their overhead. */
export function overheadSection(report: Levels, d3: D3): Section {
  return sectionAt(report, d3, HERE, 'Levels');
}

/** The same on the other backend; none where it was not run. */
export function otherBackendSections({ otherBackend: of }: Report, d3: D3): Section[] {
  if (of === undefined) return [];
  const place = { id: `-${of.backend}`, said: ` on the ${of.backend} backend` };
  return [sectionAt(of, d3, place, `Levels, ${of.backend}`)];
}

function sectionAt({ levels, overhead }: Levels, d3: D3, at: Place, name: string): Section {
  return {
    id: `overhead${at.id}`,
    title: `What each level costs${at.said}`,
    name,
    lead: leadOf(levels, overhead),
    body: [
      levels.length > 0 && rounds(levels, d3, at),
      overhead.length > 0 && [
        markup`<div class="pair">${lost(overhead, d3, at)}${cost(overhead, d3, at)}</div>`,
        verdicts(overhead, at),
      ],
      levels.length > 0 && numbers(levels, at),
    ],
  };
}

function leadOf(levels: readonly ReportLevel[], overhead: readonly ReportOverhead[]): Content {
  if (levels.length === 0) return 'No round ended.';
  if (overhead.length === 0) {
    return 'Only one level was run, so there is nothing to compare it with. Run with --levels off,production,diagnostic.';
  }
  return 'Rounds took turns, so that what the machine did meanwhile met all of them alike. A bar is the 95% confidence interval of a median over rounds; the budget lies within what cannot be told apart where the bar crosses it.';
}

/** Each round a point: how far apart they lie is the noise. */
function rounds(levels: readonly ReportLevel[], d3: D3, at: Place): Markup {
  const values = levels.flatMap(({ samples }) => samples.elementsPerSecond);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = (most - least) * 0.05 || Math.max(most, 1) * 0.01;
  const x = d3.scaleLinear([least - margin, most + margin], [10, WIDTH - 10]);
  const bottom = levels.length * ROW;
  return figure({
    id: `rounds${at.id}`,
    title: `Elements a second, each round a point${at.said}`,
    description: levels
      .map(
        (one) =>
          `${variantName(one.variant)}: ${rate(one.elementsPerSecond.value)}, rounds from ${rate(Math.min(...one.samples.elementsPerSecond))} to ${rate(Math.max(...one.samples.elementsPerSecond))}`,
      )
      .join('; '),
    height: bottom + 28,
    drawing: [
      below(x, x.ticks(5), rate, [0, bottom]),
      levels.map(({ variant, elementsPerSecond: of, samples }, index) => {
        const y = index * ROW + 36;
        return [
          text(0, y - 17, variantName(variant), 'name halo'),
          text(WIDTH, y - 17, rate(of.value), 'value halo', true),
          samples.elementsPerSecond.map((value, round) =>
            dot(`sample ${variant}`, x(value), y + ((round % 3) - 1) * 4, 4.5, rate(value)),
          ),
          line(`median ${variant}`, [x(of.value), y - 12], [x(of.value), y + 12]),
        ];
      }),
    ],
    numbers: null,
  });
}

function lost(overhead: readonly ReportOverhead[], d3: D3, at: Place): Markup {
  return held(`lost${at.id}`, `Throughput lost${at.said}`, overhead, d3, {
    say: share,
    of: (one) => one.throughputLost,
    budget: (one) => one.budget?.throughputLost,
  });
}

function cost(overhead: readonly ReportOverhead[], d3: D3, at: Place): Markup {
  return held(`cost${at.id}`, `Time of the loop, an element${at.said}`, overhead, d3, {
    say: time,
    of: (one) => one.nsPerElement,
    budget: (one) => one.budget?.nsPerElement,
  });
}

interface Held {
  readonly say: (value: number) => string;
  readonly of: (one: ReportOverhead) => ReportOverhead['throughputLost'];
  readonly budget: (one: ReportOverhead) => number | undefined;
}

/** Figures held against budgets. */
function held(
  id: string,
  title: string,
  overhead: readonly ReportOverhead[],
  d3: D3,
  { say, of, budget }: Held,
): Markup {
  const rows = overhead.map((one) => {
    const allowed = budget(one);
    const mark = allowed === undefined ? null : { at: allowed, said: `budget ${say(allowed)}` };
    const name = shortened(versus(one), 28);
    return { name, said: say(of(one).value), kind: one.variant, estimate: of(one), mark };
  });
  return figure({
    id,
    title,
    legend:
      rows.some(({ mark }) => mark !== null) &&
      markup`<p class="legend"><span><i class="upright"></i> budget</span></p>`,
    description: rows
      .map(
        ({ name, said, estimate, mark }) =>
          `${name}: ${said}, interval ${interval(estimate, say)}, ${mark?.said ?? 'no budget'}`,
      )
      .join('; '),
    height: heightOf(rows),
    drawing: intervalsOf(rows, say, d3),
    numbers: null,
  });
}

const versus = ({ variant, against }: ReportOverhead): string =>
  `${variantName(variant)} against ${variantName(against)}`;

const VERDICTS = {
  within: verdict('good', '✓', 'within'),
  beyond: verdict('bad', '✕', 'beyond'),
  undecided: verdict('open', '?', 'undecided'),
} as const;

function verdicts(overhead: readonly ReportOverhead[], at: Place): Markup {
  return table({
    caption: `Overhead of each level${at.said}`,
    head: [
      'Level',
      'Throughput lost',
      '95% interval',
      'An element',
      '95% interval',
      'Budget',
      'Verdict',
    ],
    words: [6],
    rows: overhead.map((one) => [
      versus(one),
      share(one.throughputLost.value),
      interval(one.throughputLost, share),
      time(one.nsPerElement.value),
      interval(one.nsPerElement, time),
      one.budget === null
        ? NOTHING
        : `${share(one.budget.throughputLost)}, ${time(one.budget.nsPerElement)}`,
      one.verdict === null ? NOTHING : VERDICTS[one.verdict],
    ]),
  });
}

function numbers(levels: readonly ReportLevel[], at: Place): Markup {
  return table({
    caption: `What each level gives${at.said}`,
    head: [
      'Level',
      'Rounds',
      'Elements a second',
      '95% interval',
      'p50',
      'p99',
      'Loop time an element',
    ],
    rows: levels.map((one) => [
      variantName(one.variant),
      whole(one.rounds),
      rate(one.elementsPerSecond.value),
      interval(one.elementsPerSecond, rate),
      time(one.p50Ns?.value ?? null),
      time(one.p99Ns?.value ?? null),
      time(one.busyNsPerElement?.value ?? null),
    ]),
  });
}
