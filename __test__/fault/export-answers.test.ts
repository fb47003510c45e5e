/** Answers that are late (F2), and answers that no receiver of OTLP gives (F5). */
import { gzipSync } from 'node:zlib';
import { answer, FaultyReceiver, later, OK, type Play } from '../support/faulty-receiver';
import { Sender, type Account } from '../support/sender';
import { describeNative } from '../support/surroundings';

const MIB = 1024 * 1024;
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const TIMEOUT_MS = 1_000;
const SPANS = 5;
const ALL: Account = { exported: SPANS, queued: 0, dropped: {} };
const dropped = (reason: string): Account => ({
  ...{ exported: 0, queued: 0 },
  dropped: { [reason]: SPANS },
});
const BAD = dropped('bad_response');

/** Plays once, then a success: what became of the spans, why an attempt failed, how many there were. */
async function played(play: Play, protocol: 'http/protobuf' | 'http/json' = 'http/protobuf') {
  const success = protocol === 'http/json' ? answer(200, JSON_TYPE, '{}') : OK;
  const receiver = await FaultyReceiver.start(play, success);
  const sender = new Sender({ endpoint: receiver.url, protocol, timeoutMs: TIMEOUT_MS });
  const account = await sender.record(SPANS).settledSoon(SPANS);
  const { lastError } = sender.status;
  const attempts = receiver.requests.length;
  // What comes after it is not disturbed by it.
  receiver.play(success);
  sender.record(1);
  const after = await sender.settled(SPANS + 1);
  expect(after).toEqual({ ...account, exported: account.exported + 1 });
  return { account, lastError, attempts };
}

const JSON_TYPE = { 'content-type': 'application/json' };

describeNative('answers that are late', () => {
  test('are waited for until the time is up', async () => {
    const { account, lastError, attempts } = await played(later(0.9 * TIMEOUT_MS, OK));
    expect([account, lastError, attempts]).toEqual([ALL, null, 1]);
  });

  test.each<[string, Play]>([
    ['begin too late', later(1.1 * TIMEOUT_MS, OK)],
    ['come byte by byte', byteByByte],
    ['never come', () => undefined],
  ])('that %s make it try again', async (_, play) => {
    const { account, lastError, attempts } = await played(play);
    expect([account, attempts]).toEqual([ALL, 2]);
    expect(lastError!.reason).toBe('timeout');
    expect(lastError!.message).toMatch(/1,?000 ms|1 s/);
  });
});

/** A whole answer, a byte every tenth of the time that all of it may take. */
function byteByByte(...[socket]: Parameters<Play>): void {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length && !socket.destroyed) socket.write(bytes.subarray(at, ++at));
    else clearInterval(timer);
  }, TIMEOUT_MS / 10);
}

describeNative('answers that no receiver gives', () => {
  const html = '<!doctype html><html><body>Welcome to the proxy</body></html>';

  test.each<[string, Play, Account, RegExp]>([
    [
      'a page, and 200',
      answer(200, { 'content-type': 'text/html; charset=utf-8' }, html),
      dropped('bad_response'),
      /page|HTML/i,
    ],
    ['a redirect', answer(307, { location: '/elsewhere' }), dropped('rejected'), /redirect|307/i],
    [
      'a page, and 404',
      answer(404, { 'content-type': 'text/html' }, html),
      dropped('rejected'),
      /404/,
    ],
  ])('%s: dropped, and said what it seems to be', async (_, play, expected, message) => {
    const { account, lastError, attempts } = await played(play);
    expect([account, attempts]).toEqual([expected, 1]);
    expect(lastError!.message).toMatch(message);
    expect(lastError!.message).toContain('http://127.0.0.1');
    expect(lastError!.message).not.toContain('<');
  });

  test.each<[string, Play]>([
    ['a connection that is reset before the answer', (socket) => socket.resetAndDestroy()],
    ['a connection that is closed before the answer', (socket) => socket.destroy()],
    [
      'a connection that is reset within the headers',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.resetAndDestroy());
      },
    ],
  ])('%s: tried again', async (_, play) => {
    const { account, lastError, attempts } = await played(play);
    expect([account, attempts]).toEqual([ALL, 2]);
    expect(lastError!.reason).toBe('connection');
  });

  const json = 'http/json';
  const protobuf = 'http/protobuf';
  const gzip = { ...PROTOBUF, 'content-encoding': 'gzip' };

  /** What comes after each goes well: see `played()`. */
  test.each<[string, Play, Account, number, 'http/json' | 'http/protobuf']>([
    ['bad protobuf', answer(200, PROTOBUF, Buffer.from([10, 255, 255, 1])), BAD, 1, protobuf],
    ['bad JSON', answer(200, JSON_TYPE, '{"partialSuccess":'), BAD, 1, json],
    ['a type that was not asked for', answer(200, JSON_TYPE, '{}'), ALL, 1, protobuf],
    ['no type', answer(200), ALL, 1, protobuf],
    [
      'a body longer than it says',
      answer(200, { ...PROTOBUF, 'content-length': 2 }, Buffer.alloc(100)),
      BAD,
      1,
      protobuf,
    ],
    [
      // It has been taken: the status says so.
      'a body shorter than it says',
      (socket, request) => {
        void answer(200, { ...PROTOBUF, 'content-length': 100 }, 'x')(socket, request);
        socket.end();
      },
      ALL,
      1,
      protobuf,
    ],
    ['gzip that is none', answer(200, gzip, 'none'), BAD, 1, protobuf],
    ['200 MiB in 200 KiB', answer(200, gzip, gzipSync(Buffer.alloc(200 * MIB))), BAD, 1, protobuf],
    ['no HTTP', (socket) => socket.end('220 mail.example.com ESMTP\r\n'), ALL, 2, protobuf],
  ])('%s: no crash, and all is accounted for', async (_, play, expected, times, protocol) => {
    const before = process.memoryUsage.rss();
    const { account, attempts } = await played(play, protocol);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MIB);
    expect([account, attempts]).toEqual([expected, times]);
  });
});
