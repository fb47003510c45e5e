/**
 * Labels: names made legal, names that became equal joined, values escaped. The twin of
 * `crates/export/src/encode/labels.rs`.
 */
import type { Definition, Kind } from '../../definition/define';
import { OVERFLOW_LABEL } from '../reading';
import { labelName } from './names';

// What stands between the values of labels whose names became equal.
const JOINT = ';';

interface Column {
  readonly name: string;
  /** Indices into the series' values, by original label name where there are several. */
  readonly sources: number[];
}

/** How the label values of one metric become labels. */
export class LabelPlan {
  readonly #columns: readonly Column[];
  /**
   * Whether series that differ in a snapshot differ in the output too. Not so where values are
   * joined (`x;y` and `z` read like `x` and `y;z`), nor where a user's label is called like the
   * overflow's.
   */
  readonly isInjective: boolean;

  /**
   * A histogram has `le` for itself, and a state the name of its family in the output: a user's
   * label of that name is called `exported_le`, and so on.
   */
  constructor(definition: Definition, family: string) {
    const columns = new Map<string, Column>();
    const taken = takenLabel(definition.kind, family);
    definition.labels.forEach((label, index) => {
      const legal = labelName(label);
      const name = legal === taken ? `exported_${legal}` : legal;
      const column = columns.get(name);
      if (column === undefined) columns.set(name, { name, sources: [index] });
      else column.sources.push(index);
    });
    const original = (source: number): string => definition.labels[source] ?? '';
    for (const { sources } of columns.values()) {
      sources.sort((a, b) => compareUtf8(original(a), original(b)));
    }
    this.#columns = [...columns.values()];
    this.isInjective = this.#columns.every(
      ({ name, sources }) => sources.length === 1 && name !== OVERFLOW_LABEL[0],
    );
  }

  /** `name="value",` for each label of the series, with a comma at the end. */
  write(values: readonly string[] | null): string {
    return this.#pairs(values)
      .map(([name, value]) => writeLabel(name, value))
      .join('');
  }

  /**
   * What makes the series the same as another one to Prometheus: its labels in any order, those
   * with an empty value left out.
   */
  identity(values: readonly string[] | null): string {
    const pairs = this.#pairs(values).filter(([, value]) => value !== '');
    return JSON.stringify(pairs.sort(([a], [b]) => compareUtf8(a, b)));
  }

  #pairs(values: readonly string[] | null): (readonly [string, string])[] {
    if (values === null) return [OVERFLOW_LABEL];
    return this.#columns.map(({ name, sources }) => [
      name,
      sources.map((source) => values[source] ?? '').join(JOINT),
    ]);
  }
}

/** The resource attributes as labels, sorted, with a comma at the end of each. */
export function writeResource(attributes: Readonly<Record<string, string>>): string {
  const labels = new Map<string, string[]>();
  const byKey = Object.entries(attributes).sort(([a], [b]) => compareUtf8(a, b));
  for (const [key, value] of byKey) {
    const name = labelName(key);
    labels.set(name, [...(labels.get(name) ?? []), value]);
  }
  return [...labels]
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([name, values]) => writeLabel(name, values.join(JOINT)))
    .join('');
}

/** Text with backslash and line feed escaped, and the double quote where `quotes` says so. */
export function escape(text: string, quotes: boolean): string {
  const escaped = text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return quotes ? escaped.replaceAll('"', '\\"') : escaped;
}

/** The order of the bytes of two strings in UTF-8. (That of JavaScript is of UTF-16 units.) */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function takenLabel(kind: Kind, family: string): string | null {
  if (kind === 'histogram') return 'le';
  return kind === 'state' ? family : null;
}

function writeLabel(name: string, value: string): string {
  return `${name}="${escape(value, true)}",`;
}
