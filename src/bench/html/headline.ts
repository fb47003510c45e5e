/** The top of the page: what was run, and what came of it in one breath. */
import type { Comparison, Report } from '../report';
import type { TimelinePoint } from '../measured';
import { day } from './comparison';
import type { D3 } from './d3';
import { path, stretched } from './figure';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import { noticesOf } from './notices';
import { verdict } from './section';
import { bytes, counted, interval, NOTHING, plain, rate, share, time, variantName } from './words';

const SPARK = 44;

/** What was run, in a sentence. */
export function headerOf({ pipeline, startedAt, ...report }: Report): Markup {
  return markup`<header>
<p class="brand"><span>nanometer bench</span> <time datetime="${startedAt}">${day(startedAt)}</time></p>
<h1>${pipeline.name}</h1>
${
  pipeline.components.length > 0 &&
  markup`<ol class="chain" aria-label="Components, in order">${pipeline.components.map(
    (name) => markup`<li><code>${name}</code></li>`,
  )}</ol>`
}
<p class="summary">${summaryOf(report)}</p>
</header>
`;
}

/** Warnings, and then the figures that are asked for first. */
export function headlineOf(report: Report, comparison: Comparison | null, d3: D3): Markup {
  return markup`${noticesOf(report.warnings, 'warning')}
<div class="cards">
${throughput(report, d3)}
${latency('Latency p50', 'p50Ns', report, d3)}
${latency('Latency p99', 'p99Ns', report, d3)}
${outcome(report, comparison)}
</div>
`;
}

function summaryOf({
  throughput: of,
  latency: { p50Ns, p99Ns },
  load,
  variant,
}: Omit<Report, 'pipeline' | 'startedAt'>): string {
  if (p50Ns === null) return 'No element ended.';
  const loop = load.kind === 'open' ? 'on schedule' : 'as fast as they end';
  return `${rate(of.elementsPerSecond.value).replace(/ ?\/s$/, '')} elements a second, ${loop}, at the level ${variantName(variant)}: half of them within ${time(p50Ns)}, 99 in 100 within ${time(p99Ns)}.`;
}

function card(
  title: string,
  said: string,
  lines: readonly Content[],
  spark: Content = false,
): Markup {
  const [, value = said, unit = ''] = /^([\d.]+) ?(.*)$/.exec(said) ?? [];
  return markup`<section class="card" aria-label="${title}"><h2>${title}</h2>
<p class="big">${value}<span> ${unit}</span></p>
${lines.map((one) => one !== false && markup`<p>${one}</p>`)}${spark}</section>
`;
}

function throughput(report: Report, d3: D3): Markup {
  const { elementsPerSecond, bytesPerSecond } = report.throughput;
  const lines = [
    interval(elementsPerSecond, rate),
    bytesPerSecond !== null && `${bytes(bytesPerSecond.value)}/s`,
  ];
  const spark = sparkline(report, (point) => point.elementsPerSecond, d3);
  return card('Throughput', rate(elementsPerSecond.value), lines, spark);
}

function latency(title: string, of: 'p50Ns' | 'p99Ns', report: Report, d3: D3): Markup {
  const { latency: figures, levels, variant } = report;
  const level = levels.find((one) => one.variant === variant)?.[of] ?? null;
  const lines = [
    level !== null && interval(level, time),
    of === 'p99Ns' && figures.p50Ns !== null && figures.p50Ns > 0 && figures.p99Ns !== null
      ? `${plain(figures.p99Ns / figures.p50Ns)} times the median`
      : of === 'p50Ns' && figures.meanNs !== null && `mean ${time(figures.meanNs)}`,
  ];
  return card(
    title,
    figures[of] === null ? NOTHING : time(figures[of]),
    lines,
    sparkline(report, (point) => point[of], d3),
  );
}

const OUTCOMES = {
  complete: ['✓ complete', 'good'],
  interrupted: ['■ interrupted', 'open'],
  'source-ended': ['■ source ended', 'open'],
} as const;

function outcome(report: Report, comparison: Comparison | null): Markup {
  const { elements, failed } = report.throughput;
  const [said, kind] = OUTCOMES[report.outcome];
  const regressions = comparison?.lines.filter(({ isRegression }) => isRegression).length ?? 0;
  return markup`<section class="card outcome" aria-label="Outcome"><h2>Outcome</h2>
<p class="big word ${kind}">${said}</p>
<p>${counted(elements, 'element')}</p>
${elements > 0 && markup`<p>${failed === 0 ? verdict('good', '✓', 'none failed') : verdict('bad', '✕', `${counted(failed, 'failed', 'failed')} (${share(failed / elements)})`)}</p>`}
${
  comparison !== null &&
  markup`<p>${regressions === 0 ? verdict('good', '✓', 'no regression') : verdict('bad', '✕', counted(regressions, 'regression'))}</p>`
}<p>${report.warnings.length > 0 ? verdict('open', '!', counted(report.warnings.length, 'warning')) : verdict('good', '✓', 'no warnings')}</p>
</section>
`;
}

/** Decoration: the timeline has it with its axes. */
function sparkline(
  { timeline, variant }: Report,
  of: (point: TimelinePoint) => number | null,
  d3: D3,
): Content {
  const values = timeline
    .filter((point) => point.variant === variant)
    .map(of)
    .filter((value) => value !== null);
  if (values.length < 2) return false;
  const x = d3.scaleLinear([0, values.length - 1], [0, 1000]);
  const y = d3.scaleLinear([0, Math.max(...values, 1)], [SPARK, 3]);
  const curve = d3
    .area<number>()
    .x((_, index) => x(index))
    .y0(SPARK)
    .y1((value) => y(value))
    .curve(d3.curveMonotoneX);
  const shapes = [path('fill main', curve(values)), path('stroke main', curve.lineY1()(values))];
  return markup`<svg class="spark" aria-hidden="true" width="100%" height="${SPARK}">${stretched(0, SPARK, shapes)}</svg>`;
}
