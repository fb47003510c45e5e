/** State directories that cannot be used: recording goes on in memory, with one warning (F43). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountDisk } from '../support/disk';
import { BACKEND, describeNative, temporaryDirectory } from '../support/surroundings';
import { scrape } from '../support/request';
import { ON_TCP, Service } from '../support/service';

async function expectToRunInMemory(stateDir: string): Promise<void> {
  const service = await Service.start({ ...ON_TCP, stateDir });
  expect(await service.tell('hit', { times: 1000 })).toEqual({ hits: 1000 });
  expect(await scrape(service.url, 'text')).toContain('hits_total 1000\n');
  const warnings = (await service.warnings()).filter(({ name }) => name === 'NanometerWarning');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.message).toContain(stateDir);
  expect(warnings[0]?.code).toMatch(/^NANOMETER_/);
  await service.kill();
}

describeNative('a state directory that cannot be used', () => {
  test('below a regular file', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    await expectToRunInMemory(join(file, 'state'));
  });

  test('where nobody can make directories', async () => {
    await expectToRunInMemory('/proc/nanometer-state');
  });

  test('a regular file', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, 'precious');
    await expectToRunInMemory(file);
    expect(statSync(file).size).toBe('precious'.length);
  });

  const disk = mountDisk(64, BACKEND === 'native');

  disk.test(`a full tmpfs of 64 KiB${disk.reason}`, async () => {
    await expectToRunInMemory(disk.path);
  });
});

describeNative('a state directory that is usable', () => {
  test('is made where it is missing, with its parents, for its owner only', async () => {
    const stateDir = join(temporaryDirectory(), 'a', 'b');
    const service = await Service.start({ ...ON_TCP, stateDir });
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    const files = readdirSync(stateDir).map((file) => statSync(join(stateDir, file)));
    expect(files.filter((file) => file.isFile())).not.toHaveLength(0);
    for (const file of files) expect(file.mode & 0o777).toBe(0o600);
    await service.kill();
  });

  test('holds space that is allocated, not sparse', async () => {
    const stateDir = temporaryDirectory();
    const service = await Service.start({ ...ON_TCP, stateDir });
    await service.tell('hit');
    for (const file of readdirSync(stateDir)) {
      const { blocks, size } = statSync(join(stateDir, file));
      expect(blocks * 512).toBeGreaterThanOrEqual(size);
    }
    await service.kill();
  });

  test('is left clean by a process that closes its meter', async () => {
    const stateDir = temporaryDirectory();
    const service = await Service.start({ ...ON_TCP, stateDir });
    expect(await service.tell('close')).toEqual({ inspection: null });
    expect(await service.tell('hit')).toEqual({ hits: expect.any(Number) });
    expect(readdirSync(stateDir).filter((file) => statSync(join(stateDir, file)).isFile())).toEqual(
      [],
    );
    await service.kill();
  });

  test('that is a link to one that is not ours alone is no way in', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'open'), { mode: 0o777 });
    spawnSync('chmod', ['0777', join(directory, 'open')]);
    symlinkSync(join(directory, 'open'), join(directory, 'state'));
    const service = await Service.start({ ...ON_TCP, stateDir: join(directory, 'state') });
    expect(await service.tell('hit')).toEqual({ hits: 1 });
    for (const file of readdirSync(join(directory, 'open'))) {
      expect(statSync(join(directory, 'open', file)).mode & 0o077).toBe(0);
    }
    await service.kill();
  });
});
