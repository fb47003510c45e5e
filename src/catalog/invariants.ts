/** What must hold of a catalog's values, as functions on a snapshot. */
import { NanometerError, show } from '../errors';
import type { Snapshot } from '../snapshot/snapshot';
import type { Labels } from '../snapshot/snapshot-data';

/** An invariant of a catalog, as it is written down. */
export interface InvariantSpec {
  /** What must hold, in a sentence. */
  readonly about: string;
  /**
   * Whether it holds, and the figures that decide.
   *
   * @param read - the value of a counter or gauge of the catalog by its path (`channel.depth`), all
   * of its series added up
   */
  readonly of: (read: (path: string) => number) => InvariantResult;
}

/** Whether an invariant holds, and the figures that decide. */
export interface InvariantResult {
  /** Whether it holds. */
  readonly holds: boolean;
  /** A figure. */
  readonly [figure: string]: number | boolean;
}

/** Which metrics of a snapshot an invariant is about. */
export interface InvariantOptions {
  /** The prefix under which the catalog was taken. */
  readonly prefix?: string;
  /** The series with these label values only; all of them when left out. */
  readonly labels?: Labels;
}

/**
 * Evaluates an invariant. Between the cells that a snapshot reads there is no order: where threads
 * record at that moment, figures that belong together may be a few events apart.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where the snapshot lacks a metric that it needs
 */
export type Invariant<Result extends InvariantResult = InvariantResult> = (
  snapshot: Snapshot,
  options?: InvariantOptions,
) => Result;

/** A function on snapshots from what is written down. */
export function makeInvariant(
  called: string,
  of: InvariantSpec['of'],
  nameOf: (path: string) => string,
): Invariant {
  return (snapshot, { prefix = '', labels = {} } = {}) =>
    of((path) => {
      const name = prefix + nameOf(path);
      const found = sum(snapshot, name, Object.entries(labels));
      if (found !== undefined) return found;
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `${called}: the snapshot has no value of ${show(name)} with these ` +
          'labels; give it the prefix and labels with which the catalog was taken',
      );
    });
}

function sum(
  { metrics }: Snapshot,
  name: string,
  wanted: readonly (readonly [string, string])[],
): number | undefined {
  const metric = metrics.find((candidate) => candidate.name === name);
  // An open family that nothing has used yet has counted nothing.
  if (metric?.series.length === 0) return 0;
  const series = metric?.series.filter(({ labels }) =>
    wanted.every(([label, value]) => labels[label] === value),
  );
  if (series === undefined || series.length === 0) return undefined;
  return series.reduce((total, one) => total + ('value' in one ? one.value : NaN), 0);
}
