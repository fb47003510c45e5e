/**
 * A process in which an AsyncLocalStorage is in use in one way, or in none, and that times awaits of
 * an async function: once in use it is for good, so each way has a process of its own. It answers each
 * message with nanoseconds an await.
 */
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { datadog } from '../compare/datadog.mjs';
import { openNanometer } from '../compare/libraries.mjs';

const AWAITS = 4096;
const SAMPLES = 16;

let done = 0;
const work = async () => {
  done += 1;
};
const within = { none, elsewhere, inside, openTelemetry, datadogScope }[process.argv[2]]();

await timed();
process.on('message', async () => process.send(await timed()));
process.on('disconnect', () => process.exit());
process.send({ isThere: within !== null });

/** The quickest of some, each begun where the way has it. */
async function timed() {
  if (within === null) return null;
  let best = Infinity;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    best = Math.min(best, await within(pass));
  }
  return best;
}

async function pass() {
  const before = done;
  const started = performance.now();
  for (let i = 0; i < AWAITS; i += 1) await work();
  const ms = performance.now() - started;
  if (done - before !== AWAITS) throw new Error(`${done - before} of ${AWAITS} were awaited`);
  return (ms * 1e6) / AWAITS;
}

/** A meter is open, and its spans are handed on by hand. */
function none() {
  openNanometer('nanometer').span('bench');
  return (run) => run();
}

/** Some other code has made a span the active one. */
function elsewhere() {
  const meter = openNanometer('nanometer');
  meter.active(meter.span('bench'), () => {});
  return (run) => run();
}

function inside() {
  const meter = openNanometer('nanometer');
  const span = meter.span('bench');
  return (run) => meter.active(span, run);
}

function openTelemetry() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const inContext = ROOT_CONTEXT.setValue(Symbol('bench'), true);
  return (run) => context.with(inContext, run);
}

/** Null where dd-trace cannot be installed, or knows no such Node. */
function datadogScope() {
  const tracer = datadog({ plugins: false })?.tracer;
  if (!tracer) return null;
  const span = tracer.startSpan('bench');
  return (run) => tracer.scope().activate(span, run);
}
