/**
 * Stages instrumented as OpenTelemetry's users do it: a span, a counter and a histogram each. Spans
 * are sampled and recorded, and dropped when they end, which is the least that they can cost; the
 * clock is `performance.now()`.
 */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { BOUNDS_SECONDS, expect } from './workload.mjs';

class Reader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

/** Counts spans and keeps none. */
class Dropping {
  ended = 0;
  onStart() {}
  onEnd() {
    this.ended += 1;
  }
  async forceFlush() {}
  async shutdown() {}
}

/** Three stages, or as many as there are names; and whole elements. */
export class OpenTelemetryStages {
  #spans = new Dropping();
  #reader = new Reader();
  #tracer;
  #invocations;
  #errors;
  #processingTime;
  #elements;
  #latency;
  #elementAttributes;
  #hasSpans;

  /** @param {{ flow: string, hasSpans?: boolean }} options */
  constructor({ flow, hasSpans = true }) {
    const tracers = new BasicTracerProvider({
      sampler: new AlwaysOnSampler(),
      spanProcessors: [this.#spans],
    });
    const meter = new MeterProvider({ readers: [this.#reader] }).getMeter('benchmarks');
    const histogram = (name) =>
      meter.createHistogram(name, {
        unit: 's',
        advice: { explicitBucketBoundaries: BOUNDS_SECONDS },
      });
    this.#tracer = tracers.getTracer('benchmarks');
    this.#invocations = meter.createCounter('component.invocations');
    this.#errors = meter.createCounter('component.errors');
    this.#processingTime = histogram('component.processing_time');
    this.#elements = meter.createCounter('flow.elements');
    this.#latency = histogram('flow.latency');
    this.#elementAttributes = { flow_id: flow };
    this.#hasSpans = hasSpans;
  }

  /** What the calls of one stage carry: make it once. */
  stage(component) {
    const attributes = { ...this.#elementAttributes, component_id: component };
    return { name: component, attributes, span: { attributes } };
  }

  /** Runs a stage's work on its own, as a trace of its own. */
  run(stage, work, argument) {
    const span = this.#hasSpans
      ? this.#tracer.startSpan(stage.name, stage.span, ROOT_CONTEXT)
      : null;
    const started = performance.now();
    try {
      return work(argument);
    } catch (error) {
      this.#errors.add(1, stage.attributes);
      span?.recordException(error);
      throw error;
    } finally {
      this.#processingTime.record((performance.now() - started) / 1000, stage.attributes);
      this.#invocations.add(1, stage.attributes);
      span?.end();
    }
  }

  /** Takes an element through stages: one trace, one count, one latency. */
  element(stages, works) {
    const started = performance.now();
    let context = ROOT_CONTEXT;
    for (let i = 0; i < stages.length; i += 1) {
      const { name, attributes, span: options } = stages[i];
      const span = this.#hasSpans ? this.#tracer.startSpan(name, options, context) : null;
      if (i === 0 && span) context = trace.setSpan(ROOT_CONTEXT, span);
      const stageStarted = performance.now();
      try {
        works[i]();
      } catch (error) {
        this.#errors.add(1, attributes);
        span?.recordException(error);
        throw error;
      } finally {
        this.#processingTime.record((performance.now() - stageStarted) / 1000, attributes);
        this.#invocations.add(1, attributes);
        span?.end();
      }
    }
    this.#latency.record((performance.now() - started) / 1000, this.#elementAttributes);
    this.#elements.add(1, this.#elementAttributes);
  }

  /** Null when that many stages ran and, unless told 0, that many elements passed. */
  async complaint(runs, elements = 0) {
    const { resourceMetrics } = await this.#reader.collect();
    const total = (name) =>
      resourceMetrics.scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) => dataPoints)
        .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
    return (
      expect(total('component.invocations'), runs) ??
      expect(total('component.processing_time'), runs) ??
      expect(this.#spans.ended, this.#hasSpans ? runs : 0) ??
      expect(total('flow.elements'), elements) ??
      expect(total('flow.latency'), elements)
    );
  }
}
