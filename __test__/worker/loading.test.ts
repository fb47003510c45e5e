/** The addon in threads that come and go, and in module caches that are emptied. */
import { Fixture } from '../support/fixture';
import { request } from '../support/request';
import { describeNative } from '../support/surroundings';

interface Seen {
  readonly seen: { readonly url: string; readonly rounds: number }[];
}

test('loaded in workers only: each round finds the meter of the process', async () => {
  const rounds = 20;
  const fixture = Fixture.start('only-in-worker.cjs', { args: [String(rounds)] });
  const { seen } = await fixture.next<Seen>();
  expect(seen.map((message) => message.rounds)).toEqual(
    Array.from({ length: rounds }, (_, index) => index + 1),
  );
  fixture.hangUp();
  expect(await fixture.ended()).toMatchObject({ code: 0, signal: null });
});

describeNative('the native threads', () => {
  test('go on serving when the worker that opened the meter is gone', async () => {
    const fixture = Fixture.start('only-in-worker.cjs', { args: ['3'] });
    const { seen } = await fixture.next<Seen>();
    expect(new Set(seen.map((message) => message.url)).size).toBe(1);
    const answer = await request(`${String(seen[0]?.url)}/metrics`);
    expect(answer.text).toContain('rounds_total 3\n');
    fixture.hangUp();
    expect(await fixture.ended()).toMatchObject({ code: 0, signal: null });
  });
});
