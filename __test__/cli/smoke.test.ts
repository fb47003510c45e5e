/** The commands on each backend: the only tests of them that are run on both. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Service } from '../support/service';
import { nanometer } from './command';

const stateDir = mkdtempSync(join(tmpdir(), 'cli-smoke-'));

afterAll(() => {
  rmSync(stateDir, { recursive: true });
});

describe('the command line on this backend', () => {
  it('benches', async () => {
    const short = ['--duration', '300ms', '--warmup', '0s', '--round', '100ms', '--json'];
    const words = join(__dirname, 'pipelines/words.mjs');
    const { code, stdout } = await nanometer(['bench', words, ...short]);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.environment.backend).toBe(process.env.NANOMETER_BACKEND ?? 'native');
    expect(report.throughput.elements).toBeGreaterThan(0);
    const names = report.components.map(({ id }: { id: string }) => id);
    expect(names).toEqual(['split', 'spin', 'join']);
  });

  it('reads the metrics of a process, and sets its level', async () => {
    const service = `smoke-${randomUUID()}`;
    const live = await Service.start({ service, stateDir, inspection: { port: 0 } });
    await live.tell('hit', { times: 5 });
    const where = ['--pid', String(live.pid)];
    const env = { NANOMETER_STATE_DIR: stateDir };
    const metrics = await nanometer(['metrics', 'hits', ...where], { env });
    const level = await nanometer(['level', 'off', ...where], { env });
    const there = await live.tell('level');
    await live.kill();
    expect(metrics.stdout).toMatch(/^hits\s+counter\s+5$/m);
    expect(level.stdout).toBe('off\n');
    expect(there).toEqual({ level: 'off' });
  });
});
