/** A process that opens nanometer as a service would, and says what that added. */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { javascriptBackend, openNanometer } from '../compare/libraries.mjs';

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
process.send({ loadMs, openMs, rssBytes: after.rss - before.rss });
await meter.close();
process.disconnect();

function measure() {
  globalThis.gc();
  return { rss: process.memoryUsage.rss() };
}
