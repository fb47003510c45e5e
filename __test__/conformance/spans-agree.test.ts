/** Both backends read the same from the same memory of spans, whatever is in it. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { OpenSpanData, TraceData } from 'nanometer';
import type { Backend, BackendMeter } from '../../dist/backend/backend';
import { javascriptBackend } from '../../dist/javascript';
import { loadNative } from '../../dist/backend/native';
import { resolveOptions } from '../../dist/open/options';
import {
  SpanWriter,
  timeless,
  timelessSpan,
  type WrittenEntry,
  type WrittenSpan,
} from '../support/span-writer';
import { BACKEND } from '../support/surroundings';

// Needs a native binary, which the run over the JavaScript backend may do without.
const both = BACKEND === 'native' ? test : test.skip;

const TEXTS = ['a', 'flow', 'parse', 'parse->write', 'PayloadRead'];
const TRACES = 4;
const trace = fc.integer({ min: 1, max: TRACES }).map((number) => `${number}`.padStart(32, '0'));
const id = fc.integer({ min: 1, max: 30 }).map((number) => number.toString(16).padStart(16, '0'));
// Two texts have no number.
const text = fc.integer({ min: 0, max: TEXTS.length + 1 });
const attributes = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 5 }).filter((key) => !/^[0-9_]/.test(key)),
  fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })),
  { maxKeys: 3 },
);
const said = fc.record(
  {
    name: fc.string(),
    message: fc.string({ maxLength: 400 }),
    attributes,
    events: fc.array(
      fc.record(
        { name: fc.string(), atNs: fc.nat(), attributes, dropped: fc.nat() },
        { requiredKeys: ['name', 'atNs', 'attributes'] },
      ),
      { maxLength: 2 },
    ),
    dropped: fc.tuple(fc.nat(), fc.nat()),
  },
  { requiredKeys: [] },
);
const span: fc.Arbitrary<WrittenSpan> = fc.record(
  {
    ...{ trace, id, parent: id, name: text, flow: text, component: text },
    form: fc.nat({ max: 7 }),
    kind: fc.nat({ max: 6 }),
    status: fc.nat({ max: 3 }),
    // So that all starts differ: those that do not are in no order.
    startNs: fc.nat(),
    durationNs: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, NaN, Infinity)),
    sequence: fc.nat(),
    amount: fc.nat(),
    traceFlags: fc.constantFrom(0, 1, 3, 0x203),
    text: fc.oneof(
      said.map((each) => JSON.stringify(each)),
      fc.constantFrom('', '{'),
    ),
  },
  { requiredKeys: ['trace', 'id', 'startNs'] },
);
const spans = fc.uniqueArray(fc.record({ span, reason: fc.nat({ max: 4 }) }), {
  maxLength: 30,
  selector: ({ span: { startNs } }) => startNs,
});
const entry: fc.Arbitrary<WrittenEntry> = fc.record(
  { trace, id, name: text, flow: text, component: text, startNs: fc.nat() },
  { requiredKeys: ['trace', 'id', 'startNs'] },
);
const entries = fc.uniqueArray(entry, { maxLength: 5, selector: ({ startNs }) => startNs });
const query = fc.record(
  {
    flow: fc.constantFrom(...TEXTS, 'none'),
    component: fc.constantFrom(...TEXTS),
    name: fc.constantFrom('a', '?', 'flow:flow', 'backpressure:parse->write'),
    status: fc.constantFrom('unset', 'ok', 'error'),
    minDurationMs: fc.double({ min: 0, max: 3_000, noNaN: true }),
    limit: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
);

both(
  'in traces, open spans and promoted spans',
  async () => {
    const backends = [loadNative(), javascriptBackend()];
    await fc.assert(
      fc.asyncProperty(spans, entries, fc.array(query, { maxLength: 5 }), async (...given) => {
        const answers = [];
        for (const backend of backends) answers.push(await answersOf(backend, ...given));
        expect(answers[0]).toEqual(answers[1]);
      }),
      { numRuns: 200 },
    );
  },
  60_000,
);

async function answersOf(
  backend: Backend,
  written: readonly { readonly span: WrittenSpan; readonly reason: number }[],
  open: readonly WrittenEntry[],
  queries: readonly object[],
): Promise<unknown> {
  const options = { service: `agree ${randomUUID()}`, stateDir: false, inspection: false } as const;
  const meter = backend.open(resolveOptions({ ...options, tracing: { flightSpans: 64 } }).resolved);
  for (const each of TEXTS) meter.traceText(each);
  const writer = new SpanWriter(meter.traceMemory());
  for (const { span: each, reason } of written) {
    if (reason > 0) writer.promote(each, reason);
    else writer.record(each);
  }
  open.forEach((each, index) => {
    writer.open(index, each);
  });
  const answers = read(meter, queries);
  await meter.close();
  return answers;
}

/** What a meter answers, without what depends on when it is asked. */
function read(meter: BackendMeter, queries: readonly object[]): unknown {
  const tracesOf = (asked: object): unknown =>
    (JSON.parse(meter.traces(JSON.stringify(asked))) as { traces: TraceData[] }).traces.map(
      timeless,
    );
  const numbers = Array.from({ length: TRACES + 1 }, (_, index) => index + 1);
  const single = numbers.map((number) => {
    const found = JSON.parse(meter.trace(`${number}`.padStart(32, '0'))) as TraceData | null;
    return found && timeless(found);
  });
  const { spans: promoted, ...rest } = JSON.parse(meter.spans(2)) as {
    spans: TraceData['spans'];
  };
  const unaged = ({ traceId, spanId, name, flow, component }: OpenSpanData): object => ({
    ...{ traceId, spanId, name, flow, component },
  });
  return {
    traces: [{}, ...queries].map(tracesOf),
    single,
    rest,
    promoted: promoted.map(timelessSpan),
    open: [null, 'flow'].map((flow) =>
      (JSON.parse(meter.openSpans(flow)) as OpenSpanData[]).map(unaged),
    ),
  };
}
