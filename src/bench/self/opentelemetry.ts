/**
 * The same pipeline observed with OpenTelemetry's SDK, as its users do it: a span an element and one a
 * component, a counter and a histogram each, `performance.now()` for the time. 1% is sampled, as
 * nanometer does it at production, and spans that end are dropped: nothing is exported by either.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Attributes, Context, Counter, Histogram, Span } from '@opentelemetry/api';
import type { Element } from '../../flow/element';
import { isThenable } from '../../thenable';
import type { Instrument } from '../load/instrument';

type Api = typeof import('@opentelemetry/api');
type Tracing = typeof import('@opentelemetry/sdk-trace-base');
type Metrics = typeof import('@opentelemetry/sdk-metrics');

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-metrics',
] as const;
const SAMPLED = 0.01;
// Those of nanometer's latency histograms, in seconds.
const BOUNDS = [-7, -6, -5, -4, -3, -2, -1, 0].flatMap((exponent) =>
  [1, 2.5, 5].map((digit) => digit * 10 ** exponent),
);

/** Looks where the command was given, then where nanometer is. */
function load(name: string): unknown {
  const places = [join(process.cwd(), 'package.json'), __filename];
  const found = places.flatMap((place) => {
    try {
      return [createRequire(place).resolve(name)];
    } catch {
      return [];
    }
  });
  return found[0] === undefined ? undefined : (require(found[0]) as unknown);
}

/** Whether OpenTelemetry's SDK can be loaded here. */
export function hasOpenTelemetry(): boolean {
  return PACKAGES.every((name) => load(name) !== undefined);
}

/** An element's span, and what its components' spans are below. */
interface Token {
  readonly span: Span;
  readonly context: Context;
  readonly startedMs: number;
}

/** What a component's calls carry: made once. */
interface Stage {
  readonly name: string;
  readonly attributes: Attributes;
}

class OpenTelemetryInstrument implements Instrument {
  readonly #api: Api;
  readonly #tracer: ReturnType<InstanceType<Tracing['BasicTracerProvider']>['getTracer']>;
  readonly #stages: readonly Stage[];
  readonly #attributes: Attributes;
  readonly #elements: Counter;
  readonly #errors: Counter;
  readonly #latency: Histogram;
  readonly #invocations: Counter;
  readonly #componentErrors: Counter;
  readonly #processingTime: Histogram;
  readonly #inert: Element;

  constructor(flow: string, components: readonly string[], inert: Element) {
    const [api, tracing, metrics] = PACKAGES.map(load) as [Api, Tracing, Metrics];
    this.#api = api;
    this.#inert = inert;
    this.#attributes = { flow_id: flow };
    this.#stages = components.map((name) => ({
      name,
      attributes: { flow_id: flow, component_id: name },
    }));
    const sampler = new tracing.ParentBasedSampler({
      root: new tracing.TraceIdRatioBasedSampler(SAMPLED),
    });
    this.#tracer = new tracing.BasicTracerProvider({ sampler }).getTracer('nanometer');
    class Reader extends metrics.MetricReader {
      protected onShutdown(): Promise<void> {
        return Promise.resolve();
      }
      protected onForceFlush(): Promise<void> {
        return Promise.resolve();
      }
    }
    const meter = new metrics.MeterProvider({ readers: [new Reader()] }).getMeter('nanometer');
    const histogram = (name: string): Histogram =>
      meter.createHistogram(name, {
        unit: 's',
        advice: { explicitBucketBoundaries: BOUNDS },
      });
    this.#elements = meter.createCounter('flow.elements.total');
    this.#errors = meter.createCounter('flow.elements.errors');
    this.#latency = histogram('flow.latency');
    this.#invocations = meter.createCounter('component.invocations');
    this.#componentErrors = meter.createCounter('component.errors');
    this.#processingTime = histogram('component.processing_time');
  }

  begin(): Token {
    const { ROOT_CONTEXT, trace } = this.#api;
    const span = this.#tracer.startSpan('element', { attributes: this.#attributes }, ROOT_CONTEXT);
    return {
      span,
      context: trace.setSpan(ROOT_CONTEXT, span),
      startedMs: performance.now(),
    };
  }

  elementOf(): Element {
    return this.#inert;
  }

  run(component: number, token: Token, work: () => unknown): unknown {
    const stage = this.#stages[component]!;
    const span = this.#tracer.startSpan(stage.name, stage, token.context);
    const startedMs = performance.now();
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      this.#leave(stage, span, startedMs, error);
      throw error;
    }
    if (!isThenable(result)) {
      this.#leave(stage, span, startedMs);
      return result;
    }
    return Promise.resolve(result).then(
      (value) => {
        this.#leave(stage, span, startedMs);
        return value;
      },
      (error: unknown) => {
        this.#leave(stage, span, startedMs, error);
        throw error;
      },
    );
  }

  end({ span, startedMs }: Token): void {
    this.#elements.add(1, this.#attributes);
    this.#latency.record((performance.now() - startedMs) / 1e3, this.#attributes);
    span.end();
  }

  fail(token: Token, error: unknown): void {
    this.#errors.add(1, this.#attributes);
    token.span.recordException(error as Error);
    this.end(token);
  }

  #leave({ attributes }: Stage, span: Span, startedMs: number, error?: unknown): void {
    this.#invocations.add(1, attributes);
    this.#processingTime.record((performance.now() - startedMs) / 1e3, attributes);
    if (error !== undefined) {
      this.#componentErrors.add(1, attributes);
      span.recordException(error as Error);
    }
    span.end();
  }
}

/** What goes around the elements of a pipeline; see `InstrumentModule`. */
export function makeInstrument(
  flow: string,
  components: readonly string[],
  inert: Element,
): Instrument {
  return new OpenTelemetryInstrument(flow, components, inert);
}
