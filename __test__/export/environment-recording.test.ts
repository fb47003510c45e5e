/** Every variable of recording and propagation: what it does, what beats it, and what it ignores. */
import type { OpenOptions } from 'nanometer';
import { quietMeter, withVariable } from '../support/meter';
import { type Environment, resolved, watchVariables } from '../support/variables';

const said = watchVariables();

describe('sampling', () => {
  const rate = (environment: Environment, tracing: OpenOptions['tracing'] = {}) =>
    resolved(environment, { tracing }).tracing?.sampleRate;

  test.each<[Environment, number]>([
    [{}, 0.01],
    [{ OTEL_TRACES_SAMPLER_ARG: '0.5' }, 0.01],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_TRACES_SAMPLER_ARG: '0.5' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '.25' }, 0.25],
    [{ OTEL_TRACES_SAMPLER: 'ParentBased_TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '1e-3' }, 0.001],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 1],
  ])('%j is a rate of %d', (environment, expected) => {
    expect(rate(environment)).toBe(expected);
    expect(rate(environment, { sampleRate: 0.75 })).toBe(0.75);
    expect(rate(environment, false)).toBeUndefined();
  });

  test.each(['jaeger_remote', 'xray', '1'])(
    'OTEL_TRACES_SAMPLER=%s is reported and ignored',
    (text) => {
      const messages = said('OTEL_TRACES_SAMPLER=', () => {
        expect(rate({ OTEL_TRACES_SAMPLER: text })).toBe(0.01);
      });
      expect(messages).toHaveLength(1);
    },
  );

  test.each(['2', '-0.1', 'half', 'NaN'])(
    'OTEL_TRACES_SAMPLER_ARG=%s is reported and ignored',
    (text) => {
      const environment = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: text };
      const messages = said('OTEL_TRACES_SAMPLER_ARG', () => {
        expect(rate(environment)).toBe(1);
      });
      expect(messages).toHaveLength(1);
    },
  );

  test('exemplars follow OTEL_METRICS_EXEMPLAR_FILTER', () => {
    const exemplars = (filter: string, tracing: OpenOptions['tracing'] = {}) =>
      resolved({ OTEL_METRICS_EXEMPLAR_FILTER: filter }, { tracing }).tracing?.exemplars;
    expect([exemplars('trace_based'), exemplars('always_off'), exemplars('')]).toEqual([
      ...[true, false, false],
    ]);
    expect(exemplars('trace_based', { exemplars: false })).toBe(false);
    expect(said('OTEL_METRICS_EXEMPLAR_FILTER', () => exemplars('always_on'))).toHaveLength(1);
  });
});

describe('limits', () => {
  const limits = (environment: Environment, given: object = {}) =>
    resolved(environment, { tracing: { limits: given } }).limits;
  const NONE = { attributes: 128, attributeLength: Infinity, events: 128, eventAttributes: 128 };

  test.each<[Environment, object]>([
    [{}, {}],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '5' }, { attributes: 5, eventAttributes: 5 }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '6' }, { attributes: 6, eventAttributes: 5 }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '0' }, { attributes: 5, eventAttributes: 0 }],
    [{ OTEL_SPAN_EVENT_COUNT_LIMIT: '3' }, { events: 3 }],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10' }, { attributeLength: 10 }],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '20' }, { attributeLength: 20 }],
    [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1000' }, {}],
    [{ OTEL_SPAN_LINK_COUNT_LIMIT: '0', OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: 'x' }, {}],
  ])('%j', (environment, expected) => {
    expect(limits(environment)).toEqual({ ...NONE, ...expected });
    const given = { attributes: 1, attributeLength: 2, events: 3, eventAttributes: 4 };
    expect(limits(environment, given)).toEqual(given);
  }); // prettier-ignore

  test.each([
    'OTEL_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_SPAN_EVENT_COUNT_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  ])('%s that is wrong is reported and ignored', (variable) => {
    const messages = said(variable, () => {
      expect(limits({ [variable]: '-1' })).toEqual(NONE);
    });
    expect(messages).toHaveLength(1);
  });

  test('a span says no more than they let it, and counts the rest', () => {
    const meter = quietMeter({
      tracing: {
        sampleRate: 1,
        limits: { attributes: 1, attributeLength: 3, events: 1, eventAttributes: 1 },
      },
    });
    const span = meter.span('limited', null, { attributes: { a: 'abcdef', b: 1 } });
    span.event('first', { a: 'abcdef', b: 1 });
    span.event('second');
    span.end();
    const [data] = meter.trace(span.traceId)!.spans;
    expect(data).toMatchObject({
      attributes: { a: 'abc' },
      events: [{ name: 'first', attributes: { a: 'abc' }, droppedAttributes: 1 }],
      ...{ droppedAttributes: 1, droppedEvents: 1 },
    });
  });
});

