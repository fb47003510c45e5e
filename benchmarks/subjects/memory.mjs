/** A process that makes 10,000 series and says what they hold. Needs --expose-gc. */
import { get } from 'node:http';
import { hold } from '../compare/libraries.mjs';

const held = hold(process.argv[2]);
const before = measure();
held.fill();
const after = measure();
await scrape(await held.listen());
process.send({
  heapBytes: after.heapUsed - before.heapUsed,
  // Typed arrays' memory; mapped segment memory is in `segment`, and is not counted twice.
  arrayBufferBytes: after.arrayBuffers - before.arrayBuffers,
  segmentBytes: after.segment - before.segment,
  segmentTotalBytes: after.segment,
  rssBytes: after.rss - before.rss,
  // The most there ever was: making the series, and one scrape of them.
  peakRssBytes: process.resourceUsage().maxRSS * 1024 - before.rss,
});
await held.close();
process.disconnect();

function measure() {
  globalThis.gc();
  globalThis.gc();
  return { ...process.memoryUsage(), segment: held.segment() };
}

function scrape(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    );
  });
}
