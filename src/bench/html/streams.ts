/** The section of streams: what waits between components, and who is held back. */
import type { Report, ReportStream } from '../report';
import { box, figure, line, text, WIDTH } from './figure';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Section } from './section';
import { table } from './table';
import { plain, share, shortened, time, whole } from './words';

const ROW = 46;

/** Streams. */
export function streamsSection({ streams, pipeline }: Report): Section {
  return {
    id: 'streams',
    title: 'Queues between components',
    name: 'Queues',
    lead: leadOf(streams, pipeline.passage),
    body: streams.length > 0 && [
      markup`<div class="pair">${depths(streams)}${backpressure(streams)}</div>`,
      numbers(streams),
    ],
  };
}

function leadOf(streams: readonly ReportStream[], passage: Report['pipeline']['passage']): Content {
  if (streams.length === 0) {
    return passage === 'elements'
      ? 'There are none: each element goes from function to function without waiting.'
      : 'None was recorded: at the level off nothing is.';
  }
  if (passage === 'elements') {
    return 'An element waits between two functions only until the next one is called.';
  }
  const held = streams.reduce((a, b) => (b.backpressure.share > a.backpressure.share ? b : a));
  if (held.backpressure.share < 0.01) {
    return 'No queue was full for long: where the rate is low all the same, it is the source that is slow.';
  }
  return markup`<code>${held.id}</code> held its producer back ${share(held.backpressure.share)} of the time: what consumes there is the bottleneck, or what is behind it.`;
}

function depths(streams: readonly ReportStream[]): Markup {
  const most = Math.max(...streams.map(({ peakDepth }) => peakDepth), 1);
  const at = (depth: number): number => (depth / most) * (WIDTH - 4);
  return figure({
    id: 'depths',
    title: 'Elements waiting',
    legend: markup`<p class="legend"><span><i class="filled"></i> mean</span><span><i class="upright"></i> peak</span></p>`,
    description: streams
      .map(
        (one) => `${one.id}: ${plain(one.meanDepth)} on average, ${whole(one.peakDepth)} at most`,
      )
      .join('; '),
    height: streams.length * ROW + 4,
    drawing: streams.map(({ id, meanDepth, peakDepth }, index) => {
      const y = index * ROW;
      return [
        text(0, y + 16, shortened(id), 'name'),
        text(WIDTH, y + 16, `${plain(meanDepth)} of ${whole(peakDepth)}`, 'value', true),
        box('track', { x: 0, y: y + 24, width: at(peakDepth), height: 10 }),
        box(
          'bar',
          { x: 0, y: y + 24, width: at(meanDepth), height: 10 },
          `mean ${plain(meanDepth)}`,
        ),
        line('limit', [at(peakDepth) + 2, y + 21], [at(peakDepth) + 2, y + 37]),
      ];
    }),
    numbers: null,
  });
}

function backpressure(streams: readonly ReportStream[]): Markup {
  return figure({
    id: 'backpressure',
    title: 'Time held back',
    description: streams.map((one) => `${one.id}: ${share(one.backpressure.share)}`).join('; '),
    height: streams.length * ROW + 4,
    drawing: streams.map(({ id, backpressure: { share: of } }, index) => {
      const y = index * ROW;
      return [
        text(0, y + 16, shortened(id), 'name'),
        text(WIDTH, y + 16, share(of), 'value', true),
        box('track', { x: 0, y: y + 24, width: WIDTH, height: 10 }),
        box('bar diagnostic', { x: 0, y: y + 24, width: of * WIDTH, height: 10 }, share(of)),
      ];
    }),
    numbers: null,
  });
}

function numbers(streams: readonly ReportStream[]): Markup {
  return table({
    caption: 'Queues between components',
    head: ['Queue', 'Mean depth', 'Peak', 'Mean wait', 'p99 wait', 'Held back', 'Of the time'],
    rows: streams.map((one) => [
      markup`<code>${one.id}</code>`,
      plain(one.meanDepth),
      whole(one.peakDepth),
      time(one.meanWaitNs),
      time(one.p99WaitNs),
      whole(one.backpressure.events),
      share(one.backpressure.share),
    ]),
  });
}
