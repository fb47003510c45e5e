/** Requests that are wrong, hostile or merely unusual (F23). After each the server still answers. */
import { exchange, rawRequest, statuses } from '../support/raw-http';
import { request } from '../support/request';
import { Service } from '../support/service';

const LIMIT_BYTES = 8192;

let service: Service;

beforeAll(async () => {
  service = await Service.start();
  await service.tell('hit');
});

afterEach(async () => {
  const answer = await request(`${service.url}/healthz`);
  expect(answer.status).toBe(200);
});

describe('methods and paths', () => {
  test('HEAD answers the headers of GET, and no body', async () => {
    for (const path of [
      '/metrics',
      '/healthz',
      '/level',
      '/snapshot',
      '/events',
      '/cardinality',
      '/',
    ]) {
      const head = await request(service.url + path, { method: 'HEAD' });
      const get = await request(service.url + path);
      expect(head.status).toBe(200);
      expect(head.text).toBe('');
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    }
  });

  test.each([
    ['/metrics', 'POST', /GET.*HEAD|HEAD.*GET/],
    ['/metrics', 'DELETE', /GET.*HEAD|HEAD.*GET/],
    ['/level', 'POST', /PUT/],
    ['/snapshot', 'PUT', /GET/],
    ['/', 'PATCH', /GET/],
  ])('%s %s: 405, and Allow says what is accepted', async (path, method, allow) => {
    const answer = await request(service.url + path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toMatch(allow);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: expect.any(String) } });
  });

  test.each(['/nowhere', '/metrics/', '/../metrics', '//metrics', '/%2e/metrics', '/metrics%00'])(
    '%s is not there: 404 with a JSON error',
    async (path) => {
      const answers = await exchange(service.port, rawRequest(`GET ${path}`));
      expect(statuses(answers)).toEqual([404]);
      expect(JSON.parse(answers.split('\r\n\r\n')[1] ?? '')).toMatchObject({
        error: { code: expect.any(String), message: expect.any(String) },
      });
    },
  );

  test('a query string does not hide a path', async () => {
    expect((await request(`${service.url}/healthz?x=1`)).status).toBe(200);
  });
});

describe('limits', () => {
  test('a URI that is too long: 414', async () => {
    const answers = await exchange(service.port, rawRequest(`GET /${'x'.repeat(LIMIT_BYTES)}`));
    expect(statuses(answers)).toEqual([414]);
  });

  test('headers that are too large: 431', async () => {
    const big = `X-Big: ${'x'.repeat(2 * LIMIT_BYTES)}`;
    expect(statuses(await exchange(service.port, rawRequest('GET /metrics', [big])))).toEqual([
      431,
    ]);
  });

  test('too many headers: 431', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: y`);
    expect(statuses(await exchange(service.port, rawRequest('GET /metrics', many)))).toEqual([431]);
  });

  test('a body that is too large is refused, and not read to its end', async () => {
    const promise = ['Content-Length: 1000000000'];
    const answers = await exchange(service.port, rawRequest('PUT /level', promise, '{'));
    expect([400, 401, 403, 413]).toContain(statuses(answers)[0]);
  });
});

describe('HTTP as it may be spoken', () => {
  test('HTTP/1.0 is answered and closed', async () => {
    const answers = await exchange(service.port, 'GET /metrics HTTP/1.0\r\n\r\n');
    expect(statuses(answers)).toEqual([200]);
    expect(answers).toContain('hits_total');
    expect(answers).not.toMatch(/transfer-encoding/i);
  });

  test('a request without Host is answered or refused', async () => {
    const answers = await exchange(
      service.port,
      'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n',
    );
    expect([200, 400]).toContain(statuses(answers)[0]);
  });

  test('100 pipelined requests get 100 answers, in order', async () => {
    const one = rawRequest('GET /healthz', ['Connection: keep-alive']);
    const other = rawRequest('GET /nowhere', ['Connection: keep-alive']);
    const last = rawRequest('GET /healthz');
    const answers = await exchange(service.port, (one + other).repeat(49) + one + last);
    const expected = Array.from({ length: 98 }, (_, i) => (i % 2 === 0 ? 200 : 404));
    expect(statuses(answers)).toEqual([...expected, 200, 200]);
  });

  test('one connection serves one request after the other', async () => {
    const one = rawRequest('GET /metrics', ['Connection: keep-alive']);
    const answers = await exchange(service.port, one + one + rawRequest('GET /metrics'));
    expect(statuses(answers)).toEqual([200, 200, 200]);
  });
});

describe('what is no HTTP is refused', () => {
  test.each([
    [
      'both lengths',
      rawRequest('PUT /level', ['Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ],
    ['two lengths', rawRequest('PUT /level', ['Content-Length: 3', 'Content-Length: 4'], 'off')],
    ['a negative length', rawRequest('PUT /level', ['Content-Length: -1'])],
    ['a length in words', rawRequest('PUT /level', ['Content-Length: three'])],
    ['a bad chunk', rawRequest('PUT /level', ['Transfer-Encoding: chunked'], 'zz\r\n\r\n')],
    ['NUL in the path', rawRequest('GET /met\0rics')],
    ['NUL in a header', rawRequest('GET /metrics', ['X: a\0b'])],
    ['a space before the colon', rawRequest('GET /metrics', ['X : y'])],
    ['a version of the future', 'GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['no request line', '\r\n\r\nnonsense\r\n\r\n'],
    ['a TLS hello', Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3, 13, 10, 13, 10])],
    ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ])('%s', async (_, bytes) => {
    const answers = await exchange(service.port, bytes);
    // 401 and 403 come before the body is looked at, which is right for whoever may not write.
    const accepted = statuses(answers).filter((status) => status < 400 || status >= 500);
    expect(accepted.filter((status) => status !== 505)).toEqual([]);
  });

  test('a request of HTTP/0.9 is answered or refused', async () => {
    const answers = await exchange(service.port, 'GET /healthz\r\n\r\n');
    for (const status of statuses(answers)) expect([200, 400, 505]).toContain(status);
  });

  test('lengths that contradict each other are refused with 400', async () => {
    const bytes = rawRequest(
      'GET /metrics',
      ['Content-Length: 3', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    );
    expect(statuses(await exchange(service.port, bytes))).toEqual([400]);
  });

  test('random bytes, a thousand times', async () => {
    let state = 1;
    const byte = () => (state = (state * 48271) % 2147483647) % 256;
    for (let round = 0; round < 20; round += 1) {
      const batch = Array.from({ length: 50 }, () =>
        exchange(service.port, Buffer.from([...Array.from({ length: 64 }, byte), 13, 10, 13, 10])),
      );
      for (const answers of await Promise.all(batch)) {
        expect(statuses(answers).filter((status) => status === 200 || status === 500)).toEqual([]);
      }
    }
  });
});
