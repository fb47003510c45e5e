/**
 * The spans of OpenTelemetry's SDK and of dd-trace, in the bursts of `spans.mjs`. Both have exporters
 * that count and drop, the least that exporting can cost.
 */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { datadog } from './datadog.mjs';
import { BURST, inBursts, TREES } from './spans.mjs';
import { expect } from './workload.mjs';

const SUCCESS = { code: 0 };

/** Counts spans and keeps none. */
class Counting {
  exported = 0;
  export(spans, done) {
    this.exported += spans.length;
    done(SUCCESS);
  }
  async forceFlush() {}
  async shutdown() {}
}

/** @returns {ReturnType<typeof inBursts>[]} */
export function openTelemetrySpans() {
  return [
    ...providerSpans('OpenTelemetry, sampled', new AlwaysOnSampler()),
    ...providerSpans('OpenTelemetry, not sampled', new AlwaysOffSampler()),
  ];
}

function providerSpans(title, sampler) {
  const exporter = new Counting();
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ sampler, spanProcessors: [processor] });
  const tracer = provider.getTracer('benchmarks');
  const isSampled = sampler instanceof AlwaysOnSampler;
  let ended = 0;
  const candidate = (name, group, burst, operations = BURST, spans = 1) =>
    inBursts({
      name: `${title}: ${name}`,
      group,
      operations,
      burst() {
        burst();
        ended += operations * spans;
      },
      // Its queue holds 2,048 and is emptied between turns of the loop: more at once are dropped.
      flush: () => processor.forceFlush(),
      check: () => expect(exporter.exported, isSampled ? ended : 0),
    });
  return [
    candidate("startSpan('bench'), end()", 'span', () => {
      for (let i = 0; i < BURST; i += 1) tracer.startSpan('bench', {}, ROOT_CONTEXT).end();
    }),
    candidate(
      'three nested spans',
      'nested',
      () => {
        for (let i = 0; i < TREES; i += 1) {
          const first = tracer.startSpan('first', {}, ROOT_CONTEXT);
          const inFirst = trace.setSpan(ROOT_CONTEXT, first);
          const second = tracer.startSpan('second', {}, inFirst);
          const inSecond = trace.setSpan(inFirst, second);
          const third = tracer.startSpan('third', {}, inSecond);
          third.end();
          second.end();
          first.end();
        }
      },
      TREES,
      3,
    ),
    candidate('three attributes', 'attributes', () => {
      for (let i = 0; i < BURST; i += 1) {
        const span = tracer.startSpan('bench', {}, ROOT_CONTEXT);
        span.setAttribute('order.id', i);
        span.setAttribute('route', '/orders/{id}');
        span.setAttribute('is.cached', true);
        span.end();
      }
    }),
  ];
}

/** @returns {ReturnType<typeof inBursts>[]} None where dd-trace cannot be installed. */
export function datadogSpans() {
  const begun = datadog({ plugins: false });
  if (begun === null) return [];
  const { tracer, exported } = begun;
  let ended = 0;
  const candidate = (name, group, burst, operations = BURST, spans = 1) =>
    inBursts({
      name: `dd-trace: ${name}`,
      group,
      operations,
      burst() {
        burst();
        ended += operations * spans;
      },
      check: () => expect(exported(), ended),
    });
  return [
    candidate("startSpan('bench'), finish()", 'span', () => {
      for (let i = 0; i < BURST; i += 1) tracer.startSpan('bench').finish();
    }),
    candidate(
      'three nested spans',
      'nested',
      () => {
        for (let i = 0; i < TREES; i += 1) {
          const first = tracer.startSpan('first');
          const second = tracer.startSpan('second', { childOf: first });
          const third = tracer.startSpan('third', { childOf: second });
          third.finish();
          second.finish();
          first.finish();
        }
      },
      TREES,
      3,
    ),
    candidate('three attributes', 'attributes', () => {
      for (let i = 0; i < BURST; i += 1) {
        const span = tracer.startSpan('bench');
        span.setTag('order.id', i);
        span.setTag('route', '/orders/{id}');
        span.setTag('is.cached', true);
        span.finish();
      }
    }),
  ];
}
