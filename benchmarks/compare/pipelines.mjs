/**
 * Pipelines of three stages, bare and instrumented. Import it once for each way of instrumenting,
 * with a query of its own behind the path, so that no stage sees what another's work is wrapped in.
 */
import { createHash } from 'node:crypto';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { COMPONENTS } from './element-work.mjs';
import { OpenTelemetryStages } from './opentelemetry-stages.mjs';
import { PromClientStages } from './prom-client-stages.mjs';
import { expect } from './workload.mjs';

const CHUNK_BYTES = 64 * 1024;
const CHUNK = Buffer.alloc(CHUNK_BYTES, 'abcdefgh');

/**
 * @typedef {object} Traffic What goes through a pipeline, and what its stages do.
 * @property {string} name
 * @property {boolean} isObjects Object mode, or bytes.
 * @property {(place: number) => unknown} make The source's work on each.
 * @property {(item: any) => unknown} change The second stage's work.
 * @property {(item: any) => number} take The sink's work; what it gives is added up.
 * @property {(count: number) => number} total What the sum must be.
 */

/** Small objects through stages that do next to nothing. @returns {Traffic} */
export function smallObjects() {
  return {
    name: 'objects',
    isObjects: true,
    make: (place) => ({ place, length: 1 }),
    change: (item) => item,
    take: (item) => item.place,
    total: triangular,
  };
}

/** One small object, and then the next pipeline. @returns {Traffic} */
export function oneObject() {
  return { ...smallObjects(), name: 'one object' };
}

/** Objects that the second stage works on. @returns {Traffic} */
export function workedObjects(iterations) {
  return {
    ...smallObjects(),
    name: 'worked objects',
    change(item) {
      item.length = work(iterations);
      return item;
    },
  };
}

/** Chunks of 64 KiB, which the second stage hashes. @returns {Traffic} */
export function chunks() {
  const hash = createHash('sha256');
  return {
    name: 'chunks',
    isObjects: false,
    make: () => CHUNK,
    change(chunk) {
      hash.update(chunk);
      return chunk;
    },
    take: (chunk) => chunk.length,
    total: (count) => count * CHUNK_BYTES,
  };
}

/** How many iterations of the work take so many microseconds on this machine, undisturbed. */
export function calibrate(micros) {
  const tried = 50_000;
  let best = Infinity;
  for (let i = 0; i < 200; i += 1) {
    const started = performance.now();
    work(tried);
    best = Math.min(best, performance.now() - started);
  }
  return Math.ceil((tried * micros) / (best * 1000));
}

/**
 * @typedef {object} Size Of a pass.
 * @property {number} items That go through each pipeline.
 * @property {number} [pipelines] One after another; one when left out.
 */

/** `stream.promises.pipeline` and nothing else. */
export function barePipeline(traffic, size) {
  return passes(traffic, {
    name: 'stream.promises.pipeline',
    size,
    run: (stages) => pipeline(...stages),
  });
}

/** `flow.pipeline` at a level. */
export function flowPipeline(traffic, size, meter, level) {
  const id = `bench.${traffic.name}.${level}`;
  return passes(traffic, {
    name: `nanometer, ${level}: flow.pipeline()`,
    size,
    run([source, parse, sink]) {
      return meter.flow(id, COMPONENTS).pipeline({ source, parse, sink });
    },
    before: () => (meter.level = level),
    after: () => (meter.level = 'production'),
    complaint(items) {
      const expected = level === 'off' ? 0 : items;
      const snapshot = meter.snapshot();
      return (
        expect(snapshot.value('flow.elements.total', { flow_id: id }), expected) ??
        COMPONENTS.map((component_id) =>
          expect(snapshot.value('component.invocations', { flow_id: id, component_id }), expected),
        ).find((complaint) => complaint !== null) ??
        null
      );
    },
  });
}

/** The bare pipeline with each stage's work in the hands of OpenTelemetry. */
export function openTelemetryPipeline(traffic, size) {
  const instrument = new OpenTelemetryStages({ flow: traffic.name });
  return instrumented('OpenTelemetry: span, counter, histogram', traffic, size, instrument);
}

/** The bare pipeline with each stage's work in the hands of prom-client. */
export function promClientPipeline(traffic, size) {
  const instrument = new PromClientStages({ flow: traffic.name });
  return instrumented('prom-client: counter, histogram', traffic, size, instrument);
}

function instrumented(name, traffic, size, instrument) {
  const [source, parse, sink] = COMPONENTS.map((component) => instrument.stage(component));
  const wrapped = {
    ...traffic,
    make: (place) => instrument.run(source, traffic.make, place),
    change: (item) => instrument.run(parse, traffic.change, item),
    take: (item) => instrument.run(sink, traffic.take, item),
  };
  return passes(wrapped, {
    name,
    size,
    run: (stages) => pipeline(...stages),
    complaint: (items) => instrument.complaint(items * COMPONENTS.length),
  });
}

/** @returns {import('../harness/passes.mjs').Pass} */
function passes(traffic, { name, size, run, before, after, complaint = () => null }) {
  const { items, pipelines = 1 } = size;
  const expected = traffic.total(items);
  let done = 0;
  let wrong = null;
  return {
    name,
    group: traffic.name,
    operations: items * pipelines,
    before,
    after,
    async pass() {
      for (let i = 0; i < pipelines; i += 1) {
        const { stages, taken } = makeStages(traffic, items);
        await run(stages);
        done += 1;
        wrong ??= expect(taken(), expected);
      }
    },
    check: () => wrong ?? complaint(done * items),
  };
}

/** Three fresh streams, and what the last has taken. */
function makeStages({ isObjects, make, change, take }, count) {
  let made = 0;
  let sum = 0;
  const mode = { objectMode: isObjects };
  const source = new Readable({
    ...mode,
    read() {
      this.push(made < count ? make(made++) : null);
    },
  });
  const parse = new Transform({
    ...mode,
    transform(item, encoding, done) {
      done(null, change(item));
    },
  });
  const sink = new Writable({
    ...mode,
    write(item, encoding, done) {
      sum += take(item);
      done();
    },
  });
  return { stages: [source, parse, sink], taken: () => sum };
}

/** Turns the bits of a number over, that often. */
function work(iterations) {
  let word = 0x2545f491;
  for (let i = 0; i < iterations; i += 1) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
  }
  return word;
}

function triangular(count) {
  return (count * (count - 1)) / 2;
}
