/** The reference data of the four catalogs, which is kept outside of the package: as plain metrics. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A metric of the reference. */
export interface ReferenceMetric {
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** The values of those labels that are closed. */
  readonly closed: Readonly<Record<string, readonly string[]>>;
  readonly index: number | null;
  readonly category: string | null;
  readonly group: string | null;
  readonly aggregate: string | null;
  readonly bounds: readonly number[] | null;
  readonly states: readonly string[] | null;
  readonly diagnostic: boolean;
  readonly reserved: boolean;
  readonly deprecated: boolean;
}

/** The names of the catalogs. */
export const REFERENCES = ['torvyn', 'session', 'flowscope', 'calimero'] as const;

/** The name of a catalog. */
export type ReferenceName = (typeof REFERENCES)[number];

const FOLDER = join(__dirname, '../../../shared/spec/catalogs');

/** How many metrics each has, so that a reference that is read wrongly is not a reference that is met. */
export const COUNTS: Readonly<Record<ReferenceName, number>> = {
  torvyn: 35,
  session: 99,
  flowscope: 12,
  calimero: 30,
};

/** Describes tests that need the reference data, which a copy of the package alone does not have. */
export const describeWithReference = existsSync(FOLDER)
  ? describe
  : (title: string, body: () => void) =>
      describe.skip(`${title} (the reference data is not beside the package)`, body);

interface RawMetric {
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly index?: number;
  readonly category?: string;
  readonly labels?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  readonly labelValues?: Readonly<Record<string, readonly string[]>>;
  readonly aggregate?: string;
  readonly buckets?: string | readonly number[];
  readonly states?: readonly string[];
  readonly deprecated?: boolean;
}

interface Raw {
  readonly metrics?: readonly RawMetric[];
  readonly scopes?: readonly { labels: readonly string[]; metrics: readonly RawMetric[] }[];
  readonly groups?: readonly {
    readonly group: string;
    readonly prefix: string;
    readonly status?: string;
    readonly metrics: readonly RawMetric[];
  }[];
  readonly bucketSets?: Readonly<Record<string, readonly number[]>>;
  readonly diagnosticStart?: number;
}

/** The metrics of a catalog, by their whole names. */
export function readReference(catalog: ReferenceName): ReferenceMetric[] {
  const raw = JSON.parse(readFileSync(join(FOLDER, `${catalog}.json`), 'utf8')) as Raw;
  const read = (metric: RawMetric, more: Partial<ReferenceMetric>): ReferenceMetric => {
    const { name, kind, unit, index = null, category = null, aggregate = null } = metric;
    const { labels = [], labelValues = {}, states = null, deprecated = false, buckets } = metric;
    const closed = Array.isArray(labels) ? labelValues : (labels as ReferenceMetric['closed']);
    const bounds = typeof buckets === 'string' ? raw.bucketSets![buckets]! : (buckets ?? null);
    return {
      name,
      kind,
      unit,
      labels: Array.isArray(labels) ? (labels as string[]) : Object.keys(labels),
      closed,
      index,
      category,
      group: null,
      aggregate,
      bounds,
      states,
      diagnostic: index !== null && index >= (raw.diagnosticStart ?? Infinity),
      reserved: false,
      deprecated,
      ...more,
    };
  };
  return [
    ...(raw.metrics ?? []).map((metric) => read(metric, {})),
    ...(raw.scopes ?? []).flatMap(({ labels, metrics }) =>
      metrics.map((metric) => read(metric, { labels })),
    ),
    ...(raw.groups ?? []).flatMap(({ group, prefix, status, metrics }) =>
      metrics.map((metric) =>
        read(metric, { name: prefix + metric.name, group, reserved: status !== undefined }),
      ),
    ),
  ];
}
