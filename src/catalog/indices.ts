/** The promise that an index never changes, kept by comparing with a list that is committed. */
import { NanometerError, show } from '../errors';
import type { Catalog, IndexEntry } from './catalog';

/**
 * Compares a catalog with the list of its indices that was committed when it was last published.
 *
 * To add a metric, give it an index that no list has had, run this, and add what it answers to the
 * committed list. To retire one, mark it `deprecated`: it keeps its place.
 *
 * @param committed - what `catalog.indices()` answered then
 * @returns the metrics that the list does not have yet
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION` that names each metric that has moved, is
 * gone or has become of another kind; `NANOMETER_INVALID_OPTION` where the list is none
 */
export function checkIndices(catalog: Catalog, committed: readonly IndexEntry[]): IndexEntry[] {
  const list = checkList(committed);
  const now = catalog.indices();
  const byName = new Map(now.map((entry) => [entry.name, entry]));
  const faults = list.flatMap((before) => faultOf(before, byName.get(before.name)));
  if (faults.length === 0) {
    const known = new Set(list.map(({ name }) => name));
    return now.filter(({ name }) => !known.has(name));
  }
  throw new NanometerError(
    'NANOMETER_INVALID_DEFINITION',
    `catalog ${show(catalog.name)}: an index never changes once it is published, and a metric that ` +
      `is retired keeps its place and is marked deprecated; but ${faults.join('; ')}`,
  );
}

function faultOf(before: IndexEntry, after: IndexEntry | undefined): string[] {
  const { name, index, kind } = before;
  if (after === undefined) return [`${show(name)}, at ${index}, is gone`];
  const faults: string[] = [];
  if (after.index !== index) faults.push(`${show(name)} has moved from ${index} to ${after.index}`);
  if (after.kind !== kind) faults.push(`${show(name)} was a ${kind} and is a ${after.kind}`);
  return faults;
}

function checkList(committed: unknown): readonly IndexEntry[] {
  const wrong = (what: unknown): never => {
    throw new NanometerError(
      'NANOMETER_INVALID_OPTION',
      `checkIndices() needs a list of { index, name, kind }, not ${show(what)}`,
    );
  };
  if (!Array.isArray(committed)) return wrong(committed);
  for (const entry of committed as readonly unknown[]) {
    const { index, name, kind } = (entry ?? {}) as Record<keyof IndexEntry, unknown>;
    if (typeof index !== 'number' || typeof name !== 'string' || typeof kind !== 'string') {
      return wrong(entry);
    }
  }
  return committed as readonly IndexEntry[];
}
