/** A trace as people read it: a tree, with how long each span took and when. */
import pc from 'picocolors';
import { milliseconds } from './figures.mjs';

const BAR_WIDTH = 32;
// A trace can have a thousand spans, and a screen has some thirty lines.
const MOST_LINES = 14;
const LONGEST_NAME = 44;

/**
 * A line for each span, its children below it in the order of their starts; the bars share one scale.
 * Of very many spans the longest, with those that they are part of.
 *
 * @param {import('nanometer').TraceData} trace
 */
export function tree(trace) {
  const rows = rowsOf(longest(trace.spans));
  const width = Math.max(...rows.map(({ branch, span }) => branch.length + nameOf(span).length));
  const lines = rows.map(({ branch, span }) => {
    const name = nameOf(span);
    const failed = span.status === 'error';
    const padding = ' '.repeat(width - branch.length - name.length);
    const bar = failed ? barOf(span, trace).padEnd(BAR_WIDTH) : barOf(span, trace);
    return [
      `${pc.dim(branch)}${failed ? pc.red(name) : name}${padding}`,
      milliseconds(span.durationNs).padStart(9),
      failed ? pc.red(bar) : pc.cyan(bar),
      ...(failed ? [pc.red(`✗ ${span.message ?? 'error'}`)] : []),
    ].join('  ');
  });
  const left = trace.spans.length - rows.length;
  return [...lines, ...(left > 0 ? [pc.dim(`   … and ${left} shorter ones`)] : [])].join('\n');
}

function longest(spans) {
  if (spans.length <= MOST_LINES) return spans;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const kept = new Set();
  for (const one of spans.toSorted((a, b) => b.durationNs - a.durationNs).slice(0, MOST_LINES)) {
    for (let span = one; span && !kept.has(span); span = byId.get(span.parentSpanId))
      kept.add(span);
  }
  return spans.filter((span) => kept.has(span));
}

/** Depth first. A span whose parent is not here, being elsewhere or lost, begins a tree of its own. */
function rowsOf(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const parentOf = ({ parentSpanId }) => (ids.has(parentSpanId) ? parentSpanId : null);
  const childrenOf = new Map(spans.map((span) => [parentOf(span), []]));
  for (const span of spans) childrenOf.get(parentOf(span)).push(span);
  const rows = [];
  const add = (children, lead) => {
    for (const [i, span] of children.entries()) {
      const isLast = i === children.length - 1;
      const branch = lead === null ? '' : `${lead}${isLast ? '└─ ' : '├─ '}`;
      rows.push({ branch, span });
      add(
        childrenOf.get(span.spanId) ?? [],
        lead === null ? '' : `${lead}${isLast ? '   ' : '│  '}`,
      );
    }
  };
  add(childrenOf.get(null) ?? [], null);
  return rows;
}

function nameOf({ name }) {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function barOf(span, trace) {
  const whole = Math.max(trace.durationNs, 1);
  const from = Math.floor(((span.startMs - trace.startMs) * 1e6 * BAR_WIDTH) / whole);
  const start = Math.min(Math.max(from, 0), BAR_WIDTH - 1);
  const length = Math.max(1, Math.round((span.durationNs * BAR_WIDTH) / whole));
  return `${' '.repeat(start)}${'━'.repeat(Math.min(length, BAR_WIDTH - start))}`;
}
