/** The same plan on the JavaScript backend, in a process of its own: a process has one backend. */
import { fork } from 'node:child_process';
import { reportOf } from '../figures/report-of';
import type { BenchPlan } from '../plan';
import type { ReportBackend } from '../report';
import { BenchFault, runBench } from '../run/run';

/**
 * Runs a plan on the JavaScript backend, after whatever ran on this one.
 *
 * @throws BenchFault as a rejection
 */
export function runOnJavaScript(plan: BenchPlan, signal: AbortSignal): Promise<ReportBackend> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, {
      env: { ...process.env, NANOMETER_BACKEND: 'javascript' },
      signal,
    });
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new BenchFault(null, `the run on the JavaScript backend ended with ${code}`));
    });
    child.send(plan);
  });
}

if (require.main === module) {
  process.once('message', (plan: BenchPlan) => {
    void runBench(plan).then((measured) => {
      const { levels, overhead, environment } = reportOf(measured);
      const ran: ReportBackend = { backend: environment.backend, levels, overhead };
      process.send!(ran, () => process.disconnect());
    });
  });
}
