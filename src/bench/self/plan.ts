/** The plan of `nanometer bench --self`. */
import { join } from 'node:path';
import { isLevel } from '../../level';
import type { BenchPlan, Variant } from '../plan';
import { hasOpenTelemetry } from './opentelemetry';

/** The bench's own pipeline, without a flow too, and under OpenTelemetry where that is installed. */
export function selfPlan(plan: Omit<BenchPlan, 'file'>): BenchPlan {
  const rivals: Variant[] = hasOpenTelemetry() ? ['opentelemetry'] : [];
  return {
    ...plan,
    file: join(__dirname, 'pipeline.js'),
    variants: ['none', ...plan.variants, ...rivals],
  };
}

/** What of it the JavaScript backend runs: OpenTelemetry is the same on both. */
export function javaScriptPlan(plan: BenchPlan): BenchPlan {
  const variants = plan.variants.filter((variant) => variant === 'none' || isLevel(variant));
  return { ...plan, variants };
}
