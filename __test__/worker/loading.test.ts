/** The addon in threads that come and go, and in module caches that are emptied. */
import { Fixture } from '../support/fixture';
import { request } from '../support/request';
import { describeNative } from '../support/surroundings';

interface Seen {
  readonly seen: { readonly url: string; readonly rounds: number }[];
}

async function loadInWorkersOnly(
  rounds: number,
): Promise<{ fixture: Fixture; seen: Seen['seen'] }> {
  const fixture = Fixture.start('only-in-worker.cjs', { args: [String(rounds)] });
  const { seen } = await fixture.next<Seen>();
  expect(seen).toHaveLength(rounds);
  return { fixture, seen };
}

test('a process survives loading it in workers only', async () => {
  const { fixture, seen } = await loadInWorkersOnly(20);
  for (const { rounds } of seen) expect(rounds).toBeGreaterThanOrEqual(1);
  fixture.hangUp();
  expect(await fixture.ended()).toMatchObject({ code: 0, signal: null });
});

// In JavaScript threads share what their common parent opened: without it each is on its own.
describeNative('the native core, loaded in workers only', () => {
  test('is one for the process, and serves on when its first worker is gone', async () => {
    const rounds = 20;
    const { fixture, seen } = await loadInWorkersOnly(rounds);
    expect(seen.map((message) => message.rounds)).toEqual(
      Array.from({ length: rounds }, (_, index) => index + 1),
    );
    expect(new Set(seen.map((message) => message.url)).size).toBe(1);
    const answer = await request(`${String(seen[0]?.url)}/metrics`);
    expect(answer.text).toContain(`rounds_total ${rounds}\n`);
    fixture.hangUp();
    expect(await fixture.ended()).toMatchObject({ code: 0, signal: null });
  });
});
