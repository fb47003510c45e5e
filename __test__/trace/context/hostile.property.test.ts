/**
 * A hundred thousand hostile or random headers: never a throw, and what goes on is always valid, by
 * an independent reading of the grammar and by OpenTelemetry's own propagator.
 */
import { ROOT_CONTEXT, trace, defaultTextMapGetter } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import fc from 'fast-check';
import { extract, inject } from '../../../dist/trace/context/carrier';

const RUNS = 100_000;

// The grammar as the specification has it, written down apart from the code.
const IDS = '(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}';
const ACCEPTED = new RegExp(
  `^[ \\t]*(?:00-${IDS}-[0-9a-f]{2}|(?!00|ff)[0-9a-f]{2}-${IDS}-[0-9a-f]{2}(?:-[^]*)?)[ \\t]*$`,
);
const OUTGOING = new RegExp(`^00-${IDS}-0[0-3]$`);
const KEY = '[a-z0-9][a-z0-9_\\-*\\/@]{0,255}';
const VALUE = '[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]';
const STATE = new RegExp(`^${KEY}=${VALUE}(?:,${KEY}=${VALUE}){0,31}$`);
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const OCTETS = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*';
const MEMBER = `${TOKEN}=${OCTETS}(?:;${TOKEN}(?:=${OCTETS})?)*`;
const BAGGAGE = new RegExp(`^${MEMBER}(?:,${MEMBER}){0,63}$`);

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const hex = (length: number) =>
  fc.oneof(
    { arbitrary: digits(length), weight: 20 },
    { arbitrary: fc.constantFrom(...'0fA').map((digit) => digit.repeat(length)), weight: 1 },
  );
const valid = fc
  .tuple(
    fc.oneof(fc.constant('00'), hex(2)),
    hex(32),
    hex(16),
    hex(2),
    fc.constantFrom('', '', '-x'),
  )
  .map(
    ([version, traceId, spanId, flags, more]) => `${version}-${traceId}-${spanId}-${flags}${more}`,
  );
const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\u00a0'), maxLength: 2 });
const mutated = fc
  .tuple(
    valid,
    fc.nat(60),
    fc.nat(2),
    fc.oneof(fc.string({ maxLength: 2 }), fc.string({ unit: 'binary', maxLength: 2 })),
  )
  .map(([text, at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone));
const traceparent = fc.oneof(
  { arbitrary: valid, weight: 4 },
  { arbitrary: mutated, weight: 4 },
  { arbitrary: fc.tuple(blanks, valid, blanks).map((parts) => parts.join('')), weight: 2 },
  { arbitrary: fc.array(valid, { maxLength: 2 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 60 }), weight: 1 },
  {
    arbitrary: fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
    weight: 1,
  },
);
const good = fc.constantFrom(
  ...['a=1', 'b=2', 'foo@bar=x;y', ' c=3\t', '', 'k=v', 'd=%C3%A9%ff', `l=${'v'.repeat(200)}`],
);
const bad = fc.oneof(
  fc.constantFrom('k=v;p;q=1', 'no value', '=x', 'a=b=c', 'A=1'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const members = fc.oneof(
  { arbitrary: fc.array(good, { maxLength: 6 }), weight: 3 },
  { arbitrary: fc.array(fc.oneof(good, bad), { maxLength: 6 }), weight: 2 },
  {
    arbitrary: fc
      .integer({ min: 30, max: 70 })
      .map((count) => Array.from({ length: count }, (_, i) => `k${i}=${i}`)),
    weight: 1,
  },
);
const list = members.map((all) => all.join(','));
const lines = fc.oneof(
  { arbitrary: list, weight: 4 },
  { arbitrary: fc.array(list, { maxLength: 3 }), weight: 2 },
  { arbitrary: fc.anything(), weight: 1 },
);

/** Of a hundred thousand, `expect` would be the slowest part. */
function hold(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

test('whatever comes in, nothing is thrown and what goes on is valid', () => {
  const foreign = new W3CTraceContextPropagator();
  const seen = { accepted: 0, refused: 0, states: 0, baggage: 0 };
  fc.assert(
    fc.property(traceparent, lines, lines, (parent, tracestate, baggage) => {
      const context = extract({ traceparent: parent, tracestate, baggage });
      const only: unknown = Array.isArray(parent) && parent.length === 1 ? parent[0] : parent;
      hold((context !== null) === (typeof only === 'string' && ACCEPTED.test(only)), 'accepted');
      if (context === null) return void seen.refused++;
      seen.accepted++;

      const headers: Record<string, string> = {};
      hold(inject(context, headers) && OUTGOING.test(headers.traceparent!), 'traceparent');
      if (headers.tracestate !== undefined) {
        seen.states++;
        const state = headers.tracestate;
        const keys = state.split(',').map((member) => member.split('=')[0]);
        hold(STATE.test(state) && state.length <= 512, 'tracestate');
        hold(new Set(keys).size === keys.length, 'keys of tracestate');
      }
      if (headers.baggage !== undefined) {
        seen.baggage++;
        hold(BAGGAGE.test(headers.baggage) && headers.baggage.length <= 8_192, 'baggage');
      }
      const read = trace.getSpanContext(
        foreign.extract(ROOT_CONTEXT, headers, defaultTextMapGetter),
      );
      hold(read?.traceId === context.traceId && read.spanId === context.spanId, 'foreign ids');
      hold(read?.traceFlags === context.flags, 'foreign flags');
    }),
    { numRuns: RUNS },
  );
  // It has judged something of each kind.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 20);
}, 120_000);

test('what goes on is read again as the same', () => {
  fc.assert(
    fc.property(valid, lines, lines, (parent, tracestate, baggage) => {
      const context = extract({ traceparent: parent, tracestate, baggage });
      if (context === null) return;
      const headers: Record<string, string> = {};
      inject(context, headers);
      const again: Record<string, string> = {};
      inject(extract(headers), again);
      expect(again).toEqual(headers);
      expect([...extract(headers)!.baggage]).toEqual([...context.baggage]);
    }),
    { numRuns: 5_000 },
  );
}, 60_000);

test('any object at all as headers: nothing is thrown', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  });
  fc.assert(
    fc.property(anything, anything, (headers, source) => {
      expect(extract(headers)).toBeNull();
      expect(inject(source, headers)).toBe(false);
    }),
    { numRuns: 5_000 },
  );
}, 60_000);
