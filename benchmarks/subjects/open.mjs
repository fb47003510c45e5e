/** A process that opens nanometer as a service would, and says what that added. */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { javascriptBackend, openNanometer } from '../compare/libraries.mjs';

const SETTLE_MS = 300;
const IDLE_MS = 2_000;

const library = process.argv[2];
const loadStarted = performance.now();
if (library === 'nanometer-javascript') javascriptBackend();
else createRequire(import.meta.url)('nanometer');
const loadMs = performance.now() - loadStarted;

const before = measure();
const started = performance.now();
const meter = openNanometer(library, {
  inspection: { host: '127.0.0.1', port: 0, socket: true },
});
const openMs = performance.now() - started;
const after = measure();

// Nothing is scraped and nothing recorded: what is left is what our threads do of themselves.
await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
const idleFrom = { cpu: process.cpuUsage(), at: performance.now() };
await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
const { user, system } = process.cpuUsage(idleFrom.cpu);
const idleCpu = (user + system) / 1000 / (performance.now() - idleFrom.at);
process.send({ loadMs, openMs, rssBytes: after.rss - before.rss, idleCpu });
await meter.close();
process.disconnect();

function measure() {
  globalThis.gc();
  return { rss: process.memoryUsage.rss() };
}
