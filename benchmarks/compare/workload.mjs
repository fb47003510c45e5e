/** What every candidate records: the same labels, the same values, the same bounds. */
import { OPERATIONS } from '../harness/race.mjs';

/** Handles that a loop uses in turn: more than a processor forwards from its store buffer. */
export const HANDLES = 16;

/** Two labels with 16 combinations. */
export const ROUTES = ['/orders', '/orders/{id}', '/reports', '/health'];
export const STATUSES = ['2xx', '3xx', '4xx', '5xx'];

/** The 16 label sets, as one would write them at a recording call. */
export const LABEL_SETS = ROUTES.flatMap((route) => STATUSES.map((status) => ({ route, status })));

/** The 25 latency bounds of the default set, nanoseconds. */
export const BOUNDS_NS = [
  100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7, 2.5e7,
  5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10,
];

/** The same in seconds, as prom-client's users write them. */
export const BOUNDS_SECONDS = BOUNDS_NS.map((bound) => bound / 1e9);

/**
 * Latencies of a service: 20 µs to 200 ms, most of them short, whole nanoseconds. Always the same
 * ones, from a small generator, so that runs compare.
 */
export const LATENCIES_NS = latencies();

/** The same in seconds. */
export const LATENCIES_SECONDS = LATENCIES_NS.map((value) => value / 1e9);

/** Null when equal, else what is wrong: the answer of a candidate's `check`. */
export function expect(found, expected) {
  return found === expected ? null : `counted ${found} where ${expected} were recorded`;
}

function latencies() {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length: OPERATIONS }, () =>
    Math.round(2e4 * 10 ** (4 * random() ** 2)),
  );
}
