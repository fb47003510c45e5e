/** Scrapes an address at even intervals, whether or not the scrape before has been answered. */
import http from 'node:http';

const TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Scrape
 * @property {number} startedMs Unix time.
 * @property {number} tookMs Until the last byte; how long it has been waiting when it is pending.
 * @property {number} bytes
 * @property {'pending' | 'answered' | 'failed'} state
 */
export class Scraper {
  #url;
  #agent = new http.Agent({ keepAlive: true });
  #timer;
  /** @type {Scrape[]} */
  #scrapes = [];

  constructor(url) {
    this.#url = url;
  }

  start(everyMs) {
    this.#timer = setInterval(() => this.#scrape(), everyMs);
    this.#scrape();
  }

  stop() {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  /** The last one that was answered, if any. */
  get last() {
    return this.#scrapes.findLast(({ state }) => state === 'answered');
  }

  /** Those that began in that time, and, of them, those that were answered within it. */
  between(fromMs, toMs) {
    const asked = this.#scrapes.filter((scrape) => {
      return scrape.startedMs >= fromMs && scrape.startedMs <= toMs;
    });
    const answered = asked.filter(
      ({ state, startedMs, tookMs }) => state === 'answered' && startedMs + tookMs <= toMs,
    );
    return { asked, answered };
  }

  /** Every scrape so far. */
  get all() {
    return this.#scrapes;
  }

  #scrape() {
    const scrape = { startedMs: now(), tookMs: 0, bytes: 0, state: 'pending' };
    this.#scrapes.push(scrape);
    const end = (state) => {
      scrape.tookMs = now() - scrape.startedMs;
      scrape.state = state;
    };
    http
      .get(this.#url, { agent: this.#agent, timeout: TIMEOUT_MS }, (response) => {
        response.on('data', (chunk) => (scrape.bytes += chunk.length));
        response.on('end', () => end(response.statusCode === 200 ? 'answered' : 'failed'));
        response.on('error', () => end('failed'));
      })
      .on('timeout', function () {
        this.destroy();
      })
      .on('error', () => end('failed'));
  }
}

/** Unix time in milliseconds and fractions, alike in all threads. */
export function now() {
  return performance.timeOrigin + performance.now();
}
