/** One element through three components: the work itself, and that work in the hands of rivals. */
import { OPERATIONS } from '../harness/race.mjs';
import { OpenTelemetryStages } from './opentelemetry-stages.mjs';
import { PromClientStages } from './prom-client-stages.mjs';

/** The three components, in order. */
export const COMPONENTS = ['source', 'parse', 'sink'];

/** Readings of the clock that an element makes: as it begins, and two a component. */
export const READINGS = 7;

const done = new Float64Array(COMPONENTS.length);

/** What the components do with every candidate: next to nothing, so that what is around it shows. */
export const source = () => {
  done[0] += 1;
};
export const parse = () => {
  done[1] += 1;
};
export const sink = () => {
  done[2] += 1;
};

/** The three functions, called and nothing else. */
export function bareElement() {
  return {
    name: 'three bare calls',
    group: 'element',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) {
        source();
        parse();
        sink();
      }
    },
  };
}

/** What the clock of a meter takes of an element. */
export function clockReadings(title, meter) {
  let total = 0;
  return {
    name: `${title}: meter.now(), ${READINGS} times`,
    group: 'element',
    call() {
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i += 1) {
        for (let reading = 0; reading < READINGS; reading += 1) sum += meter.now();
      }
      total += sum;
    },
    check: () => (total > 0 ? null : 'read no time'),
  };
}

/** @returns {import('../harness/race.mjs').Candidate[]} */
export function elementRivals() {
  return [
    rival(
      'OpenTelemetry: 3 spans, 4 counters, 4 histograms',
      new OpenTelemetryStages({ flow: 'raced' }),
    ),
    rival(
      'OpenTelemetry: 4 counters, 4 histograms',
      new OpenTelemetryStages({ flow: 'raced', hasSpans: false }),
    ),
    rival('prom-client: 4 counters, 4 histograms', new PromClientStages({ flow: 'raced' })),
  ];
}

function rival(name, instrument) {
  const stages = COMPONENTS.map((component) => instrument.stage(component));
  const works = [source, parse, sink];
  let calls = 0;
  return {
    name,
    group: 'element',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) instrument.element(stages, works);
    },
    check: () => instrument.complaint(calls * OPERATIONS * COMPONENTS.length, calls * OPERATIONS),
  };
}
