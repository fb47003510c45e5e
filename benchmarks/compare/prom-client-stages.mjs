/** Stages instrumented as prom-client's users do it: a counter and a histogram each. */
import { createRequire } from 'node:module';
import { BOUNDS_SECONDS, expect } from './workload.mjs';

const { Counter, Histogram, Registry } = createRequire(import.meta.url)('prom-client');

/** Three stages, or as many as there are names; and whole elements. */
export class PromClientStages {
  #registry = new Registry();
  #invocations;
  #errors;
  #processingTime;
  #elements;
  #latency;
  #elementLabels;

  /** @param {{ flow: string }} options */
  constructor({ flow }) {
    const registers = [this.#registry];
    const component = { labelNames: ['flow_id', 'component_id'], registers };
    const element = { labelNames: ['flow_id'], registers };
    const counter = (name, rest) => new Counter({ name, help: 'A rival.', ...rest });
    const histogram = (name, rest) =>
      new Histogram({ name, help: 'A rival.', buckets: BOUNDS_SECONDS, ...rest });
    this.#invocations = counter('component_invocations_total', component);
    this.#errors = counter('component_errors_total', component);
    this.#processingTime = histogram('component_processing_time_seconds', component);
    this.#elements = counter('flow_elements_total', element);
    this.#latency = histogram('flow_latency_seconds', element);
    this.#elementLabels = { flow_id: flow };
  }

  /** What the calls of one stage carry: make it once. */
  stage(component) {
    return { labels: { ...this.#elementLabels, component_id: component } };
  }

  /** Runs a stage's work on its own. */
  run({ labels }, work, argument) {
    const started = performance.now();
    try {
      return work(argument);
    } catch (error) {
      this.#errors.inc(labels);
      throw error;
    } finally {
      this.#processingTime.observe(labels, (performance.now() - started) / 1000);
      this.#invocations.inc(labels);
    }
  }

  /** Takes an element through stages. */
  element(stages, works) {
    const started = performance.now();
    for (let i = 0; i < stages.length; i += 1) this.run(stages[i], works[i]);
    this.#latency.observe(this.#elementLabels, (performance.now() - started) / 1000);
    this.#elements.inc(this.#elementLabels);
  }

  /** Null when that many stages ran and, unless told 0, that many elements passed. */
  async complaint(runs, elements = 0) {
    const metrics = await this.#registry.getMetricsAsJSON();
    const total = (name, sample) =>
      metrics
        .find((metric) => metric.name === name)
        .values.filter(({ metricName }) => metricName === undefined || metricName === sample)
        .reduce((sum, { value }) => sum + value, 0);
    const counted = (name) => total(`${name}_seconds`, `${name}_seconds_count`);
    return (
      expect(total('component_invocations_total'), runs) ??
      expect(counted('component_processing_time'), runs) ??
      expect(total('flow_elements_total'), elements) ??
      expect(counted('flow_latency'), elements)
    );
  }
}
