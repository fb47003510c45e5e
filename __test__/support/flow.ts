/** Flows for tests: what a meter shows of one of them, and the timers of a meter, moved by hand. */
import type { Distribution, Flow, FlowOptions, Labels, Meter, RecordedEvent } from 'nanometer';

/** What a meter shows of one flow, read anew at each call. */
export interface FlowView {
  /** A value of the flow, or of its component or stream of that name. */
  value(metric: string, part?: string): number | undefined;
  /** Times of the flow, or of its component or stream of that name. */
  times(metric: string, part?: string): Distribution;
  /** The state that is shown. */
  state(): string | undefined;
}

/** What is shown of the flow of that name. */
export function viewOf(meter: Pick<Meter, 'snapshot'>, flow_id: string): FlowView {
  const labels = (metric: string, part: string | undefined): Labels => {
    if (metric.startsWith('component.')) return { flow_id, component_id: part ?? '' };
    return metric.startsWith('stream.') ? { flow_id, stream_id: part ?? '' } : { flow_id };
  };
  return {
    value: (metric, part) => meter.snapshot().value(metric, labels(metric, part)),
    times: (metric, part) => meter.snapshot().histogram(metric, labels(metric, part)),
    state: () => meter.snapshot().state('flow.state', { flow_id }),
  };
}

/** A flow of its own, and what is shown of it. */
export interface FreshFlow<Name extends string> extends FlowView {
  readonly id: string;
  readonly flow: Flow<Name>;
  /** How often each component was called, in their order. */
  calls(): (number | undefined)[];
  /** How many errors began in each. */
  errors(): (number | undefined)[];
}

let made = 0;

/** A flow that no other test knows. */
export function freshFlow<const Names extends readonly string[]>(
  meter: Meter,
  names: Names,
  options: FlowOptions<Names[number]> = {},
): FreshFlow<Names[number]> {
  const id = `fresh ${String((made += 1))}`;
  const flow = meter.flow(id, names, options);
  const view = viewOf(meter, id);
  const each = (metric: string) => names.map((name) => view.value(metric, name));
  return {
    ...{ id, flow, ...view },
    calls: () => each('component.invocations'),
    errors: () => each('component.errors'),
  };
}

/** How many calls on elements a meter has refused. */
export function elementsRefused(meter: Meter): number {
  return meter.snapshot().value('nanometer.elements_refused') ?? NaN;
}

/** Stops the intervals of this thread: they come round when {@link passTime} says so. */
export function holdIntervals(): void {
  jest.useFakeTimers({
    doNotFake: [
      ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
      ...(['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const),
    ],
  });
}

/** Lets the intervals come round that are due within so many milliseconds. */
export function passTime(ms: number): void {
  jest.advanceTimersByTime(ms);
}

/** Hears the events of a meter from now on; intervals must be held. Answers those since last asked. */
export function hearEvents(meter: Meter): () => RecordedEvent[] {
  const heard: RecordedEvent[] = [];
  meter.on('event', (event) => heard.push(event));
  return () => {
    // Twice: a poll hands out what the backend answers at once.
    passTime(200);
    return heard.splice(0);
  };
}

/** Names and attributes: what is the same each time. */
export function inBrief(events: readonly RecordedEvent[]): [string, RecordedEvent['attributes']][] {
  return events.map(({ name, attributes }) => [name, attributes]);
}

/** The errors that are told among events: in which component, and in which words. */
export function errorsIn(events: readonly RecordedEvent[]): unknown[] {
  return events
    .filter(({ name }) => name === 'component.error')
    .map(({ attributes: { component_id, error } }) => [component_id, error]);
}
