/** `nanometer bench --self`: what the JavaScript backend makes of the same pipeline. */
import type { BenchPlan } from '../../bench/plan';
import type { Report } from '../../bench/report';
import { inWords } from '../../errors';
import { say } from '../output';
import { interruptible } from './interruption';

/** The report with the other backend's levels in it; without, where that fails or is interrupted. */
export async function withOtherBackend(report: Report, plan: BenchPlan): Promise<Report> {
  if (report.environment.backend === 'javascript') return report;
  const { runOnJavaScript } = await import('../../bench/self/other-backend.js');
  const { javaScriptPlan } = await import('../../bench/self/plan.js');
  const seconds = (plan.warmupMs + plan.durationMs) / 1_000;
  say(`now the same on the JavaScript backend, ${seconds} s`);
  try {
    const otherBackend = await interruptible(
      (signal) => runOnJavaScript(javaScriptPlan(plan), signal),
      () => undefined,
    );
    return { ...report, otherBackend };
  } catch (error) {
    say(`the report is without the JavaScript backend: ${inWords(error)}`);
    return report;
  }
}
