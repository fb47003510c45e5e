/**
 * The watching thread: reads the meter, scrapes `/metrics` as Prometheus would, and draws. It
 * shares the process with the service and nothing else, so it goes on while the service's loop is
 * blocked; reading the meter needs no word from the threads that record.
 *
 * The main thread tells it what is going on: `{ phase, notes }`, `{ blocked: { fromMs, toMs } }`,
 * `{ print }`, `{ finish }`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { milliseconds } from './figures.mjs';
import { openMeter } from './metrics.mjs';
import * as looks from './picture.mjs';
import { now, Scraper } from './scraper.mjs';
import { Screen } from './screen.mjs';
import { Slowest } from './slowest.mjs';
import { readings } from './view.mjs';

const DRAW_MS = 500;
const LINE_MS = 1_000;
const SCRAPE_MS = 200;
// What was asked of a blocked loop is answered soon after, or never.
const LATE_MS = 150;
const SLOWEST_OF_SECONDS = 5;

const { isTerminal, backend, addresses, metricsUrl } = workerData;
const meter = openMeter();
const screen = new Screen(isTerminal, looks);
const scraper = metricsUrl ? new Scraper(metricsUrl) : null;
const startedMs = now();
const slowest = new Slowest(meter, SLOWEST_OF_SECONDS);
let slowestOrder = null;
let phase = 'starting';
let notes = [];
let before = meter.snapshot();
let timer;

parentPort.on('message', async (message) => {
  if (message.phase !== undefined) ({ phase, notes = notes } = message);
  if (message.watch === true) start();
  if (message.watch === false) stop();
  if (message.blocked) await tellBlocked(message.blocked);
  if (message.print !== undefined) screen.print(message.print);
  if (message.ask !== undefined) parentPort.postMessage({ answer: message.ask, ...totals() });
  if (message.finish) process.exit();
});

function start() {
  scraper?.start(SCRAPE_MS);
  timer = setInterval(show, isTerminal ? DRAW_MS : LINE_MS);
}

function stop() {
  clearInterval(timer);
  scraper?.stop();
}

function show() {
  const snapshot = meter.snapshot();
  const delta = snapshot.since(before);
  before = snapshot;
  const seconds = Math.round((now() - startedMs) / 1000);
  slowestOrder = slowest.look(slowOrders(delta));
  screen.show({
    ...readings(delta),
    slowestOrder,
    backend,
    addresses,
    phase: `${phase}, ${seconds} s`,
    notes,
    scrapes: {
      last: scraper?.last,
      answered: totals().answered,
      pending: scraper?.all.filter(({ state }) => state === 'pending').length ?? 0,
    },
  });
}

/** The slowest percent of the orders: few enough to be looked at, whatever the load. */
function slowOrders(delta) {
  const ns = delta.histogram('gateway.duration', { route: '/orders' }).quantile(0.99);
  return { name: 'POST /orders', minDurationMs: (ns || 0) / 1e6 };
}

async function tellBlocked({ fromMs, toMs }) {
  if (!scraper) return;
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  const { asked, answered } = scraper.between(fromMs, toMs);
  const slowest = Math.max(...asked.map(({ tookMs }) => tookMs));
  const text =
    `the service's loop stood still for ${milliseconds((toMs - fromMs) * 1e6)}: ` +
    `${answered.length} of ${asked.length} scrapes were answered meanwhile, ` +
    `the slowest took ${milliseconds(slowest * 1e6)}`;
  notes = [text];
  if (!isTerminal) screen.print(text);
  parentPort.postMessage({ blockedText: text, answered: answered.length, asked: asked.length });
}

function totals() {
  const done = scraper?.all.filter(({ state }) => state === 'answered') ?? [];
  return {
    answered: done.length,
    worstMs: Math.max(0, ...done.map(({ tookMs }) => tookMs)),
    slowestOrder,
  };
}
