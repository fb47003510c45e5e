/**
 * nanometer's flows, element by element, over either backend. Import it once for each backend, with
 * a query of its own behind the path, so that no loop sees both.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { COMPONENTS, parse, sink, source } from './element-work.mjs';
import { expect } from './workload.mjs';

/**
 * An element through three components at a level.
 *
 * @param {string} title The package's name in the tables.
 * @param {import('nanometer').Meter} meter At level production.
 * @param {import('nanometer').Level} level
 * @returns {import('../harness/race.mjs').Candidate}
 */
export function element(title, meter, level) {
  const flow = meter.flow(`bench.${level}`, COMPONENTS);
  const { components } = flow;
  return atLevel(title, meter, level, {
    name: 'begin(), 3 × run(), end()',
    group: 'element',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) {
        const element = flow.begin();
        components.source.run(element, source);
        components.parse.run(element, parse);
        components.sink.run(element, sink);
        element.end();
      }
    },
    recorded: () => [
      recorded(meter, 'flow.elements.total', flow.id),
      recorded(meter, 'component.invocations', flow.id) / COMPONENTS.length,
      recorded(meter, 'flow.latency', flow.id),
    ],
  });
}

/** The parts of it at a level, each alone: one element stays in flight while its component works. */
export function elementParts(title, meter, level) {
  return [beginEnd, run, startEnd].map((make) => atLevel(title, meter, level, make(meter, level)));
}

/** `await run()` of an async function, for `racePasses`. */
export function asyncRun(title, meter, level) {
  const { flow, component, element } = begun(meter, 'bench.async', level);
  const work = async () => parse();
  return atLevel(title, meter, level, {
    name: 'await run(element, async)',
    group: 'async run()',
    operations: OPERATIONS,
    async pass() {
      for (let i = 0; i < OPERATIONS; i += 1) await component.run(element, work);
    },
    recorded: () => [recorded(meter, 'component.invocations', flow.id)],
  });
}

/** `await` of the same function, and nothing else. */
export function bareAwait() {
  const work = async () => parse();
  return {
    name: 'await of a bare call',
    group: 'async run()',
    operations: OPERATIONS,
    async pass() {
      for (let i = 0; i < OPERATIONS; i += 1) await work();
    },
  };
}

/** A call of the function, and nothing else. */
export function bareRun() {
  return {
    name: 'a bare call',
    group: 'run()',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) parse();
    },
  };
}

function beginEnd(meter, level) {
  const flow = meter.flow(`bench.begin.${level}`, COMPONENTS);
  return {
    name: 'begin(), end()',
    group: 'run()',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) flow.begin().end();
    },
    recorded: () => [recorded(meter, 'flow.elements.total', flow.id)],
  };
}

function run(meter, level) {
  const { flow, component, element } = begun(meter, 'bench.run', level);
  return {
    name: 'run(element, fn)',
    group: 'run()',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) component.run(element, parse);
    },
    recorded: () => [recorded(meter, 'component.invocations', flow.id)],
  };
}

function startEnd(meter, level) {
  const { flow, component, element } = begun(meter, 'bench.start', level);
  return {
    name: 'start(element), end(element)',
    group: 'run()',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) {
        component.start(element);
        component.end(element);
      }
    },
    recorded: () => [recorded(meter, 'component.invocations', flow.id)],
  };
}

/** A flow of one component, and an element that was begun at that level and is never ended. */
function begun(meter, id, level) {
  const flow = meter.flow(`${id}.${level}`, ['parse']);
  meter.level = level;
  const element = unsampled(meter, () => flow.begin());
  meter.level = 'production';
  return { flow, component: flow.components.parse, element };
}

/**
 * What stays open while others are timed: one in a hundred would be sampled, and each of its spans
 * promoted.
 */
export function unsampled(meter, begin) {
  const { sampleRate } = meter.tracing;
  meter.tracing.sampleRate = 0;
  const begun = begin();
  meter.tracing.sampleRate = sampleRate;
  return begun;
}

/**
 * The candidate, timed at that level and titled so. Everything else of its race is at production.
 * It must record every call of its own, and at the level off none.
 */
function atLevel(title, meter, level, { recorded, ...candidate }) {
  const { call, pass, operations = OPERATIONS } = candidate;
  let calls = 0;
  const counted = (perform) => () => {
    calls += 1;
    return perform();
  };
  return {
    ...candidate,
    name: `${title}, ${level}: ${candidate.name}`,
    ...(call && { call: counted(call) }),
    ...(pass && { pass: counted(pass) }),
    before: () => (meter.level = level),
    after: () => (meter.level = 'production'),
    check() {
      const expected = level === 'off' ? 0 : calls * operations;
      const complaints = recorded().map((count) => expect(count, expected));
      return complaints.find((complaint) => complaint !== null) ?? null;
    },
  };
}

/** What a snapshot has counted of a metric of a flow, over all its series. */
function recorded(meter, metric, flowId) {
  return meter
    .snapshot()
    .toJSON()
    .metrics.find(({ name }) => name === metric)
    .series.filter(({ labels }) => labels.flow_id === flowId)
    .reduce((total, { value, histogram }) => total + (histogram?.count ?? value), 0);
}
