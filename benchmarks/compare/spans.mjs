/**
 * nanometer's spans over one meter, as passes: bursts with a turn between them, as in a service.
 */
import { unsampled } from './elements.mjs';
import { expect } from './workload.mjs';

/** Spans in a burst, and bursts in a pass: what a collector takes is part of it. */
export const BURST = 1024;
const BURSTS = 16;

/** Traces of three spans in a burst: as many spans as OpenTelemetry's queue takes at once. */
export const TREES = 256;

const EVERY_ONE = { sampleRate: 1, maxPromotionsPerSecond: 1_000_000 };

/**
 * A candidate of `racePasses` from what it does in one burst; `call()` is one alone.
 *
 * @param {object} burst
 * @param {string} burst.name
 * @param {string} burst.group
 * @param {number} [burst.operations] In one burst.
 * @param {() => void} burst.burst
 * @param {() => unknown} [burst.flush] What is to be done with a burst before the next.
 */
export function inBursts({ burst, flush, operations = BURST, ...candidate }) {
  return {
    ...candidate,
    operations: operations * BURSTS,
    call: burst,
    async pass() {
      for (let count = 0; count < BURSTS; count += 1) {
        burst();
        await flush?.();
      }
    },
  };
}

/** The spans of one meter, counted: each candidate is checked by what all of them recorded. */
export class SpanRace {
  #title;
  #meter;
  #before;
  #expected = 0;

  /**
   * @param {string} title The package's name in the tables.
   * @param {import('nanometer').Meter} meter At level production, and traced by nobody else from now on.
   */
  constructor(title, meter) {
    this.#title = title;
    this.#meter = meter;
    this.#before = this.#recorded();
  }

  /** The component of a flow works on an element: what it records besides is the same without tracing. */
  part() {
    const flow = this.#meter.flow('bench.spans', ['parse']);
    const { parse } = flow.components;
    const element = unsampled(this.#meter, () => flow.begin());
    return this.#candidate('start(element), end(element)', 'span', () => {
      for (let i = 0; i < BURST; i += 1) {
        parse.start(element);
        parse.end(element);
      }
    });
  }

  /** A span that begins a trace. */
  root() {
    const meter = this.#meter;
    return this.#candidate("span('bench'), end()", 'span', () => {
      for (let i = 0; i < BURST; i += 1) meter.span('bench').end();
    });
  }

  /** The same, each of them promoted as it ends. */
  promoted() {
    const { tracing } = this.#meter;
    const usual = Object.fromEntries(Object.keys(EVERY_ONE).map((key) => [key, tracing[key]]));
    return {
      ...this.root(),
      name: `${this.#title}: span('bench'), end(), each promoted`,
      before: () => Object.assign(tracing, EVERY_ONE),
      after: () => Object.assign(tracing, usual),
    };
  }

  /** A span below one that stays open. */
  child() {
    const meter = this.#meter;
    const parent = unsampled(meter, () => meter.span('parent'));
    return this.#candidate("span('bench', parent), end()", 'span', () => {
      for (let i = 0; i < BURST; i += 1) meter.span('bench', parent).end();
    });
  }

  /** A trace of three spans, each below the one before. */
  nested() {
    const meter = this.#meter;
    const burst = () => {
      for (let i = 0; i < TREES; i += 1) {
        const first = meter.span('first');
        const second = meter.span('second', first);
        const third = meter.span('third', second);
        third.end();
        second.end();
        first.end();
      }
    };
    return this.#candidate('three nested spans', 'nested', burst, TREES, 3);
  }

  /** A span of which three things are said. */
  described() {
    const meter = this.#meter;
    return this.#candidate('three attributes', 'attributes', () => {
      for (let i = 0; i < BURST; i += 1) {
        const span = meter.span('bench');
        span.setAttribute('order.id', i);
        span.setAttribute('route', '/orders/{id}');
        span.setAttribute('is.cached', true);
        span.end();
      }
    });
  }

  #candidate(name, group, burst, operations = BURST, spans = 1) {
    return inBursts({
      name: `${this.#title}: ${name}`,
      group,
      operations,
      burst: () => {
        burst();
        this.#expected += operations * spans;
      },
      check: () => this.#complaint(),
    });
  }

  /** Those whose `call()` does as many as that of a race does, for allocations to be counted. */
  counted() {
    return [this.root(), this.child()];
  }

  /** Null where all that was raced was recorded; a meter without tracing records nothing. */
  #complaint() {
    const recorded = this.#recorded() - this.#before;
    return expect(recorded, this.#meter.tracing.isEnabled ? this.#expected : 0);
  }

  #recorded() {
    return this.#meter.snapshot().value('nanometer.spans_recorded') ?? 0;
  }
}

/** Readings of the clock, as many as a span makes. */
export function twoReadings(title, meter) {
  let total = 0;
  return inBursts({
    name: `${title}: meter.now(), twice`,
    group: 'span',
    burst() {
      let sum = 0;
      for (let i = 0; i < BURST; i += 1) sum += meter.now() + meter.now();
      total += sum;
    },
    check: () => (total > 0 ? null : 'read no time'),
  });
}
