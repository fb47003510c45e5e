/**
 * The watching thread of the pipeline demo: reads the meter and draws. Parsing keeps the main thread
 * busy; reading the meter needs no word from it.
 *
 * The main thread tells it `{ watch }`, `{ print }` and `{ finish }`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Screen } from '../screen.mjs';
import { openMeter } from './metrics.mjs';
import * as looks from './picture.mjs';
import { readings } from './view.mjs';

const DRAW_MS = 500;
const LINE_MS = 1_000;

const { isTerminal, backend, addresses } = workerData;
const meter = openMeter();
const screen = new Screen(isTerminal, looks);
const startedMs = performance.now();
let before = meter.snapshot();
let timer;

parentPort.on('message', ({ watch, print, finish }) => {
  if (watch === true) timer = setInterval(show, isTerminal ? DRAW_MS : LINE_MS);
  if (watch === false) clearInterval(timer);
  if (print !== undefined) screen.print(print);
  if (finish) process.exit();
});

function show() {
  const snapshot = meter.snapshot();
  const delta = snapshot.since(before);
  before = snapshot;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  screen.show({ ...readings(delta), backend, addresses, seconds });
}
