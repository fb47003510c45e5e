/** Who may read and who may write (F24). */
import { temporaryDirectory } from '../support/surroundings';
import { request, type Answer } from '../support/request';
import { Service } from '../support/service';

const TOKEN = 'correct horse battery staple'.replaceAll(' ', '-');
const PATHS = [
  '/metrics',
  '/snapshot',
  '/events',
  '/traces',
  '/level',
  '/tracing',
  '/cardinality',
  '/',
];
const TCP = { host: '127.0.0.1', port: 0, socket: false };

describe('with a token', () => {
  let service: Service;

  beforeAll(async () => {
    const inspection = { ...TCP, socket: true, token: TOKEN };
    service = await Service.start({ stateDir: temporaryDirectory(), inspection });
  });

  test.each(PATHS)('%s needs it', async (path) => {
    expect((await ask(path)).status).toBe(401);
    expect((await ask(path, `Bearer ${TOKEN}`)).status).toBe(200);
  });

  test('the scheme may be written in any case', async () => {
    expect((await ask('/metrics', `bearer ${TOKEN}`)).status).toBe(200);
  });

  test('every wrong token gets the same answer, byte for byte', async () => {
    const wrong = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Bearer ${'x'.repeat(TOKEN.length)}`,
      `Bearer ${TOKEN.toUpperCase()}`,
      `Bearer ${TOKEN} ${TOKEN}`,
      `Basic ${TOKEN}`,
      `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
      TOKEN,
      `Bearer ${'y'.repeat(4000)}`,
    ];
    const answers = await Promise.all(wrong.map((authorization) => ask('/metrics', authorization)));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.text).toBe(answers[0]?.text);
    }
  });

  test('it is needed on the Unix socket too', async () => {
    const socketPath = String(service.inspection?.socketPath);
    expect((await request('http://localhost/metrics', { socketPath })).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await request('http://localhost/metrics', { socketPath, headers })).status).toBe(200);
  });

  test('with it the level can be set, without it not', async () => {
    expect((await put('{"level":"off"}')).status).toBe(401);
    expect(await service.tell('level')).toEqual({ level: 'production' });
    const answer = await put('{"level":"diagnostic"}', `Bearer ${TOKEN}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ level: 'diagnostic', revertsInMs: null });
    expect(await service.tell('level')).toEqual({ level: 'diagnostic' });
  });

  test('what is no level is refused with 400, and changes nothing', async () => {
    const before = await service.tell('level');
    for (const body of [
      '',
      '{}',
      'loud',
      '{"level":1}',
      '{"level":"loud"}',
      '[',
      '"off',
      'null',
      '{"level":"off","forMs":-1}',
      '{"level":"off","forMs":"soon"}',
      '{"level":"off","forMs":0}',
    ]) {
      // prettier-ignore
      const answer = await put(body, `Bearer ${TOKEN}`);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: expect.any(String) } });
    }
    expect(await service.tell('level')).toEqual(before);
  });

  function ask(path: string, authorization?: string): Promise<Answer> {
    const headers = authorization === undefined ? {} : { authorization };
    return request(service.url + path, { headers });
  }

  function put(body: string, authorization?: string): Promise<Answer> {
    const headers = authorization === undefined ? {} : { authorization };
    return request(`${service.url}/level`, { method: 'PUT', body, headers });
  }
});

describe('without a token', () => {
  test('reading is free and writing over TCP is forbidden', async () => {
    const service = await Service.start();
    for (const path of PATHS) expect((await request(service.url + path)).status).toBe(200);
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      const answer = await request(`${service.url}/level`, { method: 'PUT', body: 'off', headers });
      expect(answer.status).toBe(403);
    }
    expect(await service.tell('level')).toEqual({ level: 'production' });
    await service.kill();
  });

  test('whoever can open the Unix socket may write', async () => {
    const inspection = { ...TCP, socket: true };
    const service = await Service.start({ stateDir: temporaryDirectory(), inspection });
    const socketPath = String(service.inspection?.socketPath);
    const set = { method: 'PUT', body: 'diagnostic', socketPath };
    expect((await request('http://localhost/level', set)).status).toBe(200);
    expect(await service.tell('level')).toEqual({ level: 'diagnostic' });
    await service.kill();
  });
});
