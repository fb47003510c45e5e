/** How a program describes its own metrics once, for all the places where it records them. */
import { Catalog } from './catalog';
import type { CatalogSpec } from './spec';

/**
 * Defines a catalog: metrics with indices that never change, typed by what is written down. It
 * needs no meter and allocates no memory of one.
 *
 * ```ts
 * const cache = defineCatalog({
 *   name: 'cache',
 *   metrics: {
 *     'cache.hits': { index: 0, kind: 'counter', unit: '{hit}', help: 'Lookups that found.' },
 *     'cache.entries': { index: 1, kind: 'gauge', unit: '{entry}', help: 'Entries kept now.' },
 *   },
 * });
 * const stats = meter.catalog(cache);
 * stats.cache.hits.inc();
 * ```
 *
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION` with the offending value and what is
 * accepted: an index, a name or a path twice, a metric that is below another, a path that begins
 * with a member of what `meter.catalog()` answers, and all that makes a metric's definition wrong
 */
export function defineCatalog<const S extends CatalogSpec>(spec: S): Catalog<S> {
  return new Catalog(spec);
}
