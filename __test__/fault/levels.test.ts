/** The level: from the environment, from code, over HTTP; and what it does to recording. */
import { temporaryDirectory, until } from '../support/surroundings';
import { request } from '../support/request';
import { ON_TCP, Service } from '../support/service';

interface Reading {
  readonly hits: number;
  readonly detail: number;
}

test.each(['off', 'production', 'diagnostic'])(
  'NANOMETER_LEVEL=%s is the level at the start',
  async (level) => {
    const service = await Service.start(ON_TCP, { env: { NANOMETER_LEVEL: level } });
    expect(await service.tell('level')).toEqual({ level });
    await service.kill();
  },
);

test('an option beats the environment', async () => {
  const how = { env: { NANOMETER_LEVEL: 'off' } };
  const service = await Service.start({ ...ON_TCP, level: 'diagnostic' }, how);
  expect(await service.tell('level')).toEqual({ level: 'diagnostic' });
  await service.kill();
});

test('off records nothing and loses nothing; diagnostic records what production does not', async () => {
  const service = await Service.start();
  const hitAt = async (level: string): Promise<Reading> => {
    await service.tell('setLevel', { level });
    await service.tell('hit', { times: 10 });
    return service.tell<Reading>('read');
  };
  expect(await hitAt('production')).toEqual({ hits: 10, detail: 0 });
  expect(await hitAt('off')).toEqual({ hits: 10, detail: 0 });
  expect(await hitAt('diagnostic')).toEqual({ hits: 20, detail: 1 });
  expect(await hitAt('production')).toEqual({ hits: 30, detail: 1 });
  await service.kill();
});

test('PUT /level takes effect in the handles at once, leased or not', async () => {
  const inspection = { host: '127.0.0.1', port: 0, socket: true };
  const service = await Service.start({ stateDir: temporaryDirectory(), inspection });
  const put = async (body: string) => {
    const socketPath = String(service.inspection?.socketPath);
    return request('http://localhost/level', { method: 'PUT', body, socketPath });
  };

  expect((await put('off')).status).toBe(200);
  expect(await service.tell('hit', { times: 3 })).toEqual({ hits: 0 });
  const leased = await put('{"level":"diagnostic","forMs":300}');
  const { revertsInMs } = JSON.parse(leased.text) as { revertsInMs: number };
  expect(revertsInMs).toBeGreaterThan(0);
  expect(revertsInMs).toBeLessThanOrEqual(300);
  expect(await service.tell('hit', { times: 3 })).toEqual({ hits: 3 });
  await until('the lease is over', async () => {
    const { level } = await service.tell<{ level: string }>('level');
    return level === 'off';
  });
  expect(await service.tell('hit', { times: 3 })).toEqual({ hits: 3 });
  await service.kill();
});
