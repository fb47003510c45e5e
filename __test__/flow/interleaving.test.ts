/**
 * Whatever is called, in whichever order, on elements that are in flight or were: the meter shows
 * what a model of a few lines shows. Places of elements are used again all the time, so that an end
 * which lands on another element would show.
 */
import fc from 'fast-check';
import { mockClock, type Element, type Flow } from 'nanometer';
import { elementsRefused, viewOf } from '../support/flow';
import { quietMeter } from '../support/meter';

const clock = mockClock(1_000);
const meter = quietMeter({ clock });
let now = 0;

const MAX_IN_FLIGHT = 6;
const HIGH = 3;
const LOW = 1;

const CALLS = [
  ...(['begin', 'end', 'fail', 'make', 'take', 'throw'] as const),
  ...(['startMake', 'endMake', 'failMake', 'startTake', 'endTake', 'failTake'] as const),
];
type Call = (typeof CALLS)[number];

/** A call, on the so-manyth element of all that have been begun, after so many nanoseconds. */
interface Step {
  readonly call: Call;
  readonly on: number;
  readonly afterNs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  call: fc.oneof(
    { weight: 6, arbitrary: fc.constant('begin' as const) },
    { weight: 4, arbitrary: fc.constantFrom('make' as const, 'take' as const) },
    { weight: 9, arbitrary: fc.constantFrom(...CALLS) },
  ),
  // Of the newest ones, mostly: the others have long ended.
  on: fc.oneof({ weight: 9, arbitrary: fc.nat(7) }, { weight: 1, arbitrary: fc.nat(40) }),
  afterNs: fc.integer({ min: 1, max: 1_000 }),
});

interface ModelElement {
  readonly begunNs: number;
  inFlight: boolean;
  /** When it left the last component. */
  exitNs: number | null;
  queuedNs: number | null;
  makingNs: number | null;
  takingNs: number | null;
}

/** What should be counted; two components, `make` and `take`, and the queue between them. */
class Model {
  readonly elements: ModelElement[] = [];
  readonly seen = {
    ...{ refused: 0, abandoned: 0, total: 0, errors: 0 },
    ...{ makes: 0, makeErrors: 0, takes: 0, takeErrors: 0 },
    ...{ transferred: 0, peak: 0, pressures: 0, pressedNs: 0 },
    ...{ latencyNs: 0, waitNs: 0, makeNs: 0, takeNs: 0 },
  };
  #pressedSince: number | null = null;

  get inFlight(): ModelElement[] {
    return this.elements.filter((element) => element.inFlight);
  }

  get depth(): number {
    return this.inFlight.filter((element) => element.queuedNs !== null).length;
  }

  get isPressed(): boolean {
    return this.#pressedSince !== null;
  }

  begin(): void {
    if (this.inFlight.length === MAX_IN_FLIGHT) {
      const oldest = this.inFlight.reduce((a, b) => (a.begunNs <= b.begunNs ? a : b));
      this.seen.abandoned += 1;
      this.#leave(oldest);
    }
    this.elements.push({
      ...{ begunNs: now, inFlight: true },
      ...{ exitNs: null, queuedNs: null, makingNs: null, takingNs: null },
    });
  }

  apply(call: Exclude<Call, 'begin'>, element: ModelElement): void {
    const { seen } = this;
    if (!element.inFlight) {
      seen.refused += 1;
      return;
    }
    switch (call) {
      case 'end':
        this.#stop(element, false);
        seen.total += 1;
        seen.latencyNs += (element.exitNs ?? now) - element.begunNs;
        this.#leave(element);
        break;
      case 'fail':
        this.#stop(element, true);
        seen.total += 1;
        seen.errors += 1;
        this.#leave(element);
        break;
      case 'make':
        seen.makes += 1;
        this.#queue(element);
        break;
      case 'take':
        this.#unqueue(element);
        seen.takes += 1;
        element.exitNs = now;
        break;
      case 'throw':
        this.#unqueue(element);
        seen.takes += 1;
        seen.takeErrors += 1;
        break;
      case 'startMake':
        if (element.makingNs !== null) seen.refused += 1;
        else element.makingNs = now;
        break;
      case 'startTake':
        if (element.takingNs !== null) seen.refused += 1;
        else {
          this.#unqueue(element);
          element.takingNs = now;
        }
        break;
      case 'endMake':
        if (this.#endMake(element, false)) this.#queue(element);
        else seen.refused += 1;
        break;
      case 'failMake':
        if (!this.#endMake(element, true)) seen.refused += 1;
        break;
      case 'endTake':
        if (this.#endTake(element, false)) element.exitNs = now;
        else seen.refused += 1;
        break;
      case 'failTake':
        if (!this.#endTake(element, true)) seen.refused += 1;
        break;
    }
  }

  #stop(element: ModelElement, failed: boolean): void {
    this.#endMake(element, failed);
    this.#endTake(element, failed);
  }

  #endMake(element: ModelElement, failed: boolean): boolean {
    if (element.makingNs === null) return false;
    this.seen.makes += 1;
    this.seen.makeErrors += failed ? 1 : 0;
    this.seen.makeNs += now - element.makingNs;
    element.makingNs = null;
    return true;
  }

  #endTake(element: ModelElement, failed: boolean): boolean {
    if (element.takingNs === null) return false;
    this.seen.takes += 1;
    this.seen.takeErrors += failed ? 1 : 0;
    this.seen.takeNs += now - element.takingNs;
    element.takingNs = null;
    return true;
  }

  #queue(element: ModelElement): void {
    element.queuedNs = now;
    this.seen.peak = Math.max(this.seen.peak, this.depth);
    if (this.depth < HIGH || this.#pressedSince !== null) return;
    this.#pressedSince = now;
    this.seen.pressures += 1;
  }

  #unqueue(element: ModelElement): void {
    if (element.queuedNs === null) return;
    this.seen.waitNs += now - element.queuedNs;
    this.seen.transferred += 1;
    element.queuedNs = null;
    this.#relieve();
  }

