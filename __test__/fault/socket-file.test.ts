/** The Unix socket and what may stand in its place (F25). */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/surroundings';
import { request } from '../support/request';
import { Service } from '../support/service';

const BOTH = { host: '127.0.0.1', port: 0, socket: true };
const PERMISSIONS = 0o777;

test('it is for its owner only, in a directory for its owner only', async () => {
  const stateDir = join(temporaryDirectory(), 'state');
  const service = await Service.start({ stateDir, inspection: BOTH });
  const socketPath = String(service.inspection?.socketPath);
  expect(statSync(socketPath).isSocket()).toBe(true);
  expect(statSync(socketPath).mode & PERMISSIONS).toBe(0o600);
  expect(statSync(stateDir).mode & PERMISSIONS).toBe(0o700);
  expect((await request('http://localhost/healthz', { socketPath })).status).toBe(200);
  await service.kill();
});

test('one that a killed process left behind is replaced', async () => {
  const stateDir = temporaryDirectory();
  const first = await Service.start({ stateDir, inspection: BOTH });
  const socketPath = String(first.inspection?.socketPath);
  await first.kill();
  expect(lstatSync(socketPath).isSocket()).toBe(true);
  const second = await Service.start({ stateDir, inspection: BOTH });
  expect(second.inspection?.socketPath).toBe(socketPath);
  expect((await request('http://localhost/healthz', { socketPath })).status).toBe(200);
  await second.kill();
});

test('one that a living process listens on is left to it', async () => {
  const stateDir = temporaryDirectory();
  const first = await Service.start({ stateDir, inspection: BOTH });
  const socketPath = String(first.inspection?.socketPath);
  await first.tell('hit', { times: 7 });
  const second = await Service.start({ stateDir, inspection: BOTH });
  expect(second.inspection?.socketPath).not.toBe(socketPath);
  const answer = await request('http://localhost/metrics', { socketPath });
  expect(answer.text).toContain('hits_total 7\n');
  expect((await request(`${second.url}/healthz`)).status).toBe(200);
  await first.kill();
  await second.kill();
});

describe('what was planted in its place is never unlinked or followed', () => {
  async function startOver(plant: (path: string, directory: string) => void) {
    const directory = temporaryDirectory();
    const stateDir = join(directory, 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    const path = join(stateDir, 'nanometer.sock');
    plant(path, directory);
    const service = await Service.start({ stateDir, inspection: BOTH });
    expect(service.inspection?.socketPath).toBeNull();
    expect((await request(`${service.url}/healthz`)).status).toBe(200);
    expect(await service.tell('hit')).toEqual({ hits: 1 });
    const warnings = (await service.warnings()).filter(({ message }) => message.includes(path));
    expect(warnings).toHaveLength(1);
    await service.kill();
    return { path, directory };
  }

  test('a regular file', async () => {
    const { path } = await startOver((path) => writeFileSync(path, 'precious'));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('a symbolic link', async () => {
    const { path, directory } = await startOver((path, directory) => {
      writeFileSync(join(directory, 'elsewhere'), 'precious');
      symlinkSync(join(directory, 'elsewhere'), path);
    });
    expect(readlinkSync(path)).toBe(join(directory, 'elsewhere'));
    expect(readFileSync(join(directory, 'elsewhere'), 'utf8')).toBe('precious');
  });

  test('a symbolic link to nowhere', async () => {
    const { path, directory } = await startOver((path, directory) => {
      symlinkSync(join(directory, 'nowhere'), path);
    });
    expect(readlinkSync(path)).toBe(join(directory, 'nowhere'));
    expect(() => lstatSync(join(directory, 'nowhere'))).toThrow('ENOENT');
  });

  test('a directory', async () => {
    const { path } = await startOver((path) => mkdirSync(path));
    expect(lstatSync(path).isDirectory()).toBe(true);
  });
});

test('a path that is too long for a socket costs the socket only', async () => {
  const stateDir = join(temporaryDirectory(), 'x'.repeat(120));
  const service = await Service.start({ stateDir, inspection: BOTH });
  expect(service.inspection?.socketPath).toBeNull();
  expect((await request(`${service.url}/healthz`)).status).toBe(200);
  expect((await service.warnings()).filter(({ name }) => name === 'NanometerWarning')).toHaveLength(
    1,
  );
  await service.kill();
});
