/** The section of the run as it went: the rate and the tail, round by round. */
import type { TimelinePoint } from '../measured';
import type { Variant } from '../plan';
import type { Report } from '../report';
import type { Scale } from './axis';
import { below, beside, logarithmic, logarithmicTicks } from './axis';
import type { D3 } from './d3';
import { aside, box, figure, line, path, stretched, WIDTH } from './figure';
import type { Content, Markup } from './markup';
import type { Section } from './section';
import { counted, enumeration, NOTHING, plain, rate, time, variantName } from './words';

const PLOT = 150;
const TOP = 18;
const LANE = 16;

/** A round as the timeline has it: points of one variant beside one another. */
interface Stretch {
  readonly variant: Variant;
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: readonly TimelinePoint[];
}

/** One of the two plots. */
interface Plotted {
  readonly id: string;
  readonly title: string;
  readonly of: (point: TimelinePoint) => number | null;
  readonly say: (value: number) => string;
  readonly scale: (values: readonly number[]) => {
    readonly y: Scale;
    readonly ticks: readonly number[];
  };
}

/** The run as it went. */
export function timelineSection(report: Report, d3: D3): Section {
  const stretches = stretchesOf(report.timeline);
  const variants = [...new Set(stretches.map(({ variant }) => variant))];
  const rounds = counted(report.load.rounds, 'round');
  const turns = variants.length > 1 ? `: ${enumeration(variants.map(variantName))} took turns` : '';
  const plots: readonly Plotted[] = [
    {
      id: 'rate',
      title: 'Elements a second',
      of: (point) => point.elementsPerSecond,
      say: rate,
      scale: (values) => fromZero(d3, values),
    },
    {
      id: 'tail',
      title: 'Latency p99',
      of: (point) => point.p99Ns,
      say: time,
      scale: (values) => asTheyAre(d3, values),
    },
  ];
  return {
    id: 'timeline',
    title: 'The run as it went',
    name: 'Timeline',
    lead:
      stretches.length === 0
        ? 'The run ended before there was anything to draw.'
        : `${rounds}${turns}. A line that keeps rising or falling means that the run was not yet, or no longer, steady.`,
    body: stretches.length > 0 && plots.map((plot) => drawn(plot, stretches, variants, d3)),
  };
}

function drawn(
  plot: Plotted,
  stretches: readonly Stretch[],
  variants: readonly Variant[],
  d3: D3,
): Markup {
  const points = stretches.flatMap((stretch) => stretch.points);
  const values = points.map(plot.of).filter((value) => value !== null);
  const x = d3.scaleLinear([0, Math.max(...stretches.map(({ toMs }) => toMs), 1)], [0, WIDTH]);
  const bottom = TOP + PLOT;
  const { y, ticks } = plot.scale(values);
  const lanes = variants.length > 1 ? variants : [];
  const end = bottom + 26 + lanes.length * LANE;
  return figure({
    id: plot.id,
    title: plot.title,
    description: `${plot.title} over ${plain(x.domain()[1]! / 1000)} s${
      values.length === 0
        ? ', of which there is none'
        : `, between ${plot.say(Math.min(...values))} and ${plot.say(Math.max(...values))}`
    }.`,
    isIndented: true,
    height: end + 4,
    drawing: [
      lanes.length > 0 &&
        stretches.map(({ variant, fromMs, toMs }) =>
          box(`band ${variant}`, {
            x: x(fromMs),
            y: TOP,
            width: x(toMs) - x(fromMs),
            height: PLOT,
          }),
        ),
      beside(y, ticks, plot.say, TOP),
      below(x, x.ticks(6).slice(1), (ms) => `${plain(ms / 1000)} s`, [TOP, bottom]),
      stretched(
        TOP,
        PLOT,
        stretches.map((stretch) => strokes(plot.of, stretch, x, y, d3)),
      ),
      line('axis', [0, bottom + 0.5], [WIDTH, bottom + 0.5]),
      lanes.map((variant, row) => lane(variant, stretches, x, bottom + 28 + row * LANE)),
    ],
    numbers: {
      caption: plot.title,
      head: ['At', 'Level', plot.title],
      words: [1],
      rows: points.map((point) => {
        const value = plot.of(point);
        const at = `${(point.atMs / 1000).toFixed(2)} s`;
        return [at, variantName(point.variant), value === null ? NOTHING : plot.say(value)];
      }),
    },
  });
}

/** The line of one round, from border to border. */
function strokes(
  of: Plotted['of'],
  { variant, fromMs, toMs, points }: Stretch,
  x: Scale,
  y: Scale,
  d3: D3,
): Content {
  const places = points.map((point, index): [number, number | null] => {
    const before = points[index - 1]?.atMs ?? fromMs;
    return [x((before + point.atMs) / 2), of(point)];
  });
  const all = [
    [x(fromMs), places[0]![1]] as const,
    ...places,
    [x(toMs), places.at(-1)![1]] as const,
  ];
  const curve = d3
    .line<(typeof all)[number]>()
    .defined(([, value]) => value !== null)
    .x(([at]) => at)
    .y(([, value]) => y(value!))
    .curve(d3.curveMonotoneX);
  return path(`stroke ${variant}`, curve(all));
}

/** When a variant had its turn: a lane each, so that its colour says nothing alone. */
function lane(variant: Variant, stretches: readonly Stretch[], x: Scale, y: number): Content {
  const turns = stretches.filter((stretch) => stretch.variant === variant);
  return [
    turns.map(({ fromMs, toMs }) =>
      box(
        `turn ${variant}`,
        { x: x(fromMs) + 0.5, y, width: x(toMs) - x(fromMs) - 1, height: LANE - 3 },
        `${variantName(variant)}, ${plain(fromMs / 1000)} s to ${plain(toMs / 1000)} s`,
      ),
    ),
    aside(y + 11, variantName(variant), 'lane'),
  ];
}

function stretchesOf(timeline: readonly TimelinePoint[]): readonly Stretch[] {
  const stretches: { variant: Variant; fromMs: number; toMs: number; points: TimelinePoint[] }[] =
    [];
  for (const point of timeline) {
    const last = stretches.at(-1);
    if (last?.variant === point.variant) {
      last.points.push(point);
      last.toMs = point.atMs;
    } else {
      const { variant, atMs } = point;
      stretches.push({ variant, fromMs: last?.toMs ?? 0, toMs: atMs, points: [point] });
    }
  }
  return stretches;
}

function fromZero(d3: D3, values: readonly number[]): ReturnType<Plotted['scale']> {
  const y = d3.scaleLinear([0, Math.max(...values, 1)], [PLOT, 8]).nice(4);
  return { y, ticks: y.ticks(4).slice(1) };
}

/** Logarithmic where the largest is many times the smallest. */
function asTheyAre(d3: D3, values: readonly number[]): ReturnType<Plotted['scale']> {
  const above = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...above), Math.max(...above)];
  if (above.length === 0 || high / low < 8) return fromZero(d3, values);
  const y = logarithmic(d3, [low / 1.5, high], [PLOT, 8]);
  return { y, ticks: logarithmicTicks(y) };
}