  #leave(element: ModelElement): void {
    element.inFlight = false;
    this.#relieve();
  }

  #relieve(): void {
    if (this.#pressedSince === null || this.depth > LOW) return;
    this.seen.pressedNs += now - this.#pressedSince;
    this.#pressedSince = null;
  }
}

const lost = () => {
  // Another one each time: an error that is met twice is one.
  throw new Error('on purpose');
};

function call(flow: Flow<'make' | 'take'>, element: Element, what: Exclude<Call, 'begin'>): void {
  const { make, take } = flow.components;
  const calls: Record<typeof what, () => void> = {
    end: () => element.end(),
    fail: () => element.fail(new Error('lost')),
    make: () => make.run(element, () => undefined),
    take: () => take.run(element, () => undefined),
    throw: () => {
      try {
        take.run(element, lost);
      } catch {
        // Whether it is passed on is another test's.
      }
    },
    startMake: () => make.start(element),
    endMake: () => make.end(element),
    failMake: () => make.fail(element, new Error('unmade')),
    startTake: () => take.start(element),
    endTake: () => take.end(element),
    failTake: () => take.fail(element, new Error('untaken')),
  };
  calls[what]();
}

let made = 0;

test('the meter shows what the model shows', () => {
  const covered = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), (steps) => {
      const id = `interleaved ${String((made += 1))}`;
      const flow = meter.flow(id, ['make', 'take'], {
        ...{ maxInFlight: MAX_IN_FLIGHT, highWaterMark: HIGH, lowWaterMark: LOW },
      });
      const refusedBefore = elementsRefused(meter);
      const model = new Model();
      const elements: Element[] = [];
      const stream = flow.stream('make', 'take');
      const [shown, wanted]: [unknown[], unknown[]] = [[], []];
      for (const { call: what, on, afterNs } of steps) {
        clock.advance(afterNs);
        now += afterNs;
        if (what === 'begin') {
          elements.push(flow.begin());
          model.begin();
        } else if (elements.length > 0) {
          const i = Math.max(0, elements.length - 1 - on);
          call(flow, elements[i]!, what);
          model.apply(what, model.elements[i]!);
        }
        const oldest = Math.min(...model.inFlight.map(({ begunNs }) => begunNs));
        wanted.push(
          ...[model.inFlight.length, oldest === Infinity ? 0 : now - oldest],
          ...[model.depth, model.isPressed],
        );
        shown.push(flow.inFlight, flow.oldestAgeNs, stream.depth, stream.isPressed);
      }
      // One comparison of texts: thousands of others would take the test's time.
      expect(shown.join(' ')).toBe(wanted.join(' '));
      expect(elements.map((element) => element.isInFlight)).toEqual(
        model.elements.map((element) => element.inFlight),
      );
      const { seen } = model;
      expect(shownOf(id, refusedBefore)).toEqual({
        ...seen,
        // Of those that still run, nothing is known yet.
        ...{ inFlight: model.inFlight.length, depth: model.depth },
        ...{ active: model.isPressed ? 1 : 0, latencies: seen.total - seen.errors },
      });
      for (const [what, count] of Object.entries(seen)) if (count > 0) covered.add(what);

      if (flow.state === 'running') flow.cancel();
      for (const element of elements) element.end();
      expect(viewOf(meter, id).value('flow.elements.in_flight')).toBe(0);
      flow.remove();
    }),
    { numRuns: 200 },
  );
  // A figure that no sequence of calls moves would show nothing.
  expect([...covered].sort()).toEqual(Object.keys(new Model().seen).sort());
});

function shownOf(id: string, refusedBefore: number): Record<string, number | undefined> {
  const snapshot = meter.snapshot();
  const { value, times } = viewOf({ snapshot: () => snapshot }, id);
  const stream = 'make->take';
  return {
    refused: elementsRefused(meter) - refusedBefore,
    abandoned: value('flow.elements.abandoned'),
    total: value('flow.elements.total'),
    errors: value('flow.elements.errors'),
    makes: value('component.invocations', 'make'),
    makeErrors: value('component.errors', 'make'),
    takes: value('component.invocations', 'take'),
    takeErrors: value('component.errors', 'take'),
    transferred: value('stream.elements.transferred', stream),
    peak: value('stream.queue.peak_depth', stream),
    pressures: value('stream.backpressure.events', stream),
    pressedNs: value('stream.backpressure.duration_ns', stream),
    latencyNs: times('flow.latency').sum,
    waitNs: times('stream.queue.wait_time', stream).sum,
    makeNs: times('component.processing_time', 'make').sum,
    takeNs: times('component.processing_time', 'take').sum,
    inFlight: value('flow.elements.in_flight'),
    depth: value('stream.queue.current_depth', stream),
    active: value('stream.backpressure.active', stream),
    latencies: times('flow.latency').count,
  };
}
