/**
 * The catalog `session`, 99 counters and gauges: writing four of its counters in turn, and reading
 * all of it. Import it once for each backend, with a query of its own behind the path.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { catalogsOf } from './libraries.mjs';
import { expect } from './workload.mjs';

/** What is added: bytes. */
export const BYTES = 1500;

/** The counters that are written, by index, 0 to 11. */
const WRITTEN = [0, 1, 8, 9];

/** Four cells of a typed array in turn: the floor of writing. */
export function plainCells() {
  const cells = new Float64Array(16);
  let calls = 0;
  return {
    name: 'float64[i] += 1500',
    group: 'write',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 4) {
        cells[0] += BYTES;
        cells[1] += BYTES;
        cells[8] += BYTES;
        cells[9] += BYTES;
      }
    },
    check: () =>
      expect(
        cells.reduce((sum, cell) => sum + cell),
        calls * OPERATIONS * BYTES,
      ),
  };
}

/** @returns {import('../harness/race.mjs').Candidate[]} */
export function catalogWrites(title, meter) {
  return [byName, byIndex].map((make) => make(title, meter));
}

function byName(title, meter) {
  const stats = taken(title, meter, 'named.');
  let calls = 0;
  return {
    name: `${title}: stats.net.bytes_sent.add(1500)`,
    group: 'write',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 4) {
        stats.net.bytes_recv.add(BYTES);
        stats.net.bytes_sent.add(BYTES);
        stats.net.tcp_bytes_recv.add(BYTES);
        stats.net.tcp_bytes_sent.add(BYTES);
      }
    },
    check: () => expect(written(stats), calls * OPERATIONS * BYTES),
  };
}

function byIndex(title, meter) {
  const stats = taken(title, meter, 'indexed.');
  let calls = 0;
  return {
    name: `${title}: stats.at(1).add(1500)`,
    group: 'write',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 4) {
        stats.at(0).add(BYTES);
        stats.at(1).add(BYTES);
        stats.at(8).add(BYTES);
        stats.at(9).add(BYTES);
      }
    },
    check: () => expect(written(stats), calls * OPERATIONS * BYTES),
  };
}

/** Candidates of either kind of race. @returns {import('../harness/passes.mjs').Pass[]} */
export function catalogReads(title, meter) {
  const stats = taken(title, meter, 'read.');
  const before = stats.values();
  const into = stats.values();
  stats.net.bytes_recv.add(BYTES);
  return [
    {
      name: `${title}: stats.values(into)`,
      call() {
        for (let i = 0; i < OPERATIONS; i += 1) stats.values(into);
      },
      check: () => expect(into[0], BYTES),
    },
    {
      name: `${title}: stats.since(before, into)`,
      call() {
        for (let i = 0; i < OPERATIONS; i += 1) stats.since(before, into);
      },
      check: () => expect(into[0], BYTES),
    },
  ].map((candidate) => ({
    ...candidate,
    group: 'read',
    operations: OPERATIONS,
    pass: async () => candidate.call(),
  }));
}

function taken(title, meter, prefix) {
  return meter.catalog(catalogsOf(title).session, { prefix });
}

function written(stats) {
  const values = stats.values();
  return WRITTEN.reduce((sum, index) => sum + values[index], 0);
}
