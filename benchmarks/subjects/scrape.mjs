/**
 * A process with 10,000 series that is scraped from outside and watches its own event loop.
 * Its parent says `begin` with a detector's name before a scrape and `end` behind it.
 */
import { hold } from '../compare/libraries.mjs';
import { Monitor, Spin } from '../harness/loop.mjs';

const held = hold(process.argv[2]);
held.fill();
const detectors = { monitor: new Monitor(), spin: new Spin() };
process.on('message', async ({ begin, end, leave }) => {
  if (begin) detectors[begin].begin();
  // A turn of the loop first: a delay is only seen when it is over.
  if (end) await new Promise((resolve) => setTimeout(resolve, 5));
  if (begin) process.send({ begun: true });
  if (end) process.send(detectors[end].end());
  if (leave) {
    await held.close();
    process.disconnect();
  }
});
process.send({ url: await held.listen() });
