/** `nanometer level` on a live process, judged by that process. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Service } from '../support/service';
import { expectOneLine, nanometer } from './command';

const stateDir = mkdtempSync(join(tmpdir(), 'nanometer-level-'));
let live: Service;

async function levelThere(): Promise<string> {
  return (await live.tell<{ level: string }>('level')).level;
}

function run(...args: string[]) {
  return nanometer(['level', ...args, '--pid', String(live.pid)], {
    env: { NANOMETER_STATE_DIR: stateDir },
  });
}

beforeAll(async () => {
  const service = `level-${randomUUID()}`;
  live = await Service.start({ service, stateDir, inspection: { port: 0 } });
});

afterAll(async () => {
  await live.kill();
  rmSync(stateDir, { recursive: true });
});

describe('nanometer level', () => {
  it('sets the level of another process', async () => {
    const set = await run('diagnostic');
    expect(set).toEqual({ code: 0, stdout: 'diagnostic\n', stderr: '' });
    expect(await levelThere()).toBe('diagnostic');
    await run('production');
    expect(await levelThere()).toBe('production');
  });

  it('reads the level that the process has', async () => {
    await live.tell('setLevel', { level: 'off' });
    expect((await run()).stdout).toBe('off\n');
    await live.tell('setLevel', { level: 'production' });
    expect(JSON.parse((await run('--json')).stdout)).toEqual({
      level: 'production',
      revertsInMs: null,
    });
  });

  it('sets it for a time, after which the one before comes back', async () => {
    const set = await run('diagnostic', '--for', '1.5s', '--json');
    const { level, revertsInMs } = JSON.parse(set.stdout) as { level: string; revertsInMs: number };
    expect(level).toBe('diagnostic');
    expect(revertsInMs).toBeGreaterThan(0);
    expect(revertsInMs).toBeLessThanOrEqual(1_500);
    while ((await levelThere()) !== 'production') await new Promise(setImmediate);
  });

  it.each([
    [['loud'], 'off, production, diagnostic'],
    [['off', '--for', '60'], '500ms, 10s'],
    [['--for', '60s'], 'give the level'],
    [['off', '--for', '30h', '--for', '9999h'], 'at most'],
  ])('refuses %p, and leaves the level as it is', async (args, accepted) => {
    const outcome = await run(...args);
    expect(outcome.code).toBe(2);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain(accepted);
    expect(await levelThere()).toBe('production');
  });
});
