/** What one metric of a catalog forbids another: two of one index, name or path, and the like. */
import type { Definition } from '../definition/define';
import { NanometerError, show } from '../errors';
import { metricName } from '../javascript/prometheus/names';
import type { Entry } from './entry';

/** What `meter.catalog()` answers has these of its own: no metric's path begins with one. */
const MEMBERS: readonly string[] = ['at', 'values', 'since', 'catalog', 'events', 'enable'];

/** Throws what is wrong with a catalog. */
export function refuse(catalog: unknown, what: string): never {
  throw new NanometerError(
    'NANOMETER_INVALID_DEFINITION',
    `catalog${typeof catalog === 'string' ? ` ${show(catalog)}` : ''}: ${what}`,
  );
}

/** That each entry has an index and a path of its own. */
export function checkPlaces(catalog: string, entries: readonly Entry[]): void {
  checkIndices(catalog, entries);
  checkPaths(catalog, entries);
}

/** That each definition has a name of its own, and that those which need others have them. */
export function checkTogether(catalog: string, definitions: readonly Definition[]): void {
  checkNames(catalog, definitions);
  checkDerived(catalog, definitions);
}

function checkIndices(catalog: string, entries: readonly Entry[]): void {
  const owners = new Map<number, string>();
  for (const { index, name } of entries) {
    const owner = owners.get(index);
    if (owner !== undefined) {
      refuse(catalog, `${show(owner)} and ${show(name)} both have the index ${index}`);
    }
    owners.set(index, name);
  }
}

function checkPaths(catalog: string, entries: readonly Entry[]): void {
  const leaves = new Map<string, string>();
  const branches = new Map<string, Entry>();
  for (const entry of entries) {
    const { name, path, group } = entry;
    const dotted = path.join('.');
    if (path.includes('')) {
      refuse(catalog, `the path of ${show(name)}, ${show(dotted)}, has an empty part`);
    }
    if (MEMBERS.includes(path[0]!)) {
      refuse(
        catalog,
        `the path of ${show(name)} begins with ${show(path[0])}, which is taken: ` +
          `what meter.catalog() answers has ${MEMBERS.join(', ')} of its own`,
      );
    }
    const double = leaves.get(dotted);
    if (double !== undefined) {
      refuse(catalog, `${show(double)} and ${show(name)} have the same path, ${show(dotted)}`);
    }
    leaves.set(dotted, name);
    for (let depth = 1; depth < path.length; depth++) {
      const branch = path.slice(0, depth).join('.');
      const other = branches.get(branch);
      if (depth === 1 && other !== undefined && other.group !== group) {
        refuse(catalog, `${show(branch)} is a group, and the path of another metric begins so`);
      }
      branches.set(branch, entry);
    }
  }
  for (const [path, name] of leaves) {
    const below = branches.get(path);
    if (below !== undefined) {
      refuse(
        catalog,
        `${show(name)} cannot be a metric and contain another: ${show(below.name)} is below it`,
      );
    }
  }
}

/** Two names that are one in Prometheus could not both be shown. */
function checkNames(catalog: string, definitions: readonly Definition[]): void {
  const byName = new Map<string, string>();
  const byFamily = new Map<string, string>();
  for (const definition of definitions) {
    const { name } = definition;
    if (byName.has(name)) refuse(catalog, `two metrics are called ${show(name)}`);
    const { family } = metricName(definition);
    const other = byFamily.get(family);
    if (other !== undefined) {
      refuse(catalog, `${show(other)} and ${show(name)} are both ${show(family)} in Prometheus`);
    }
    byName.set(name, name);
    byFamily.set(family, name);
  }
}

function checkDerived(catalog: string, definitions: readonly Definition[]): void {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  for (const { name, derive, labels } of definitions) {
    if (derive === null) continue;
    for (const operand of [derive.numerator, derive.denominator]) {
      const found = byName.get(operand);
      const no = (what: string): never =>
        refuse(catalog, `${show(name)} cannot be derived from ${show(operand)}: ${what}`);
      if (found === undefined) return no('there is no such metric');
      if (found.kind !== 'counter' && found.kind !== 'gauge') {
        return no(`it is a ${found.kind}; counters and gauges are accepted`);
      }
      if (JSON.stringify(found.labels) !== JSON.stringify(labels)) {
        return no(`their labels, [${found.labels.join()}] and [${labels.join()}], differ`);
      }
    }
  }
}
