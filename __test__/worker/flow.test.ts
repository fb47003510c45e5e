/** One flow in several threads: all is counted together, and what a thread counted outlives it. */
import type { FlowFigures } from 'nanometer';
import { Fixture } from '../support/fixture';
import { request } from '../support/request';

interface Seen {
  readonly exits: readonly number[];
  readonly flow: Omit<FlowFigures, 'components' | 'streams'>;
  readonly components: FlowFigures['components'];
  readonly streams: FlowFigures['streams'];
  readonly latencies: number;
  readonly flowsActive: number;
}

let fixture: Fixture;
let url: string;

beforeEach(async () => {
  fixture = Fixture.start('flow-threads.cjs');
  ({ url } = await fixture.next<{ url: string }>());
});

afterEach(() => fixture.kill());

const run = (how: string, workers: number, elements: number) =>
  fixture.ask<Seen>({ do: 'run', how, workers, elements });

/**
 * What so many elements leave behind, every tenth of which failed in the second component.
 *
 * @param torn - how many calls may have been cut off between one count of them and the next
 */
function expectCounted(
  { flow, components, streams, latencies }: Seen,
  elements: number,
  torn = 0,
): void {
  const errors = elements / 10;
  expect(flow).toMatchObject({ elements, errors });
  expect(flow.copies).toEqual({
    ...{ total: elements - errors, bytes: 2 * (elements - errors) },
    byReason: { PayloadWrite: elements - errors },
  });
  expect(latencies).toBe(elements - errors);
  expect(components.map((one) => [one.id, one.errors])).toEqual([
    ['read', 0],
    ['parse', errors],
    ['write', 0],
  ]);
  for (const { invocations, processingTime } of components) {
    expect(invocations - processingTime.count).toBeGreaterThanOrEqual(0);
    expect(invocations - processingTime.count).toBeLessThanOrEqual(torn);
  }
  for (const { transferred, waitTime } of streams) expect(waitTime.count).toBe(transferred);
}

test('a million elements over four workers into one flow: exact totals', async () => {
  const seen = await run('complete', 4, 250_000);
  expect(seen.exits).toEqual([0, 0, 0, 0]);
  expectCounted(seen, 1_000_000);
  expect(seen.components.map(({ invocations }) => invocations)).toEqual([
    1_000_000, 1_000_000, 900_000,
  ]);
  expect(seen.streams.map(({ id, transferred }) => [id, transferred])).toEqual([
    ['read->parse', 1_000_000],
    ['parse->write', 900_000],
  ]);
  expect(seen.streams).toMatchObject([
    { depth: 0, peakDepth: 1 },
    { depth: 0, peakDepth: 1 },
  ]);
  expect(seen.flow).toMatchObject({ state: 'completed', inFlight: 0, oldestAgeNs: null });
  expect(seen.flow.activeDurationNs).toBeGreaterThan(0);
  expect(seen.flow.throughput).toBe((1e9 * 1_000_000) / seen.flow.activeDurationNs);
  expect(seen.flowsActive).toBe(0);
  // The server says the same as the snapshot.
  const served = JSON.parse((await request(`${url}/flows/shared`)).text) as FlowFigures;
  const { components, streams } = seen;
  expect(served).toEqual({ ...seen.flow, components, streams, open: [] });
});

test.each([
  ['returns', 'return', 0],
  ['throws', 'throw', 1],
  ['exits', 'exit', 3],
  ['is terminated', 'forever', 1],
])(
  'a worker that %s in the middle leaves what it counted, and nothing in flight',
  async (_, how, code) => {
    const seen = await run(how, 1, 1_000);
    expect(seen.exits).toEqual([code]);
    // What it was in the middle of has not been counted.
    expectCounted(seen, 1_000, how === 'forever' ? 1 : 0);
    // Six more were read, and waited.
    expect(seen.components[0]!.invocations).toBe(1_006);
    expect(seen.components[1]!.invocations).toBe(1_000);
    // The thread's state, elements, queues and duration went with it.
    expect(seen.flow).toMatchObject({ inFlight: 0, oldestAgeNs: null });
    expect(seen.streams[0]!.depth).toBe(0);
    expect(seen.flowsActive).toBe(0);
    // How deep its queue was is history, and stays.
    expect(seen.streams[0]!.peakDepth).toBe(6);
  },
);

test('the next thread goes on where one has ended', async () => {
  const first = await run('return', 1, 1_000);
  const second = await run('complete', 1, 1_000);
  expectCounted(second, 2_000);
  // The second one's queues were never deeper than one: the deepest that there ever was is shown.
  expect(second.streams[0]!.peakDepth).toBe(first.streams[0]!.peakDepth);
  expect(second.flow).toMatchObject({ state: 'completed', inFlight: 0 });
  const third = await run('throw', 2, 500);
  expectCounted(third, 3_000);
});

test('what runs in one thread is not hidden by what is over in another', async () => {
  const begun = await fixture.ask<Seen>({ do: 'begin' });
  expect(begun.flow).toMatchObject({ state: 'running', inFlight: 1 });
  const after = await run('complete', 2, 100);
  expect(after.flow).toMatchObject({ state: 'running', inFlight: 1, elements: 200 });
  expect(after.flowsActive).toBe(1);
  const cancelled = await fixture.ask<Seen>({ do: 'cancel' });
  expect(cancelled.flow).toMatchObject({ state: 'cancelled' });
  expect(cancelled.flowsActive).toBe(0);
});
