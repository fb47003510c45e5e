/** `nanometer metrics` on live processes, dead ones, several, and those of other users. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SnapshotData } from 'nanometer';
import { Service } from '../support/service';
import { expectOneLine, MAIN, nanometer } from './command';

const NOBODY = 65_534;
const base = mkdtempSync(join(tmpdir(), 'nanometer-cli-'));
// Short: a directory's name has the first 32 characters of it.
const service = `cli-${randomUUID().slice(0, 8)}`;
let live: Service;

/** A process with a socket of its own, where `nanometer` looks for one. */
async function start(name: string, options: object = {}): Promise<Service> {
  const inspection = { host: '127.0.0.1', port: 0, socket: true };
  const env = { XDG_RUNTIME_DIR: base };
  return Service.start({ service: name, inspection, ...options }, { env });
}

function run(args: readonly string[], env = {}) {
  return nanometer(['metrics', ...args], { env: { XDG_RUNTIME_DIR: base, ...env } });
}

/** Without what reading it changes. */
function recorded(text: string): SnapshotData {
  const snapshot = JSON.parse(text) as SnapshotData;
  const metrics = snapshot.metrics.filter(({ name }) => !name.startsWith('nanometer.'));
  return { ...snapshot, takenAtMs: 0, metrics };
}

beforeAll(async () => {
  live = await start(service);
  await live.tell('hit', { times: 7 });
});

afterAll(async () => {
  await live.kill();
  rmSync(base, { recursive: true });
});

describe('nanometer metrics', () => {
  it('prints as JSON what GET /snapshot answers', async () => {
    const printed = await run(['--service', service, '--json']);
    const answered = await (await fetch(`${live.url}/snapshot`)).text();
    expect(printed.code).toBe(0);
    expect(printed.stderr).toBe('');
    expect(recorded(printed.stdout)).toEqual(recorded(answered));
    expect(recorded(printed.stdout).processes.map(({ pid }) => pid)).toEqual([live.pid]);
  });

  it('prints what Prometheus would get', async () => {
    const printed = await run(['--service', service, '--prometheus']);
    const answered = await (await fetch(`${live.url}/metrics`)).text();
    const ofHits = (text: string) => text.split('\n').filter((line) => line.includes('hits'));
    expect(ofHits(printed.stdout)).toEqual(ofHits(answered));
    expect(ofHits(printed.stdout)).toContain('hits_total 7');
  });

  it('prints a table of the metrics whose names have a text in them', async () => {
    const { code, stdout } = await run(['hit', '--pid', String(live.pid)]);
    const [title, , head, ...rows] = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(title).toBe(`${service} (pid ${live.pid}), level production`);
    expect(head!.split(/\s+/)).toEqual(['metric', 'kind', 'labels', 'value', 'p50', 'p99']);
    expect(rows.map((row) => row.split(/\s+/))).toEqual([['hits', 'counter', '7']]);
  });

  it('colours for whoever wants colours, and for nobody who does not', async () => {
    const args = ['hits', '--service', service];
    const wanted = await run(args, { FORCE_COLOR: '1' });
    const unwanted = await run(args, { FORCE_COLOR: '1', NO_COLOR: '1' });
    expect(wanted.stdout).toContain('\u001b[1mhits');
    expect(unwanted.stdout).not.toContain('\u001b');
  });

  it('says which metrics it does not have', async () => {
    const outcome = await run(['nonsense', '--service', service]);
    expect(outcome.code).toBe(3);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain('"nonsense"');
  });

  it('names the processes where several answer, and takes the one with a pid', async () => {
    const others = await Promise.all(['a', 'b'].map((part) => start(`${service}-${part}`)));
    const outcome = await run([]);
    const one = await run(['--json', '--pid', String(others[1]!.pid)]);
    await Promise.all(others.map((other) => other.kill()));
    expect(outcome.code).toBe(2);
    expectOneLine(outcome);
    for (const { pid } of [live, ...others]) expect(outcome.stderr).toContain(`(pid ${pid})`);
    expect(outcome.stderr).toContain('--pid');
    expect(recorded(one.stdout).service).toBe(`${service}-b`);
  });

  it('says that a process has ended which left its socket', async () => {
    const name = `${service}-dead`;
    const dead = await start(name);
    await dead.kill();
    const outcome = await run(['--socket', dead.inspection!.socketPath!]);
    expect(outcome.code).toBe(3);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain('its process has ended');
    const byName = await run(['--service', name]);
    expect(byName.code).toBe(3);
    expectOneLine(byName);
    expect(byName.stderr).toContain(name);
  });

  it('says which process has no socket of its own, and which has ended', async () => {
    const name = `${service}-two`;
    const [first, second] = [await start(name), await start(name)];
    const living = await run(['--pid', String(second.pid)]);
    await Promise.all([first.kill(), second.kill()]);
    const dead = await run(['--pid', String(second.pid)]);
    for (const outcome of [living, dead]) expect(outcome.code).toBe(3);
    for (const outcome of [living, dead]) expectOneLine(outcome);
    expect(living.stderr).toContain(`process ${second.pid} has no socket`);
    expect(dead.stderr).toContain(`process ${second.pid} has ended`);
  });

  it.each([
    [['--socket', '/nowhere/nanometer.sock'], 'there is no socket at /nowhere/nanometer.sock'],
    [['--socket', __filename], 'nobody listens'],
    [['--pid', '4194304'], 'no process with the id 4194304 answers'],
    [['--service', 'none-such'], 'no process of the service "none-such" answers'],
  ])('says in one line that nothing is there: %p', async (args, expected) => {
    const outcome = await run(args);
    expect(outcome.code).toBe(3);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain(expected);
  });

  it('wants the token of a process that has one', async () => {
    const inspection = { host: '127.0.0.1', port: 0, socket: true, token: 'sesame' };
    const guarded = await start(`${service}-guarded`, { inspection });
    const args = ['--json', '--socket', guarded.inspection!.socketPath!];
    const without = await run(args);
    const having = await run(args, { NANOMETER_TOKEN: 'sesame' });
    await guarded.kill();
    expect(without.code).toBe(3);
    expectOneLine(without);
    expect(without.stderr).toContain('NANOMETER_TOKEN');
    expect(having.code).toBe(0);
  });

  const title = 'is denied to another user (needs root, and a package that others may read)';
  (canRunAs(NOBODY) ? it : it.skip)(title, async () => {
    const socket = live.inspection!.socketPath!;
    const outcome = await nanometer(['metrics', '--socket', socket], { user: NOBODY, cwd: '/' });
    expect(outcome.code).toBe(3);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain('permission denied');
  });
});

/** Whether the command can be run as that user: by root only, and where they may read it. */
function canRunAs(user: number): boolean {
  if (process.getuid?.() !== 0) return false;
  const read = `require('node:fs').accessSync(${JSON.stringify(MAIN)})`;
  const options = { uid: user, gid: user, cwd: '/', stdio: 'ignore' } as const;
  return spawnSync(process.execPath, ['-e', read], options).status === 0;
}
