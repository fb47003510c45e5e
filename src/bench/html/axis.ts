/** Scales of plots, and their ticks. */
import type { ScaleContinuousNumeric } from 'd3-scale';
import type { D3 } from './d3';
import { aside, label, line, WIDTH } from './figure';
import type { Markup } from './markup';

/** A scale, linear or logarithmic. */
export type Scale = ScaleContinuousNumeric<number, number>;

const DECADES_OF_ALL_TICKS = 2;

/** A logarithmic scale of what is above zero, wide enough to be one also where all is equal. */
export function logarithmic(
  d3: D3,
  [low, high]: readonly [number, number],
  range: readonly [number, number],
): Scale {
  const from = Math.max(low, Number.MIN_VALUE);
  const [a, b] = high / from < 1.2 ? [from / 1.1, Math.max(high, from) * 1.1] : [from, high];
  return d3.scaleLog([a, b], [...range]);
}

/** 1, 2, 5, 10, … where there is room, powers of ten where there is not. */
export function logarithmicTicks(scale: Scale): number[] {
  const [low = 1, high = 1] = scale.domain();
  const decades = Math.log10(high / low);
  if (decades < 0.7) return scale.ticks(4).filter((_, index) => index % 2 === 0);
  const leading = (tick: number): number => Number(tick.toExponential()[0]);
  const kept = decades <= DECADES_OF_ALL_TICKS ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / 8);
  return scale
    .ticks(20)
    .filter((tick) => kept.includes(leading(tick)))
    .filter((tick) => kept.length > 1 || Math.round(Math.log10(tick)) % every === 0);
}

/** Ticks beneath a plot. On narrow screens every other one is left out. */
export function below(
  scale: Scale,
  ticks: readonly number[],
  say: (tick: number) => string,
  [top, bottom]: readonly [number, number],
): Markup[] {
  return ticks.flatMap((tick, index) => {
    const x = scale(tick);
    return [
      line('grid', [x, top], [x, bottom]),
      label(x, bottom + 18, say(tick), index % 2 === 1 && ticks.length > 4 ? 'tick spare' : 'tick'),
    ];
  });
}

/** Ticks beside a plot. */
export function beside(
  scale: Scale,
  ticks: readonly number[],
  say: (tick: number) => string,
  top = 0,
): Markup[] {
  return ticks.flatMap((tick) => {
    const y = Math.round(scale(tick) + top) + 0.5;
    return [line('grid', [0, y], [WIDTH, y]), aside(y + 4, say(tick), 'tick')];
  });
}
