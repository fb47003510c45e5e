/** One metric of a catalog, and the definition that a meter gets of it. */
import { define, SERIES_LIMIT, type Asked, type Definition } from '../definition/define';

/** A metric of a catalog, as far as it does not depend on where the catalog is taken. */
export interface Entry {
  readonly index: number;
  /** Where its handle is: `['net', 'bytes_sent']`. */
  readonly path: readonly string[];
  /** Its name, with the prefixes of catalog and group. */
  readonly name: string;
  readonly group: string | null;
  readonly category: string | null;
  readonly asked: Asked;
  /** What `define()` is told; names of other metrics have their prefixes. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Under which names, and with which labels before its own, a catalog is taken. */
export interface Binding {
  /** What all names begin with. */
  readonly prefix: string;
  /** Label names with their values, in the order of names. */
  readonly constants: readonly (readonly [name: string, value: string])[];
}

/** A catalog that is taken as it is. */
export const PLAIN: Binding = { prefix: '', constants: [] };

/**
 * The checked definition of a metric. With constant labels its family is open, since nobody knows
 * how many sets of them there will be: there is room for `maxSeries` sets.
 *
 * @param maxSeries - the bound of an open family that does not name one
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION`
 */
export function definitionOf(entry: Entry, binding: Binding, maxSeries: number): Definition {
  const { prefix, constants } = binding;
  const name = prefix + entry.name;
  const options = withPrefix(entry.options, prefix);
  const own = define(entry.asked, name, options, maxSeries);
  if (constants.length === 0) return own;
  const isOpen = own.labels.length > 0 && own.values === null;
  const product = own.values?.reduce((series, values) => series * values.length, 1) ?? 1;
  return define(
    entry.asked,
    name,
    {
      ...options,
      labels: [...constants.map(([label]) => label), ...own.labels],
      maxSeries: isOpen ? own.maxSeries : Math.min(maxSeries * product, SERIES_LIMIT),
    },
    maxSeries,
  );
}

/** Every combination of the values of closed labels; one empty combination where there are none. */
export function combinations(values: readonly (readonly string[])[]): string[][] {
  return values.reduce<string[][]>(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    [[]],
  );
}

function withPrefix(
  options: Readonly<Record<string, unknown>>,
  prefix: string,
): Readonly<Record<string, unknown>> {
  if (prefix === '' || options.derive === undefined) return options;
  const derive = options.derive as { numerator: string; denominator: string };
  const numerator = prefix + derive.numerator;
  const denominator = prefix + derive.denominator;
  return { ...options, derive: { ...derive, numerator, denominator } };
}
