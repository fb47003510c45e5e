/** The section of components: who takes the time, and who fails. */
import type { Report, ReportComponent } from '../report';
import { below, logarithmic, logarithmicTicks } from './axis';
import type { D3 } from './d3';
import { box, dot, figure, line, square, text, WIDTH } from './figure';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Section } from './section';
import { verdict } from './section';
import { table } from './table';
import { counted, NOTHING, share, shortened, time, whole } from './words';

const ROW = 44;
const INSET = [12, WIDTH - 12] as const;

/** Components. */
export function componentsSection({ components }: Report, d3: D3): Section {
  return {
    id: 'components',
    title: 'Components',
    name: 'Components',
    lead: leadOf(components),
    body: components.length > 0 && [
      markup`<div class="pair">${shares(components)}${times(components, d3)}</div>`,
      numbers(components),
    ],
  };
}

function leadOf(components: readonly ReportComponent[]): Content {
  if (components.length === 0) {
    return 'No component was recorded: at the level off nothing is. Run with production among the levels.';
  }
  const first = components.reduce((a, b) => (b.share > a.share ? b : a));
  const errors = components.reduce((sum, component) => sum + component.errors, 0);
  const failing = errors > 0 && ` ${counted(errors, 'error')} came of them.`;
  return markup`<code>${first.id}</code> takes ${share(first.share)} of the time of all components: what is gained elsewhere is a part of the rest.${failing}`;
}

function shares(components: readonly ReportComponent[]): Markup {
  return figure({
    id: 'shares',
    title: 'Share of the time',
    description: components.map((one) => `${one.id}: ${share(one.share)}`).join('; '),
    height: components.length * ROW + 4,
    drawing: components.map((component, index) => {
      const y = index * ROW;
      const width = Math.max(component.share * WIDTH, 2);
      return [
        text(0, y + 16, shortened(component.id), 'name'),
        text(WIDTH, y + 16, share(component.share), 'value', true),
        box('track', { x: 0, y: y + 23, width: WIDTH, height: 10 }),
        box(
          'bar',
          { x: 0, y: y + 23, width, height: 10 },
          `${component.id}: ${share(component.share)}`,
        ),
      ];
    }),
    numbers: null,
  });
}

function times(components: readonly ReportComponent[], d3: D3): Markup {
  const values = components.flatMap(({ p50Ns, p99Ns }) => [p50Ns, p99Ns]).filter((ns) => ns > 0);
  const x = logarithmic(d3, [Math.min(...values, 1e9), Math.max(...values, 1)], INSET);
  const bottom = components.length * ROW;
  const of = (ns: number): number => x(Math.max(ns, x.domain()[0]!));
  return figure({
    id: 'times',
    title: 'Time of a call',
    legend: markup`<p class="legend"><span><i class="round"></i> p50</span><span><i class="square"></i> p99</span></p>`,
    description: components
      .map((one) => `${one.id}: p50 ${time(one.p50Ns)}, p99 ${time(one.p99Ns)}`)
      .join('; '),
    height: bottom + 28,
    drawing: [
      values.length > 0 && below(x, logarithmicTicks(x), time, [0, bottom]),
      components.map(({ id, p50Ns, p99Ns }, index) => {
        const y = index * ROW + 28;
        return [
          text(0, y - 12, shortened(id, 20), 'name halo'),
          text(WIDTH, y - 12, `${time(p50Ns)} – ${time(p99Ns)}`, 'value halo', true),
          line('span', [of(p50Ns), y], [of(p99Ns), y]),
          square('point', of(p99Ns), y, `p99 ${time(p99Ns)}`),
          dot('point', of(p50Ns), y, 5.5, `p50 ${time(p50Ns)}`),
        ];
      }),
    ],
    numbers: null,
  });
}

function numbers(components: readonly ReportComponent[]): Markup {
  const failing = components.some(({ errors }) => errors > 0);
  return table({
    caption: 'Components',
    head: [
      'Component',
      'Share',
      'Calls',
      'Mean',
      'p50',
      'p99',
      'Errors',
      ...(failing ? ['The first error'] : []),
    ],
    words: [7],
    rows: components.map((one) => [
      markup`<code>${one.id}</code>`,
      share(one.share),
      whole(one.invocations),
      time(one.meanNs),
      time(one.p50Ns),
      time(one.p99Ns),
      one.errors > 0 ? verdict('bad', '✕', whole(one.errors)) : '0',
      ...(failing ? [one.firstError ?? NOTHING] : []),
    ]),
  });
}
