/** A hang has a name: component, age and trace id of what is stuck, while the event loop is blocked. */
import type { OpenSpanData } from 'nanometer';
import { Fixture } from '../support/fixture';
import { request } from '../support/request';
import { describeNative } from '../support/surroundings';

const BLOCK_MS = 1_500;
/** The loop is blocked 50 ms after that has been said. */
const UNTIL_BLOCKED_MS = 150;

interface Hanging {
  readonly url: string;
  readonly traceId: string;
  readonly spanId: string;
}

interface Told {
  readonly seen: readonly OpenSpanData[];
  readonly after: readonly OpenSpanData[];
}

let fixture: Fixture;
let hanging: Hanging;

beforeEach(async () => {
  fixture = Fixture.start('hang.cjs');
  hanging = await fixture.next<Hanging>();
});

afterEach(() => fixture.kill());

/** That it is the element that hangs, and nothing else. */
function expectHanging(open: readonly OpenSpanData[], leastAgeNs: number): void {
  const { traceId, spanId } = hanging;
  expect(open).toMatchObject([
    { traceId, spanId, name: 'flow:orders', flow: 'orders', component: 'parse' },
  ]);
  const [{ ageNs, componentAgeNs, startMs }] = open as [OpenSpanData];
  expect(componentAgeNs).toBeGreaterThan(leastAgeNs);
  expect(ageNs).toBeGreaterThan(componentAgeNs!);
  expect(Math.abs(startMs + ageNs / 1e6 - Date.now())).toBeLessThan(60_000);
}

test('another thread sees what is open in the one that is blocked', async () => {
  await fixture.ask({ forMs: 1 });
  const { seen, after } = await fixture.next<Told>();
  expectHanging(seen, 1e6);
  expect(after).toEqual([]);
});

describeNative('the server', () => {
  test('says what is open while the loop is blocked', async () => {
    await fixture.ask({ forMs: BLOCK_MS });
    let isOver = false;
    const over = fixture.next<Told>().then((told) => {
      isOver = true;
      return told;
    });
    await new Promise((resolve) => setTimeout(resolve, UNTIL_BLOCKED_MS));
    const { status, text } = await request(`${hanging.url}/flows/orders`);
    expect(isOver).toBe(false);
    expect(status).toBe(200);
    expectHanging((JSON.parse(text) as { open: OpenSpanData[] }).open, 1e6);
    // What its first component did is found too, before it has ended.
    const trace = await request(`${hanging.url}/traces/${hanging.traceId}`);
    expect(isOver).toBe(false);
    expect(JSON.parse(trace.text)).toMatchObject({
      reason: null,
      spans: [{ name: 'component:read:invoke:1', parentSpanId: hanging.spanId }],
    });
    expectHanging((await over).seen, 1e6);
    const later = await request(`${hanging.url}/flows/orders`);
    expect((JSON.parse(later.text) as { open: OpenSpanData[] }).open).toEqual([]);
  });
});
