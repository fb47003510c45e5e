/** Where the native binary does not load: the JavaScript backend serves, and one warning says why. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scrape } from '../support/request';
import { ON_TCP, Service } from '../support/service';
import { temporaryDirectory } from '../support/surroundings';

const noBackendChosen = { NANOMETER_BACKEND: undefined };

async function expectFallback(path: string): Promise<string> {
  const service = await Service.start(ON_TCP, {
    env: { ...noBackendChosen, NANOMETER_NATIVE_PATH: path },
  });
  expect(await service.tell('hit', { times: 3 })).toEqual({ hits: 3 });
  expect(await scrape(service.url, 'text')).toContain('hits_total 3\n');
  const warnings = (await service.warnings()).filter(({ name }) => name === 'NanometerWarning');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.code).toBe('NANOMETER_NATIVE');
  await service.kill();
  return warnings[0]?.message ?? '';
}

test('because there is none', async () => {
  const path = join(temporaryDirectory(), 'missing.node');
  const message = await expectFallback(path);
  expect(message).toContain(path);
  expect(message).toContain(`${process.platform}-${process.arch}`);
});

test('because it is no binary', async () => {
  const path = join(temporaryDirectory(), 'garbage.node');
  writeFileSync(path, 'no ELF at all');
  const message = await expectFallback(path);
  expect(message).toContain(path);
  // The whole chain of causes: the loader's own words are in it.
  expect(message).toMatch(/ELF|too short|invalid|not a valid|mach-o/i);
});

test('unless that backend was asked for by name: then it says so', async () => {
  const env = {
    NANOMETER_BACKEND: 'native',
    NANOMETER_NATIVE_PATH: join(temporaryDirectory(), 'missing.node'),
  };
  await expect(Service.start(ON_TCP, { env })).rejects.toThrow('NANOMETER_NATIVE');
});

test('asking for the JavaScript backend is no fault: no warning', async () => {
  const service = await Service.start(ON_TCP, { env: { NANOMETER_BACKEND: 'javascript' } });
  expect((await service.warnings()).filter(({ name }) => name === 'NanometerWarning')).toEqual([]);
  await service.kill();
});

test('which workers do not say again', async () => {
  const path = join(temporaryDirectory(), 'missing.node');
  const service = await Service.start(ON_TCP, {
    env: { ...noBackendChosen, NANOMETER_NATIVE_PATH: path },
  });
  const inWorker = await service.tell('openInWorker');
  expect(inWorker).toEqual({ backend: 'javascript', warnings: [] });
  await service.kill();
});
