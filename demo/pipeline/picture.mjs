/** How the pipeline's view looks: a picture for terminals, a line for anything else. */
import Table from 'cli-table3';
import pc from 'picocolors';
import { bytes, milliseconds, percent, whole } from '../figures.mjs';

/** @param {object} view What `readings()` gives, and more. */
export function picture(view) {
  return [
    `${pc.bold('nanometer')}  ${view.backend} backend, ${view.state}, ${view.seconds} s`,
    ...view.addresses.map((address) => pc.dim(address)),
    table(view),
    `source text        ${bytes(view.bytesPerSecond)}/s parsed`,
    `from file to line  p50 ${milliseconds(view.latency.p50)}   p99 ${milliseconds(view.latency.p99)}`,
    '',
  ].join('\n');
}

/**
 * A row for each component: the columns behind its times are of the queue before it.
 *
 * @param {object} view What `readings()` gives.
 * @param {boolean} [isTerminal] Whether it may have colours.
 */
export function table({ components }, isTerminal = true) {
  const grid = new Table({
    head: ['component', 'files/s', 'p50', 'p99', 'busy', 'queue', 'peak', 'held up', 'times'],
    colAligns: ['left', ...Array(8).fill('right')],
    style: isTerminal
      ? { head: ['bold'], border: ['gray'], compact: true }
      : { head: [], border: [], compact: true },
  });
  for (const { id, perSecond, p50, p99, busy, queue, held } of components) {
    const waiting = queue
      ? [
          whole(queue.depth),
          whole(queue.peakDepth),
          queue.backpressure.active ? pc.yellow(percent(held)) : percent(held),
          whole(queue.backpressure.events),
        ]
      : ['–', '–', '–', '–'];
    grid.push([id, whole(perSecond), micros(p50), micros(p99), percent(busy), ...waiting]);
  }
  return grid.toString();
}

/** @param {object} view As for `picture()`. */
export function line({ seconds, state, perSecond, latency, components }) {
  const stages = components.map(({ id, perSecond: rate, p99, queue }) => {
    const depth = queue ? `, ${whole(queue.depth)} wait` : '';
    const pressed = queue?.backpressure.active ? ', holds up' : '';
    return `${id} ${whole(rate)}/s p99 ${micros(p99)}${depth}${pressed}`;
  });
  const all = `${whole(perSecond)} files/s p99 ${milliseconds(latency.p99)}`;
  return [`${seconds} s ${state}`.padEnd(14), all, ...stages].join(' | ');
}

/** Nanoseconds as people read them who look at small work; a dash where there is nothing. */
function micros(ns) {
  if (ns === null || !Number.isFinite(ns)) return '–';
  return ns < 1e6 ? `${(ns / 1e3).toFixed(ns < 1e4 ? 1 : 0)} µs` : milliseconds(ns);
}
