/** Opening twice, two services in one process, and ports that are taken. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { temporaryDirectory } from '../support/surroundings';
import { request, scrape } from '../support/request';
import { ON_TCP, Service, type Inspected } from '../support/service';

describe('a port in use', () => {
  let occupant: Server;
  let port = 0;

  beforeAll(async () => {
    occupant = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => occupant.once('listening', resolve));
    port = (occupant.address() as AddressInfo).port;
  });

  afterAll(() => {
    occupant.close();
  });

  test('does not stop the host: one warning, and the socket still answers', async () => {
    const inspection = { host: '127.0.0.1', port, socket: true };
    const service = await Service.start({ stateDir: temporaryDirectory(), inspection });
    expect(service.inspection).toMatchObject({ url: null, port: null });
    expect(await service.tell('hit', { times: 5 })).toEqual({ hits: 5 });
    const warnings = await service.warnings();
    expect(warnings.filter(({ message }) => message.includes(String(port)))).toHaveLength(1);
    const socketPath = String(service.inspection?.socketPath);
    const answer = await request('http://localhost/metrics', { socketPath });
    expect(answer.text).toContain('hits_total 5\n');
    await service.kill();
  });

  test('without a socket either, recording goes on', async () => {
    const service = await Service.start({
      stateDir: false,
      inspection: { host: '127.0.0.1', port, socket: false },
    });
    expect(await service.tell('hit')).toEqual({ hits: 1 });
    await service.kill();
  });
});

describe('opening again', () => {
  test('gives the same meter for the same service', async () => {
    const service = await Service.start();
    const again = await service.tell<{ same: boolean }>('openAgain', {
      options: { service: 'judged', ...ON_TCP },
    });
    expect(again.same).toBe(true);
    await service.kill();
  });

  test('gives another meter for another service, with metrics of its own', async () => {
    const service = await Service.start();
    await service.tell('hit');
    const { same, inspection } = await service.tell<{ same: boolean; inspection: Inspected }>(
      'openAgain',
      { options: { service: 'other', ...ON_TCP } },
    );
    expect(same).toBe(false);
    expect(inspection.url).not.toBe(service.url);
    const [first, second] = await Promise.all([
      scrape(service.url, 'text'),
      scrape(String(inspection.url), 'text'),
    ]);
    expect(first).toContain('hits_total 1\n');
    expect(first).not.toContain('second_total');
    expect(second).toContain('second_total 1\n');
    expect(second).not.toContain('hits_total');
    await service.kill();
  });
});

test('an open meter does not keep its process alive', async () => {
  const service = await Service.start(ON_TCP);
  service.hangUp();
  expect(await service.ended()).toMatchObject({ code: 0, signal: null });
});
