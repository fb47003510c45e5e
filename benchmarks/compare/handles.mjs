/**
 * What flows and catalogs brought besides elements: streams, states, stopwatches, pools, events. One
 * call of each, to be counted. Import it once for each backend, with a query of its own.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { expect } from './workload.mjs';

const STATES = ['idle', 'busy', 'over'];
const DEPTH = 64;

/**
 * @param {string} title The package's name in the tables.
 * @param {import('nanometer').Meter} meter At level production.
 * @returns {import('../harness/race.mjs').Candidate[]}
 */
export function handles(title, meter) {
  return [queue, state, stopwatch, pool, event]
    .map((make) => make(meter))
    .map((candidate) => ({ ...candidate, name: `${title}: ${candidate.name}` }));
}

function queue(meter) {
  const stream = meter.flow('bench.queue', ['parse', 'sink']).stream('parse', 'sink');
  const labels = { flow_id: 'bench.queue', stream_id: stream.id };
  let calls = 0;
  return {
    name: 'stream.enqueue(), dequeue(time)',
    group: 'stream',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) stream.dequeue(stream.enqueue());
    },
    check: () =>
      expect(
        meter.snapshot().histogram('stream.queue.wait_time', labels).count,
        calls * OPERATIONS,
      ),
  };
}

function state(meter) {
  const set = meter.state('bench.state', { help: 'Raced.', states: STATES, final: ['over'] });
  return {
    name: 'state.set(name)',
    group: 'state',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) set.set(STATES[i & 1]);
    },
    check: () => expect(meter.snapshot().state('bench.state'), STATES[(OPERATIONS - 1) & 1]),
  };
}

function stopwatch(meter) {
  const watch = meter.stopwatch('bench.stopwatch', { help: 'Raced.' });
  return {
    name: 'stopwatch.start(), stop()',
    group: 'state',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) {
        watch.start();
        watch.stop();
      }
    },
    check: () =>
      meter.snapshot().value('bench.stopwatch') > 0 ? null : 'has measured no time at all',
  };
}

function pool(meter) {
  const buffers = meter.pool('bench', { capacity: DEPTH, bufferBytes: DEPTH });
  let calls = 0;
  return {
    name: 'pool.acquire(), release(buffer)',
    group: 'pool',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) buffers.release(buffers.acquire());
    },
    check: () =>
      expect(meter.snapshot().value('pool.allocated', { tier: 'bench' }), calls * OPERATIONS),
  };
}

function event(meter) {
  const type = meter.event('bench.counted', {
    kind: 'lifecycle',
    attributes: { flow_id: 'string', state: STATES },
  });
  const attributes = { flow_id: 'bench', state: 'busy' };
  return {
    name: 'event.emit(attributes)',
    group: 'event',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) type.emit(attributes);
    },
    check: () => (meter.snapshot().value('nanometer.values_rejected') === 0 ? null : 'was refused'),
  };
}