describe('propagators', () => {
  const headers = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=1',
    baggage: 'k=v',
  };
  const carried = (text: string, options: OpenOptions = {}) =>
    withVariable('OTEL_PROPAGATORS', text, () => {
      const meter = quietMeter(options);
      const context = meter.extract(headers);
      const from = quietMeter({ propagators: ['tracecontext', 'baggage'] }).extract(headers)!;
      return {
        read: context && [context.traceId !== '', context.baggage.size],
        written: Object.keys(meter.inject(from, {})).join(' '),
      };
    });
  const both = { read: [true, 1], written: 'traceparent tracestate baggage' };
  const traceOnly = { read: [true, 0], written: 'traceparent tracestate' };
  const none = { read: null, written: '' };

  test.each([
    ['', both],
    ['baggage, TraceContext,baggage', both],
    ['tracecontext', traceOnly],
    ['baggage', { read: null, written: 'baggage' }],
    ['none', none],
  ])('OTEL_PROPAGATORS=%s', (text, expected) => {
    expect(carried(text)).toEqual(expected);
    expect(carried(text, { propagators: ['tracecontext'] })).toEqual(traceOnly);
    expect(carried(text, { propagators: [] })).toEqual(none);
  });

  test('one that is not spoken here is reported and ignored', () => {
    const messages = said('OTEL_PROPAGATORS', () => {
      expect(carried('b3,tracecontext')).toEqual(traceOnly);
      expect(carried('jaeger')).toEqual(both);
      expect(carried('none,baggage')).toEqual(both);
    });
    expect(messages).toHaveLength(3);
  });
});

describe('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', () => {
  const VARIABLE = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const bounds = (text: string, options: object = {}) =>
    withVariable(VARIABLE, text, () => {
      const meter = quietMeter();
      meter.histogram('h', { help: 'H.', ...options });
      return meter.snapshot().histogram('h').bounds;
    });

  test('histograms that name no buckets are exponential, within 160 of them', () => {
    const exponential = bounds('base2_exponential_bucket_histogram');
    expect(exponential.length).toBeLessThanOrEqual(160);
    expect(exponential[1]! / exponential[0]!).toBeCloseTo(2 ** (1 / 4), 10);
    expect(bounds('Base2_Exponential_Bucket_Histogram', { unit: 'By' }).length).toBe(129);
    expect(bounds('base2_exponential_bucket_histogram', { buckets: [1, 2] })).toEqual([1, 2]);
  });

  test('otherwise they have the buckets of their unit', () => {
    const usual = bounds('');
    expect(usual).toHaveLength(25);
    expect(bounds('explicit_bucket_histogram')).toEqual(usual);
    expect(said(VARIABLE, () => expect(bounds('exponential')).toEqual(usual))).toHaveLength(1);
  });
});

describe('OTEL_SDK_DISABLED', () => {
  const VARIABLE = 'OTEL_SDK_DISABLED';
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

  test.each(['true', 'TRUE'])('%s: nothing is recorded, served or exported', (text) => {
    withVariable(VARIABLE, text, () => {
      const meter = quietMeter({
        level: 'diagnostic',
        inspection: { port: 0, socket: false },
        exporters: ['stdout'],
      });
      const hits = meter.counter('hits', { help: 'Hits.' });
      meter.level = 'diagnostic';
      hits.inc();
      expect(meter.level).toBe('off');
      expect(meter.snapshot().value('hits')).toBe(0);
      expect(meter.inspection).toBeNull();
      expect(meter.tracing.isEnabled).toBe(false);
    });
    const { exporters, exports } = resolved(
      { [VARIABLE]: text, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      { otlp: {}, exporters: [{ name: 'mine', export: () => undefined }] },
    );
    expect([exporters, exports.custom]).toEqual([[], []]);
  });

  test('a context is carried on all the same', () => {
    withVariable(VARIABLE, 'true', () => {
      const meter = quietMeter();
      const span = meter.span('here', meter.extract(headers));
      expect(meter.inject(span, {})).toEqual(headers);
    });
  });

  test.each(['false', '', '1', 'yes'])('%j: all goes on', (text) => {
    const messages = said(VARIABLE, () => {
      expect(withVariable(VARIABLE, text, () => quietMeter().level)).toBe('production');
    });
    expect(messages).toHaveLength(['1', 'yes'].includes(text) ? 1 : 0);
  });
});
