/** Worker threads that come, record and go in every way there is; under scrapes all the time (F50). */
import { Fixture } from '../support/fixture';
import { request, scrape } from '../support/request';
import { BACKEND, temporaryDirectory } from '../support/surroundings';

// The count is the native backend's promise; threads of the other cost the loop that answers, too.
const WORKERS = BACKEND === 'native' ? 2_000 : 600;
const AT_ONCE = 8;
const WARM_UP = 300;
const SCRAPE_EVERY_MS = 50;
/** What one lost lane a worker would cost is 64 KiB at the least: 100 MiB in all. */
const GROWTH_LIMIT_BYTES = 24 * 1024 * 1024;

interface Counts {
  readonly total: number;
  readonly labelled: number;
  readonly recorded: number;
}

interface Reading {
  readonly startedWorkers: number;
  readonly confirmed: Counts;
  readonly counted: Counts;
  readonly rssBytes: number;
}

const KINDS = ['total', 'labelled', 'recorded'] as const;

/** All that was confirmed is counted, and of each terminated worker at most the one write more. */
function expectNothingLost({ confirmed, counted, startedWorkers }: Reading): void {
  for (const kind of KINDS) {
    expect(counted[kind]).toBeGreaterThanOrEqual(confirmed[kind]);
    expect(counted[kind]).toBeLessThanOrEqual(confirmed[kind] + startedWorkers);
  }
}

async function startChurn(stateDir = ''): Promise<{ fixture: Fixture; url: string }> {
  const fixture = Fixture.start('churn.cjs', { args: [stateDir], execArgv: ['--expose-gc'] });
  const { url } = await fixture.next<{ url: string }>();
  return { fixture, url };
}

test(`${WORKERS} workers terminated in mid-write, ${AT_ONCE} at once`, async () => {
  const { fixture, url } = await startChurn(temporaryDirectory());
  const warm = await fixture.ask<Reading>({ do: 'churn', workers: WARM_UP, atOnce: AT_ONCE });
  expectNothingLost(warm);

  const scraping = scrapeAllTheTime(url);
  const after = await fixture.ask<Reading>({
    do: 'churn',
    workers: WORKERS - WARM_UP,
    atOnce: AT_ONCE,
  });
  const scrapes = await scraping.stop();

  expect(after.startedWorkers).toBe(WORKERS);
  expectNothingLost(after);
  expect(after.confirmed.total).toBeGreaterThan(WORKERS);
  expect(after.rssBytes - warm.rssBytes).toBeLessThan(GROWTH_LIMIT_BYTES);
  expect(scrapes.length).toBeGreaterThan(20);
  // Counters that a scraper has seen never fall, whichever threads end in between.
  expect(scrapes).toEqual([...scrapes].sort((a, b) => a - b));
  await fixture.kill();
}, 400_000);

describe('a worker that', () => {
  let churn: { fixture: Fixture; url: string };

  beforeAll(async () => {
    churn = await startChurn();
  });

  test.each([
    ['returns', 'return', { code: 0, failure: null }],
    ['throws', 'throw', { code: 1, failure: 'on purpose' }],
    ['exits', 'exit', { code: 3, failure: null }],
    ['closes its meter', 'close', { code: 0, failure: null }],
  ])('%s leaves exactly what it counted', async (_, how, ending) => {
    const before = await churn.fixture.ask<Reading>({ do: 'read' });
    const after = await churn.fixture.ask<Reading>({ do: 'end', how });
    expect(after).toMatchObject(ending);
    for (const kind of KINDS) {
      expect(after.counted[kind]).toBe(after.confirmed[kind]);
      expect(after.counted[kind] - before.counted[kind]).toBe(1000);
    }
    expect(await scrape(churn.url, 'text')).toContain(`churn_total ${after.counted.total}\n`);
  });
});

function scrapeAllTheTime(url: string): { stop: () => Promise<number[]> } {
  let going = true;
  const totals: number[] = [];
  const run = async () => {
    while (going) {
      const answer = await request(`${url}/metrics`);
      expect(answer.status).toBe(200);
      totals.push(Number(/^churn_total (\S+)$/m.exec(answer.text)?.[1]));
      // The workers need the cores more.
      await new Promise((resolve) => setTimeout(resolve, SCRAPE_EVERY_MS));
    }
  };
  const running = run();
  return {
    stop: async () => {
      going = false;
      await running;
      return totals;
    },
  };
}
