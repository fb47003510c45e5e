/** Clients that send or read slowly, or come in crowds (F20, F21, F22). */
import type { Socket } from 'node:net';
import { dial } from '../support/raw-http';
import { request } from '../support/request';
import { Service } from '../support/service';
import { BACKEND, until } from '../support/surroundings';

const IDLE_LIMIT_MS = 10_000;
const SLACK_MS = 3_000;

interface Usage {
  readonly rssBytes: number;
  readonly descriptors: number;
}

interface LoopDelay {
  readonly p99Ms: number;
}

test('1,000 connections that drip headers do not keep a scraper out (F20)', async () => {
  const service = await Service.start();
  await service.tell('hit');
  const before = await service.tell<Usage>('usage');
  const quietMs = p99(await scrapes(service.url));
  const started = performance.now();
  const drips = await Promise.all(Array.from({ length: 1000 }, () => drip(service.port)));

  const underAttack = await scrapes(service.url);
  const during = await service.tell<Usage>('usage');
  const closedAfterMs = await Promise.all(drips.map((drip) => drip.closed));

  // A machine that is slow when it is quiet is slow in the crowd, too.
  expect(p99(underAttack)).toBeLessThan(Math.max(100, 5 * quietMs));
  expect(during.descriptors - before.descriptors).toBeLessThan(600);
  expect(Math.max(...closedAfterMs) - started).toBeLessThan(IDLE_LIMIT_MS + SLACK_MS);
  await service.kill();
}, 60_000);

test('a reader that does not read is cut off (F22)', async () => {
  const service = await Service.start();
  await service.tell('series', { count: 20_000, padding: 1000 });
  const descriptors = async () => (await service.tell<Usage>('usage')).descriptors;
  const unconnected = await descriptors();
  const socket = await dial(service.port);
  const closed = closing(socket);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  const started = performance.now();

  // The other side's closing shows only to who reads: look at the server's descriptors instead.
  await until('the connection is accepted', async () => (await descriptors()) > unconnected);
  await until('the connection is closed', async () => (await descriptors()) === unconnected);
  expect(performance.now() - started).toBeLessThan(IDLE_LIMIT_MS + SLACK_MS);
  socket.destroy();
  await closed;
  expect((await request(`${service.url}/healthz`)).status).toBe(200);
  await service.kill();
}, 60_000);

// In JavaScript one after the other stops the loop: fewer show the same.
const AT_ONCE = BACKEND === 'native' ? 1000 : 100;

test(`${AT_ONCE} scrapes at once of 10,000 series are answered or turned away, in little memory (F21)`, async () => {
  const service = await Service.start();
  await service.tell('series', { count: 10_000 });
  expect((await request(`${service.url}/metrics`)).status).toBe(200);
  const before = await service.tell<Usage>('usage');
  // Nobody scrapes the bystander: what delays its loop is the machine.
  const bystander = await Service.start();
  await Promise.all([service.tell('watchLoop'), bystander.tell('watchLoop')]);

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, () => request(`${service.url}/metrics`)),
  );
  const { p99Ms } = await service.tell<LoopDelay>('loopDelay');
  const { p99Ms: bystanderMs } = await bystander.tell<LoopDelay>('loopDelay');
  const after = await service.tell<Usage>('usage');

  const complete = answers.filter((answer) => answer.status === 200);
  expect(complete.length).toBeGreaterThan(0);
  for (const answer of complete)
    expect(answer.text.match(/^many_10000_total\{/gm)).toHaveLength(10_000);
  for (const answer of answers) expect([200, 503]).toContain(answer.status);
  if (BACKEND === 'native') {
    expect(after.rssBytes - before.rssBytes).toBeLessThan(64 * 1024 * 1024);
    expect(p99Ms).toBeLessThan(Math.max(5, 3 * bystanderMs));
  }
  await Promise.all([service.kill(), bystander.kill()]);
}, 120_000);

/** How long each of 200 scrapes took, one after the other, milliseconds; all must succeed. */
async function scrapes(url: string): Promise<number[]> {
  const tookMs: number[] = [];
  for (let scrape = 0; scrape < 200; scrape += 1) {
    const asked = performance.now();
    expect((await request(`${url}/metrics`)).status).toBe(200);
    tookMs.push(performance.now() - asked);
  }
  return tookMs;
}

function p99(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.ceil(ascending.length * 0.99) - 1] ?? NaN;
}

/** A connection that begins a request and then sends a header line now and again. */
/** Resolves when it is closed, be it by a reset, for which `once()` of node:events would reject. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function drip(port: number): Promise<{ readonly closed: Promise<number> }> {
  const socket: Socket = await dial(port);
  socket.on('error', () => undefined);
  socket.resume();
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n');
  const timer = setInterval(() => socket.write('X-Slow: y\r\n'), 1000);
  const closed = closing(socket).then(() => {
    clearInterval(timer);
    return performance.now();
  });
  return { closed };
}
