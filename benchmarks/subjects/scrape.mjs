/**
 * A process with 10,000 series that is scraped from outside and watches its own event loop.
 * Its parent says `begin` with a detector's name before a scrape and `end` behind it.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { hold } from '../compare/libraries.mjs';

/** Node's own histogram of loop delay, in steps of a millisecond: so it never reads less. */
class Monitor {
  #histogram = monitorEventLoopDelay({ resolution: 1 });
  begin() {
    this.#histogram.reset();
    this.#histogram.enable();
  }
  end() {
    this.#histogram.disable();
    return this.#histogram.max / 1e6;
  }
}

/** Turns the loop as fast as it goes and keeps the longest time between two turns. */
class Spin {
  #longest = 0;
  #running = false;
  begin() {
    this.#longest = 0;
    this.#running = true;
    let last = performance.now();
    const turn = () => {
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - last);
      last = now;
      if (this.#running) setImmediate(turn);
    };
    setImmediate(turn);
  }
  end() {
    this.#running = false;
    return this.#longest;
  }
}

const held = hold(process.argv[2]);
held.fill();
const detectors = { monitor: new Monitor(), spin: new Spin() };
process.on('message', async ({ begin, end, leave }) => {
  if (begin) detectors[begin].begin();
  // A turn of the loop first: a delay is only seen when it is over.
  if (end) await new Promise((resolve) => setTimeout(resolve, 5));
  if (begin) process.send({ begun: true });
  if (end) process.send({ longestMs: detectors[end].end() });
  if (leave) {
    await held.close();
    process.disconnect();
  }
});
process.send({ url: await held.listen() });
