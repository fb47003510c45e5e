/** While JavaScript is stuck, native threads answer and leases end. */
import { request } from '../support/request';
import { Service } from '../support/service';
import { describeNative } from '../support/surroundings';

const BLOCK_MS = 5_000;
const ANSWER_LIMIT_MS = 50;

describeNative('while the loop is blocked', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start();
    await service.tell('hit', { times: 3 });
    await request(`${service.url}/metrics`);
  });

  test(`five one-second scrapes are answered in under ${ANSWER_LIMIT_MS} ms each`, async () => {
    // Nobody blocks the bystander: what its answers take, the machine costs.
    const bystander = await Service.start();
    const { over } = await service.block(BLOCK_MS);
    let isOver = false;
    void over.then(() => (isOver = true));
    await aLoopTurnOfTheService();

    const tookMs: number[] = [];
    const bystanderMs: number[] = [];
    const begun = performance.now();
    for (let scrape = 0; scrape < 5; scrape += 1) {
      await at(begun + scrape * 1000);
      bystanderMs.push((await timed(bystander.url)).tookMs);
      const answer = await timed(service.url);
      tookMs.push(answer.tookMs);
      expect(answer.text).toContain('hits_total 3\n');
    }
    expect(isOver).toBe(false);
    await over;
    expect(Math.max(...tookMs)).toBeLessThan(
      Math.max(ANSWER_LIMIT_MS, 3 * Math.max(...bystanderMs)),
    );
    await bystander.kill();
  }, 30_000);

  test('a leased level goes back', async () => {
    await service.tell('setLevel', { level: 'diagnostic', forMs: 1000 });
    const { over } = await service.block(3000);
    const first = await level();
    expect(first).toMatchObject({ level: 'diagnostic' });
    expect(first.revertsInMs).toBeGreaterThan(0);
    await at(performance.now() + 1500);
    expect(await level()).toEqual({ level: 'production', revertsInMs: null });
    expect(await over).toMatchObject({ level: 'production' });
  }, 30_000);

  async function level(): Promise<{ level: string; revertsInMs: number | null }> {
    const answer = await request(`${service.url}/level`);
    return JSON.parse(answer.text) as { level: string; revertsInMs: number | null };
  }
});

/** One scrape, and how long it took. */
async function timed(url: string): Promise<{ readonly tookMs: number; readonly text: string }> {
  const asked = performance.now();
  const answer = await request(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return { tookMs: performance.now() - asked, text: answer.text };
}

/** The service begins to block 50 ms after it has said so. */
async function aLoopTurnOfTheService(): Promise<void> {
  await at(performance.now() + 100);
}

function at(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, timeMs - performance.now())));
}
