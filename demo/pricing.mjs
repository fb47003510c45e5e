/**
 * The pricing thread: works out what an order costs and seals it with a checksum. It records into
 * a lane of its own; nothing that it measures is sent to the service's thread.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { openMeter, pricingMetrics } from './metrics.mjs';

// As many rounds as keep the thread busy without starving a two-processor machine.
const SEAL_ROUNDS = 8;

const meter = openMeter();
const metrics = pricingMetrics(meter);

parentPort.on('message', ({ id, sku, quantity, cents, traceparent }) => {
  const span = meter.span('seal', traceparent).setAttribute('order.quantity', quantity);
  const priced = metrics.duration.time(() => {
    const total = quantity * cents * (quantity >= 10 ? 0.9 : 1);
    return { id, total: Math.round(total), checksum: seal(`${id}:${sku}:${quantity}:${total}`) };
  });
  span.end();
  metrics.queue.add(-1);
  parentPort.postMessage(priced);
});

function seal(text) {
  let digest = text;
  for (let round = 0; round < SEAL_ROUNDS; round += 1) {
    digest = createHash('sha256').update(digest).digest('hex');
  }
  return digest;
}
