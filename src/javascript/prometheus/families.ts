/**
 * Families: which metrics share a name in Prometheus, in which order they come, and which cannot be
 * shown because their names collide. The twin of `crates/export/src/encode/families.rs`.
 */
import type { Definition, Kind } from '../../definition/define';
import type { ReadMetric } from '../reading';
import { compareUtf8, escape, LabelPlan } from './labels';
import { metricName } from './names';
import { formatBound } from './numbers';
import { applyScale, type Scale } from './units';

/** The family of the resource attributes, and its sample. */
export const TARGET = { family: 'target', sample: 'target_info' } as const;

/** One metric of a family. */
export interface Member {
  readonly metric: ReadMetric;
  readonly scale: Scale;
  readonly labels: LabelPlan;
  /** Of a histogram or a state: what ends the label set of each bucket or state, `le="0.25"} `. */
  readonly tails: readonly string[];
}

/** What a family is: a derived metric is a gauge here. */
export type FamilyKind = Exclude<Kind, 'derived'>;

/** One name of the output, with its type and everything that has it. */
export interface PrometheusFamily {
  /** The name without suffixes. */
  readonly name: string;
  readonly kind: FamilyKind;
  /** The unit's word; empty for none. */
  readonly unit: string;
  /** The help text, not escaped. */
  readonly help: string;
  /** The metrics that share the name, in the order of definition: nearly always one. */
  readonly members: Member[];
  /** Whether series have to be compared, because two might come out the same. */
  mayRepeat: boolean;
}

/** Two metrics that want one name. */
export interface Collision {
  /** The metric that was defined later. */
  readonly metric: string;
  /** The name in Prometheus that it wants. */
  readonly wants: string;
  /** Who has that name: a metric, or `target_info`. */
  readonly holder: string;
  /**
   * `joined`: same type, so its series follow under the first one's header, less those whose labels
   * are there already. `left out`: it is not in the output.
   */
  readonly outcome: 'joined' | 'left out';
}

/** Every suffix that samples of a type have or may have: OpenMetrics forbids clashes through them. */
const SUFFIXES: Record<FamilyKind, readonly string[]> = {
  counter: ['', '_total', '_created'],
  gauge: [''],
  state: [''],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
};

/** The families of some metrics, sorted by name, and the collisions in the order of definition. */
export function familiesOf(
  metrics: readonly ReadMetric[],
  hasTarget: boolean,
): { readonly families: PrometheusFamily[]; readonly collisions: Collision[] } {
  const families: PrometheusFamily[] = [];
  const collisions: Collision[] = [];
  const holders = new Map<string, PrometheusFamily | null>(
    hasTarget ? Object.values(TARGET).map((name) => [name, null]) : [],
  );
  for (const metric of metrics) {
    const { definition } = metric;
    const { family: name, unit, scale } = metricName(definition);
    const kind = definition.kind === 'derived' ? 'gauge' : definition.kind;
    const member = makeMember(metric, name, scale);
    const wanted = SUFFIXES[kind].map((suffix) => name + suffix);
    const taken = wanted.find((each) => holders.has(each));
    if (taken === undefined) {
      const { help } = definition;
      const mayRepeat = !member.labels.isInjective;
      const family: PrometheusFamily = { name, kind, unit, help, members: [member], mayRepeat };
      families.push(family);
      for (const each of wanted) holders.set(each, family);
      continue;
    }
    collisions.push(collide(kind, name, member, holders.get(taken) ?? null));
  }
  // A family without series is not shown, but keeps its names to itself.
  const shown = families.filter(({ members }) =>
    members.some(({ metric }) => metric.series.length > 0),
  );
  return { families: shown.sort((a, b) => compareUtf8(a.name, b.name)), collisions };
}

/** A collision, in words. */
export function describeCollision({ metric, wants, holder, outcome }: Collision): string {
  const consequence =
    outcome === 'joined'
      ? "its series are shown under that one's header, less those with the same labels"
      : 'it is left out of Prometheus output';
  return `metric "${metric}" is ${wants} in Prometheus, which is taken by "${holder}": ${consequence}`;
}

function collide(
  kind: FamilyKind,
  wants: string,
  member: Member,
  family: PrometheusFamily | null,
): Collision {
  const { name: metric } = member.metric.definition;
  const holder = family?.members[0]?.metric.definition.name ?? TARGET.sample;
  if (family?.name !== wants || family.kind !== kind) {
    return { metric, wants, holder, outcome: 'left out' };
  }
  family.members.push(member);
  family.mayRepeat = true;
  return { metric, wants, holder, outcome: 'joined' };
}

function makeMember(metric: ReadMetric, family: string, scale: Scale): Member {
  const { definition } = metric;
  const labels = new LabelPlan(definition, family);
  return { metric, scale, labels, tails: tailsOf(definition, family, scale) };
}

function tailsOf({ buckets, states }: Definition, family: string, scale: Scale): readonly string[] {
  if (states !== null) return states.names.map((name) => `${family}="${escape(name, true)}"} `);
  if (buckets === null) return [];
  const bounds = buckets.bounds.map((bound) => applyScale(scale, bound));
  return [...bounds, Infinity].map((bound) => `le="${formatBound(bound)}"} `);
}
