/** The section of latencies: how they are spread, and by which percentile they reach what. */
import { Distribution } from '../../snapshot/distribution';
import type { Report } from '../report';
import { below, beside, logarithmic, logarithmicTicks } from './axis';
import { binsOf } from './bins';
import type { D3 } from './d3';
import { across, figure, label, line, path, stretched, WIDTH } from './figure';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Section } from './section';
import { plain, share, time, whole } from './words';

const INSET = [8, WIDTH - 8] as const;
const ROW = 20;
const PLOT = 190;

type Named = readonly [name: string, ns: number | null];

/** Latencies. */
export function latencySection(report: Report, d3: D3): Section {
  const of = new Distribution(report.latency.distribution);
  return {
    id: 'latency',
    title: 'Latency',
    name: 'Latency',
    lead: leadOf(report),
    body:
      of.count > 0 &&
      markup`<div class="pair">${spread(report, of, d3)}${percentiles(report, of, d3)}</div>`,
  };
}

function leadOf({ latency, load }: Report): Content {
  if (latency.p50Ns === null) return 'No element ended, so there are no latencies.';
  const from =
    load.kind === 'open'
      ? 'Counted from when an element was due, so a stall shows in all that it held up.'
      : 'Counted from when an element began. In a closed loop the elements that a stall kept from beginning are not seen: ask for a rate to see them.';
  const times = {
    element: '',
    order: ' By order: the n-th that came out is taken for the n-th that went in.',
    flow: ' By the flow’s own histogram.',
  }[latency.of];
  return `${from}${times}`;
}

function namesOf({ latency }: Report): readonly Named[] {
  return [
    ['p50', latency.p50Ns],
    ['p90', latency.p90Ns],
    ['p95', latency.p95Ns],
    ['p99', latency.p99Ns],
    ['p99.9', latency.p999Ns],
    ['max', latency.maxNs],
  ];
}

function spread(report: Report, of: Distribution, d3: D3): Markup {
  const bins = binsOf(of);
  const flags = namesOf(report).filter(([name]) => ['p50', 'p99', 'p99.9', 'max'].includes(name));
  const top = flags.length * ROW;
  const bottom = top + PLOT;
  const x = logarithmic(d3, [bins[0]!.low, bins.at(-1)!.high], INSET);
  const most = Math.max(...bins.map(({ count }) => count));
  const y = d3.scaleLinear([0, most], [PLOT, 6]);
  const outline = d3
    .area<(typeof bins)[number]>()
    .x(({ low }) => x(low))
    .y0(PLOT)
    // A bin with next to nothing is a bin with something.
    .y1(({ count }) => Math.min(y(count), count > 0.5 ? PLOT - 1.5 : PLOT))
    .curve(d3.curveStepAfter);
  const steps = [...bins, { ...bins.at(-1)!, low: bins.at(-1)!.high }];
  const drawing = [
    below(x, logarithmicTicks(x), time, [top, bottom]),
    stretched(top, PLOT, [
      path('fill main', outline(steps)),
      path('stroke main', outline.lineY1()(steps)),
    ]),
    line('axis', [0, bottom + 0.5], [WIDTH, bottom + 0.5]),
    flags.flatMap(([name, ns], row) =>
      ns === null ? [] : flag(x(ns), row, bottom, name, time(ns)),
    ),
  ];
  return figure({
    id: 'distribution',
    title: 'How latencies are spread',
    description: `${whole(of.count)} latencies on a logarithmic axis from ${time(bins[0]!.low)} to ${time(bins.at(-1)!.high)}; most common around ${time(peakOf(bins))}.`,
    height: bottom + 28,
    drawing,
    numbers: {
      caption: 'How latencies are spread',
      head: ['From', 'To', 'Elements', 'Share'],
      rows: bins
        .filter(({ count }) => count >= 0.5)
        .map(({ low, high, count }) => [
          time(low),
          time(high),
          whole(count),
          share(count / of.count),
        ]),
    },
  });
}

function peakOf(bins: ReturnType<typeof binsOf>): number {
  const peak = bins.reduce((a, b) => (b.count > a.count ? b : a));
  return Math.sqrt(peak.low * peak.high);
}

/** A percentile's name above the plot, each in a row of its own, and a line down to the axis. */
function flag(x: number, row: number, bottom: number, name: string, said: string): Markup[] {
  const isLate = x > WIDTH * 0.62;
  const y = row * ROW + 13;
  return [
    line('mark', [x, row * ROW + 3], [x, bottom]),
    markup`<text class="flag" x="${across(x)}" y="${y}" dx="${isLate ? -6 : 6}" text-anchor="${isLate ? 'end' : 'start'}"><tspan class="strong">${name}</tspan> ${said}</text>`,
  ];
}

/** From one nine to the next is as far everywhere. */
function percentiles(report: Report, of: Distribution, d3: D3): Markup {
  const nines = Math.min(Math.max(Math.log10(of.count), 1), 6);
  const x = d3.scaleLinear([0, nines], [0, WIDTH - 8]);
  const points = Array.from({ length: 121 }, (_, index) => (index / 120) * nines).map(
    (at) => [at, Math.max(of.quantile(1 - 10 ** -at), 1)] as const,
  );
  const top = 16;
  const height = PLOT + 3 * ROW + 4;
  const y = logarithmic(d3, [points[0]![1], points.at(-1)![1]], [height, 12]);
  const curve = d3
    .line<(typeof points)[number]>()
    .x(([at]) => x(at))
    .y(([, ns]) => y(ns));
  const ticks = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter((q) => -Math.log10(1 - q) <= nines);
  const bottom = top + height;
  const drawing = [
    beside(y, logarithmicTicks(y), time, top),
    ticks.map((q, nine) => {
      const at = x(-Math.log10(1 - q));
      return [
        line('grid', [at, top], [at, bottom]),
        label(at, bottom + 18, `${plainly(q)}%`, nine % 2 === 1 ? 'tick spare' : 'tick'),
      ];
    }),
    stretched(top, height, path('stroke main thick', curve(points))),
    line('axis', [0, bottom + 0.5], [WIDTH, bottom + 0.5]),
  ];
  return figure({
    id: 'percentiles',
    isIndented: true,
    title: 'Percentiles',
    description: `Latency, logarithmic, by percentile: ${namesOf(report)
      .map(([name, ns]) => `${name} ${time(ns)}`)
      .join(', ')}.`,
    height: bottom + 28,
    drawing,
    numbers: {
      caption: 'Percentiles',
      head: ['Percentile', 'Latency', 'Times the median'],
      rows: [...namesOf(report), ['mean', report.latency.meanNs] as const].map(([name, ns]) => [
        name,
        time(ns),
        ns === null || !report.latency.p50Ns ? '–' : plain(ns / report.latency.p50Ns),
      ]),
    },
  });
}

/** 0.999 as 99.9. */
const plainly = (q: number): number => Number((q * 100).toFixed(3));
