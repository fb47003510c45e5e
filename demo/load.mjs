/**
 * The load: autocannon in a process of its own, so that the service's loop is the service's alone.
 *
 * As the child of `Load` it takes `mark` messages and answers with what it has received so far.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ARTICLES } from './catalogue.mjs';

const CONNECTIONS = 24;
// Stopped by its parent; this is for a parent that is gone.
const LONGEST_SECONDS = 3_600;

/** The load, as the service's process sees it. */
export class Load {
  #child;

  /** How many requests may be on their way at one time. */
  static connections = CONNECTIONS;

  /** Starts the generator and waits for its first response. */
  async start(url) {
    this.#child = fork(new URL(import.meta.url), [url], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(this.#child, 'message');
  }

  /**
   * What has been received so far.
   *
   * @returns {Promise<{ responses: number, errors: number, atMs: number }>} `atMs` is the
   *   generator's own clock, so that a rate between two marks does not depend on messages' delays.
   */
  async mark() {
    this.#child.send('mark');
    const [received] = await once(this.#child, 'message');
    return received;
  }

  /** Ends the generator. */
  async stop() {
    const exited = once(this.#child, 'exit');
    this.#child.send('stop');
    await exited;
  }
}

async function generate(url) {
  const { default: autocannon } = await import('autocannon');
  const instance = autocannon({
    url,
    connections: CONNECTIONS,
    duration: LONGEST_SECONDS,
    requests: mix(),
  });
  let responses = 0;
  let errors = 0;
  instance.on('response', () => {
    responses += 1;
    if (responses === 1) process.send('ready');
  });
  instance.on('reqError', () => (errors += 1));
  process.on('message', (message) => {
    if (message === 'mark') process.send({ responses, errors, atMs: performance.now() });
    else {
      instance.stop();
      process.disconnect();
    }
  });
  process.on('disconnect', () => process.exit());
}

/** What clients ask for, in an order that looks like many of them: mostly right, sometimes not. */
function mix() {
  const random = seeded(7);
  // Squared, so that some articles are popular.
  const sku = () => ARTICLES[Math.floor(random() ** 2 * ARTICLES.length)].sku;
  const kinds = [
    [45, () => order({ sku: sku(), quantity: 1 + Math.floor(random() * 12) })],
    [2, () => order({ sku: 'SKU-999', quantity: 1 })],
    [1, () => order({ sku: sku(), quantity: 'many' })],
    [25, () => ({ method: 'GET', path: `/orders/${1 + Math.floor(random() * 4_000)}` })],
    [15, () => ({ method: 'GET', path: `/inventory/${sku()}` })],
    [3, () => ({ method: 'GET', path: '/reports' })],
    [8, () => ({ method: 'GET', path: '/health' })],
    [1, () => ({ method: 'GET', path: '/favicon.ico' })],
  ];
  const requests = kinds.flatMap(([share, make]) => Array.from({ length: share * 4 }, make));
  for (let last = requests.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [requests[last], requests[other]] = [requests[other], requests[last]];
  }
  return requests;
}

function order(body) {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', path: '/orders', headers, body: JSON.stringify(body) };
}

/** Always the same numbers: two runs of the demo ask the same. */
function seeded(state) {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate(process.argv[2]);
