/** The package on each supported Node: loading, recording, scraping, workers, and the way out. */
import { check } from '../conformance/checker';
import { Fixture } from '../support/fixture';
import { scrape } from '../support/request';
import { BACKEND } from '../support/surroundings';
import { findNode, MAJORS } from './nodes';

interface Counts {
  readonly total: number;
}

for (const major of MAJORS) {
  const node = findNode(major);
  if ('path' in node) {
    describe(`Node ${major}`, () => judge(node.path));
  } else if (process.env['NANOMETER_REQUIRE_JUDGES'] === '1') {
    test(`Node ${major}`, () => {
      throw new Error(node.missing);
    });
  } else {
    describe.skip(`Node ${major} (${node.missing})`, () => judge(''));
  }
}

function judge(execPath: string): void {
  test('records everything and serves it in both formats', async () => {
    const service = Fixture.start('recording-service.cjs', { execPath });
    const { url } = await service.next<{ url: string }>();
    expect(check(await scrape(url, 'text'), 'text')).toEqual([]);
    expect(check(await scrape(url, 'openmetrics'), 'openmetrics')).toEqual([]);
    service.hangUp();
    expect(await service.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('is one module, imported or required', async () => {
    const program = Fixture.start('import-and-require.mjs', { execPath });
    expect(await program.next()).toEqual({
      same: true,
      catalogs: ['calimero', 'flowscope', 'session', 'torvyn'],
      value: 2,
    });
    program.hangUp();
    expect(await program.ended()).toMatchObject({ code: 0, signal: null });
  });

  test.each([
    ['returns', 'return', 0, null],
    ['exits in mid-way', 'exit', 4, null],
    ['throws', 'throw', 1, null],
    ['is terminated', 'terminate', null, 'SIGTERM'],
    ['loads it twice', 'reload', 0, null],
  ])('survives a process that %s', async (_, how, code, signal) => {
    const program = Fixture.start('ways-out.cjs', { execPath, args: [how] });
    expect(await program.next()).toEqual({ value: 1 });
    expect(await program.ended()).toMatchObject({ code, signal });
  });

  test('survives being loaded in workers only', async () => {
    const program = Fixture.start('only-in-worker.cjs', { execPath, args: ['10'] });
    const { seen } = await program.next<{ seen: { rounds: number }[] }>();
    if (BACKEND === 'native') expect(seen.at(-1)?.rounds).toBe(10);
    program.hangUp();
    expect(await program.ended()).toMatchObject({ code: 0, signal: null });
  });

  test('survives workers that are terminated in mid-write, and loses nothing', async () => {
    const program = Fixture.start('churn.cjs', { execPath, args: [''] });
    await program.next();
    const { confirmed, counted } = await program.ask<{ confirmed: Counts; counted: Counts }>({
      do: 'churn',
      workers: 100,
      atOnce: 8,
    });
    expect(counted.total).toBeGreaterThanOrEqual(confirmed.total);
    expect(counted.total).toBeLessThanOrEqual(confirmed.total + 100);
    program.hangUp();
    expect(await program.ended()).toMatchObject({ code: 0, signal: null });
  }, 60_000);
}
