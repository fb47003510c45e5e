/** A report's sections, in the order in which they are read: what came of it first. */
import type { Report, ReportLevel, ReportOverhead, ReportWarning } from '../report';
import { histogramOf } from './histogram';
import { machineSections } from './machine';
import type { Cell, Section } from './section';
import { change, count, interval, percent, size, time } from './units';

const BAR = 40;

/** Everything of a report but its warnings. */
export function sectionsOf(report: Report): Section[] {
  return [
    throughput(report),
    latency(report),
    components(report),
    streams(report),
    levels(report),
    overhead(report),
    ...otherBackend(report),
    ...machineSections(report),
  ].filter(({ rows }) => rows.length > 0);
}

/** Warnings and notes. */
export function remarksOf(
  warnings: readonly ReportWarning[],
  notes: readonly ReportWarning[],
): Section[] {
  return [
    { title: 'Warnings', rows: remarks(warnings, 'careful') },
    { title: 'Notes', rows: remarks(notes, 'faint') },
  ].filter(({ rows }) => rows.length > 0);
}

function remarks(all: readonly ReportWarning[], tone: 'careful' | 'faint'): Cell[][] {
  return all.map(({ code, message }) => [{ text: code, tone }, message]);
}

/** What was run, in a line; and how. */
export function headingOf(report: Report): [what: string, how: string] {
  const { pipeline, load, variant, outcome } = report;
  const arrival =
    load.ratePerSecond === null
      ? `closed loop, ${load.concurrency ?? 'any number'} in flight`
      : `open loop, ${count(load.ratePerSecond)} elements/s due`;
  const ended = outcome === 'complete' ? '' : ` (${outcome})`;
  return [
    `${pipeline.name}: ${pipeline.components.join(' → ')}`,
    `${variant}, ${arrival}, ${load.workers} worker${load.workers === 1 ? '' : 's'}, ` +
      `${load.rounds} rounds of ${time(load.roundMs * 1e6)} after ${time(load.warmupMs * 1e6)}${ended}`,
  ];
}

function throughput({
  throughput: { elementsPerSecond, bytesPerSecond, elements, failed },
}: Report): Section {
  const failures: Cell =
    failed === 0 ? 'none failed' : { text: `${count(failed)} failed`, tone: 'bad' };
  const rows: Cell[][] = [
    ['elements', `${count(elementsPerSecond.value)}/s`, interval(elementsPerSecond, count)],
  ];
  if (bytesPerSecond !== null) {
    rows.push(['bytes', `${size(bytesPerSecond.value)}/s`, interval(bytesPerSecond, size)]);
  }
  rows.push(['ended', count(elements), failures]);
  return { title: 'Throughput', rows };
}

function latency({ latency: figures }: Report): Section {
  const { p50Ns, p90Ns, p95Ns, p99Ns, p999Ns, maxNs, meanNs } = figures;
  return {
    title: 'Latency',
    head: ['', 'p50', 'p90', 'p95', 'p99', 'p999', 'max', 'mean'],
    rows: [['of an element', ...[p50Ns, p90Ns, p95Ns, p99Ns, p999Ns, maxNs, meanNs].map(time)]],
    drawing: histogramOf(figures.distribution, BAR),
  };
}

function components(report: Report): Section {
  return {
    title: 'Components',
    head: ['', 'share', 'runs', 'errors', 'mean', 'p50', 'p99'],
    rows: report.components.map((each) => [
      each.id,
      percent(each.share),
      count(each.invocations),
      each.errors === 0 ? '0' : { text: count(each.errors), tone: 'bad' },
      time(each.meanNs),
      time(each.p50Ns),
      time(each.p99Ns),
    ]),
  };
}

function streams(report: Report): Section {
  return {
    title: 'Streams',
    head: ['', 'depth', 'peak', 'wait', 'p99 wait', 'held back', 'of time'],
    rows: report.streams.map((each) => [
      each.id,
      count(each.meanDepth),
      count(each.peakDepth),
      time(each.meanWaitNs),
      time(each.p99WaitNs),
      count(each.backpressure.events),
      percent(each.backpressure.share),
    ]),
  };
}

function otherBackend({ otherBackend: other }: Report): Section[] {
  if (other === undefined) return [];
  const where = ` on the ${other.backend} backend`;
  return [levels(other, where), overhead(other, where)];
}

function levels(report: Pick<Report, 'levels'>, where = ''): Section {
  return {
    title: `Levels${where}`,
    head: ['', 'rounds', 'elements/s', '95% interval', 'p50', 'p99', 'busy/element'],
    rows: report.levels.map((level) => levelRow(level)),
  };
}

function levelRow(level: ReportLevel): Cell[] {
  return [
    level.variant,
    count(level.rounds),
    count(level.elementsPerSecond.value),
    interval(level.elementsPerSecond, count),
    time(level.p50Ns?.value ?? null),
    time(level.p99Ns?.value ?? null),
    time(level.busyNsPerElement?.value ?? null),
  ];
}

function overhead(report: Pick<Report, 'overhead'>, where = ''): Section {
  return {
    title: `Overhead${where}`,
    head: ['', '', '', '95% interval', 'budget', ''],
    rows: report.overhead.flatMap(({ throughputLost, nsPerElement, budget, ...each }) => [
      [
        `${each.variant} – ${each.against}`,
        'throughput lost',
        change(throughputLost.value),
        interval(throughputLost, change),
        budget === null ? '' : percent(budget.throughputLost),
        verdictOf(each),
      ],
      [
        '',
        'time an element',
        time(nsPerElement.value),
        interval(nsPerElement, time),
        budget === null ? '' : time(budget.nsPerElement),
        '',
      ],
    ]),
  };
}

function verdictOf({ verdict }: Pick<ReportOverhead, 'verdict'>): Cell {
  if (verdict === null) return '';
  const tones = { within: 'good', beyond: 'bad', undecided: 'careful' } as const;
  return { text: verdict, tone: tones[verdict] };
}
