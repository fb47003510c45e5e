/** Values with their intervals, one beneath the other on one axis, and the marks that they are held against. */
import type { Estimate } from '../report';
import type { Scale } from './axis';
import { below } from './axis';
import type { D3 } from './d3';
import { box, dot, line, text, WIDTH } from './figure';
import type { Content } from './markup';

const ROW = 52;

/** One value. */
export interface IntervalRow {
  readonly name: string;
  /** Beside the name, at the right. */
  readonly said: string;
  /** A class of the style. */
  readonly kind: string;
  readonly estimate: Estimate;
  /** A budget or a threshold, and what it is called. */
  readonly mark: { readonly at: number; readonly said: string } | null;
}

/** How high so many of them are drawn. */
export const heightOf = (rows: readonly IntervalRow[]): number => rows.length * ROW + 28;

/** The rows upon an axis that has 0. */
export function intervalsOf(
  rows: readonly IntervalRow[],
  say: (value: number) => string,
  d3: D3,
): Content {
  const x = scaleOf(rows, d3);
  const bottom = rows.length * ROW;
  return [
    below(x, x.ticks(5), say, [0, bottom]),
    line('zero', [x(0), 0], [x(0), bottom]),
    rows.map(({ name, said, kind, estimate, mark }, index) => {
      const y = index * ROW + 34;
      const [low, high] = [x(estimate.low), x(estimate.high)];
      return [
        text(0, y - 16, name, 'name halo'),
        text(WIDTH, y - 16, said, 'value halo', true),
        mark !== null && [
          line('limit', [x(mark.at), y - 9], [x(mark.at), y + 9]),
          box('hover', { x: x(mark.at) - 8, y: y - 9, width: 16, height: 18 }, mark.said),
        ],
        box(
          `interval ${kind}`,
          { x: low, y: y - 4, width: Math.max(high - low, 2), height: 8 },
          said,
        ),
        dot(`point ${kind}`, x(estimate.value), y, 6, say(estimate.value)),
      ];
    }),
  ];
}

/** Wide enough for all values and marks; an interval that is far wider is cut off at the edge. */
function scaleOf(rows: readonly IntervalRow[], d3: D3): Scale {
  const marks = rows.flatMap(({ estimate, mark }) => [estimate.value, mark?.at ?? 0]);
  const most = 2 * Math.max(...marks.map(Math.abs), 0.005);
  const ends = rows.flatMap(({ estimate }) => [estimate.low, estimate.high]);
  const within = [...ends.map((end) => Math.min(Math.max(end, -most), most)), ...marks, 0];
  const [low, high] = [Math.min(...within), Math.max(...within)];
  const domain = low === high ? [-most, most] : [low, high];
  return d3.scaleLinear(domain, [24, WIDTH - 24]).clamp(true);
}
