/** What the screen shows of the pipeline, worked out from two snapshots of the meter. */
import { FLOW } from './metrics.mjs';

/**
 * @typedef {object} ComponentView
 * @property {string} id
 * @property {number} perSecond
 * @property {number} p50 Of its work alone, nanoseconds.
 * @property {number} p99
 * @property {number} busy The part of the time that it worked.
 * @property {import('nanometer').StreamFigures | undefined} queue What waits before it.
 * @property {number} held The part of the time that the component before it was held up.
 *
 * @param {import('nanometer').Snapshot} delta What `since()` gave.
 */
export function readings(delta) {
  const seconds = Math.max(delta.durationMs, 1) / 1000;
  const { components, streams, latency, elements, state } = delta.flow(FLOW);
  return {
    state,
    perSecond: elements / seconds,
    latency,
    bytes: delta.value('demo.parsed') ?? 0,
    unparsed: delta.value('demo.unparsed') ?? 0,
    bytesPerSecond: (delta.value('demo.parsed') ?? 0) / seconds,
    components: components.map(({ id, invocations, processingTime }) => {
      const queue = streams.find((stream) => stream.id.endsWith(`->${id}`));
      return {
        id,
        perSecond: invocations / seconds,
        p50: processingTime.p50,
        p99: processingTime.p99,
        busy: ((processingTime.mean ?? 0) * processingTime.count) / 1e9 / seconds,
        queue,
        held: (queue?.backpressure.durationNs ?? 0) / 1e9 / seconds,
      };
    }),
  };
}
