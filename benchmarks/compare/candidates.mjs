/** The candidates of a library by its name: what the processes of a benchmark agree on. */
import { createRequire } from 'node:module';
import { crossing } from './crossing.mjs';
import { loadCrossing } from '../crossing-addon/load.mjs';
import { openNanometer } from './libraries.mjs';
import { perfHooks } from './node.mjs';
import { openTelemetry } from './opentelemetry.mjs';

const require = createRequire(import.meta.url);

/** Names that `candidatesOf` knows. */
export const CANDIDATE_LIBRARIES = [
  'nanometer',
  'nanometer-javascript',
  'prom-client',
  '@prometheus-io/client',
  'OpenTelemetry',
  'perf_hooks',
  'C++ addon',
];

/**
 * What is raced, and what flows, catalogs, events and spans are made of besides: the calls whose bytes
 * and crossings are counted.
 *
 * @param {string} library One of `CANDIDATE_LIBRARIES`.
 * @returns {Promise<import('../harness/race.mjs').Candidate[]>} Empty where it cannot be loaded.
 */
export async function countedOf(library) {
  const raced = await candidatesOf(library);
  if (!library.startsWith('nanometer')) return raced;
  const { element, elementParts } = await import(`./elements.mjs?${library}`);
  const { catalogReads, catalogWrites } = await import(`./catalogs.mjs?${library}`);
  const { handles } = await import(`./handles.mjs?${library}`);
  const { SpanRace } = await import(`./spans.mjs?${library}`);
  const meter = openNanometer(library, { service: `${library}-counted` });
  return [
    ...raced,
    ...['off', 'production'].flatMap((level) => [
      element(library, meter, level),
      ...elementParts(library, meter, level),
    ]),
    ...catalogWrites(library, meter),
    ...catalogReads(library, meter),
    ...handles(library, meter),
    ...new SpanRace(library, meter).counted(),
  ];
}

/**
 * @param {string} library One of `CANDIDATE_LIBRARIES`.
 * @returns {Promise<import('../harness/race.mjs').Candidate[]>} Empty where it cannot be loaded.
 */
export async function candidatesOf(library) {
  switch (library) {
    case 'nanometer':
    case 'nanometer-javascript': {
      const { nanometer, timers } = await import(`./nanometer.mjs?${library}`);
      const meter = openNanometer(library);
      return [...nanometer(library, meter), ...timers(library, meter)];
    }
    case 'prom-client':
    case '@prometheus-io/client': {
      const { promClient } = await import(`./prom-client.mjs?${library}`);
      return promClient(library, require(library));
    }
    case 'OpenTelemetry':
      return openTelemetry();
    case 'perf_hooks':
      return perfHooks();
    case 'C++ addon': {
      const addon = loadCrossing();
      return addon ? crossing(addon) : [];
    }
    default:
      throw new Error(`unknown library: ${library}`);
  }
}
