/**
 * What the bench itself costs: as many empty components, under the same code, in a thread of their own,
 * before anything else has run there.
 */
import { PassThrough } from 'node:stream';
import type { PipelineComponent } from '../definition';
import { isLevel } from '../../level';
import type { HarnessCost } from '../measured';
import type { BenchPlan, Variant } from '../plan';
import { openHarnessMeter } from './bench-meter';
import type { Board } from './board';
import type { ComponentKind } from './messages';
import { passageOf } from './pipeline';
import { Runner } from './runner';
import { Integers } from './source';
import { Streams } from './streams';

// The fastest turn is told: what disturbs makes it slower, and the first ones are for the compiler.
const TURNS = 6;

/** What an element costs at each variant, nanoseconds. */
export async function measureHarness(
  plan: BenchPlan,
  board: Board,
  kinds: readonly ComponentKind[],
  variants: readonly Variant[],
  eachMs: number,
): Promise<HarnessCost[]> {
  const meter = openHarnessMeter();
  const components = kinds.map((kind, i) => [`empty${i}`, emptyOf(kind)] as const);
  const names = components.map(([name]) => name);
  const flow = meter.flow(
    'empty',
    kinds.includes('stream') ? Streams.componentsOf(components) : names,
  );
  const runner = new Runner(
    passageOf({
      // As fast as it goes, whatever the run's rate is.
      plan: { ...plan, ratePerSecond: null, concurrency: 1 },
      worker: 0,
      components,
      source: new Integers(),
      flow,
      board,
    }),
  );
  const least = new Map<Variant, number>(variants.map((variant) => [variant, Infinity]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const variant of variants) {
      meter.level = isLevel(variant) ? variant : 'off';
      const { durationNs, elements } = await runner.round(variant, eachMs);
      least.set(variant, Math.min(least.get(variant)!, durationNs / Math.max(1, elements)));
    }
  }
  return Array.from(least, ([variant, nsPerElement]) => ({ variant, nsPerElement }));
}

function emptyOf(kind: ComponentKind): PipelineComponent {
  return kind === 'function' ? same : new PassThrough({ objectMode: true });
}

function same(value: unknown): unknown {
  return value;
}
