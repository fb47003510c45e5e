/** Watches the event loop of the process that it runs in, each detector in its own way. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Node's own histogram of loop delay, in steps of a millisecond: so it never reads less. */
export class Monitor {
  #histogram = monitorEventLoopDelay({ resolution: 1 });
  begin() {
    this.#histogram.reset();
    this.#histogram.enable();
  }
  /** Milliseconds. */
  end() {
    this.#histogram.disable();
    const [longestMs, p50Ms, p99Ms] = [
      this.#histogram.max,
      this.#histogram.percentile(50),
      this.#histogram.percentile(99),
    ].map((ns) => ns / 1e6);
    return { longestMs, p50Ms, p99Ms };
  }
}

/** Turns the loop as fast as it goes and keeps the longest time between two turns. */
export class Spin {
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
    return { longestMs: this.#longest };
  }
}

/**
 * How long something would have waited for the loop, had it come at any moment. A histogram of the
 * delays of a timer counts a stop of half a second once, however many would have waited in it: with a
 * stop each second it would not be among the longest 1%.
 */
export class Waits {
  #stops = [];
  #timer;
  #began;
  begin() {
    this.#stops = [];
    this.#began = performance.now();
    let last = this.#began;
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#stops.push(Math.max(0, now - last - 1));
      last = now;
    }, 1);
  }
  end() {
    clearInterval(this.#timer);
    const ms = performance.now() - this.#began;
    const longestMs = Math.max(...this.#stops);
    const [p50Ms, p99Ms] = [0.5, 0.99].map((q) => waited(this.#stops, ms, q));
    return { longestMs, p50Ms, p99Ms };
  }
}

/** Nothing, where the detector itself would disturb. */
export class Quiet {
  begin() {}
  end() {
    return {};
  }
}

/** The wait that a share `q` of all moments does not exceed; it falls evenly through each stop. */
function waited(stops, ms, q) {
  let [least, most] = [0, Math.max(...stops)];
  while (most - least > 0.001) {
    const middle = (least + most) / 2;
    const beyond = stops.reduce((sum, stop) => sum + Math.max(0, stop - middle), 0);
    if (beyond / ms > 1 - q) least = middle;
    else most = middle;
  }
  return most;
}
