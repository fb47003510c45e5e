/** A process that makes 10,000 series and says what they hold. Needs --expose-gc. */
import { hold } from '../compare/libraries.mjs';

const held = hold(process.argv[2]);
const before = measure();
held.fill();
const after = measure();
process.send({
  heapBytes: after.heapUsed - before.heapUsed,
  // Typed arrays' memory; mapped segment memory is in `segment`, and is not counted twice.
  arrayBufferBytes: after.arrayBuffers - before.arrayBuffers,
  segmentBytes: after.segment - before.segment,
  segmentTotalBytes: after.segment,
  rssBytes: after.rss - before.rss,
});
await held.close();
process.disconnect();

function measure() {
  globalThis.gc();
  globalThis.gc();
  return { ...process.memoryUsage(), segment: held.segment() };
}
