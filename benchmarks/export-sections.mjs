/** The sections of `README.md` about exports; see `sections.mjs`. */
import { digits, percent } from './harness/report.mjs';
import { code, section, table } from './markdown.mjs';

const THINGS = { metrics: 'histogram series', traces: 'spans' };

/** What is told of each way to export, milliseconds where a column says nothing else. */
export const EXPORT_COLUMNS =
  'export, CPU, longest turn, control, monitor, control, MB, RSS in MB'.split(', ');

/** A way's figures, in the order of {@link EXPORT_COLUMNS}. */
export function exportFigures(row) {
  const { wallMs, cpuMs, spinMs, spinControlMs, monitorMs, monitorControlMs } = row;
  const megabytes = [row.bytes, row.peakBytes].map((bytes) => bytes / 1e6);
  const figures = [wallMs, cpuMs, spinMs, spinControlMs, monitorMs, monitorControlMs];
  return [...figures, ...megabytes].map(digits);
}

/** For each question a section from its result. */
export const EXPORT_SECTIONS = {
  export: ({ tables, exports }) =>
    section(
      'An export',
      `10,000 histogram series (3 labels, 25 bounds), and 10,000 spans (3 attributes), by OTLP to a receiver in a process of its own, not compressed. Medians of ${exports} exports, milliseconds; processor time is that of all threads of the process that exports. How long its loop stood still is told by its own longest turn, and by \`monitorEventLoopDelay\` at a resolution of 1 ms (which never tells less than that); the control beside each is the same loop while another process exports. RSS is the most there ever was, beyond what there was before the first export; with spans, those that wait to be exported are part of it. All spans go in one request where nothing else is said: OpenTelemetry's batches of 512 leave its loop a turn in between. In ours, the flush collects the metrics or drains the spans, too.`,
      ...tables.map(({ signal, items, rows }) =>
        table(
          [`${items.toLocaleString('en')} ${THINGS[signal]}`, ...EXPORT_COLUMNS],
          rows.map((row) => [code(row.name), ...exportFigures(row)]),
        ),
      ),
    ),
  'every-second': ({ rows, rounds }) =>
    section(
      'Exports every second',
      `Services that do a thousand requests a second, each a span of three attributes and a value for one of 10,000 histogram series, and export all series and spans every second. Medians of ${rounds} rounds, in each of which every service is a new process and runs alone. The delays are those of \`monitorEventLoopDelay\` at a resolution of 1 ms, milliseconds; it counts a stop of any length once, so that one stop a second is not among its longest 1%. What something would wait that comes at any moment is told beside it. Processor time is that of all threads, in parts of a core, and of it what the same service takes without exports is taken off for the exports alone. Delivered is what the receiver counted, of what was due.`,
      table(
        [
          '',
          ...['p50', 'p99', 'longest', 'at any moment, p99'],
          ...['CPU', 'exports alone', 'delivered'],
        ],
        rows.map(({ name, cpu, exportCpu, late, delivered }) => [
          code(name),
          ...['monitor.p50Ms', 'monitor.p99Ms', 'monitor.longestMs', 'waits.p99Ms'].map((figure) =>
            digits(late[figure].ms),
          ),
          percent(cpu),
          ...[exportCpu, delivered].map((share) => (share === null ? '' : percent(share))),
        ]),
      ),
    ),
};
