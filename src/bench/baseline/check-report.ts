/** Whether what a file holds is a report that this version understands. */
import { NanometerError, show } from '../../errors';
import { REPORT_FORMAT, type Report } from '../report';
import { METRIC_NAMES, METRICS } from './metrics';

const FAMILY = REPORT_FORMAT.slice(0, REPORT_FORMAT.indexOf('/') + 1);

type Fields = Readonly<Record<string, unknown>>;

/**
 * The value, if it is a report with all that a comparison reads.
 *
 * @throws NanometerError `NANOMETER_BASELINE` otherwise
 */
export function checkReport(value: unknown, file: string): Report {
  const { format } = fieldsOf(value);
  if (format !== REPORT_FORMAT) {
    const isOther = typeof format === 'string' && format.startsWith(FAMILY);
    throw new NanometerError(
      'NANOMETER_BASELINE',
      isOther
        ? `the baseline ${file} is of another version, ${show(format)}; this one reads ${show(REPORT_FORMAT)}: save it again with --baseline`
        : `${file} is no report of the bench: its format is ${show(format)}, not ${show(REPORT_FORMAT)}`,
    );
  }
  const missing = missingIn(value as Fields);
  if (missing === undefined) return value as Report;
  throw new NanometerError(
    'NANOMETER_BASELINE',
    `the baseline ${file} is damaged: ${missing} is not there, or not of its kind: save it again with --baseline`,
  );
}

function missingIn(report: Fields): string | undefined {
  const { pipeline, load, environment, noise, latency, levels } = report;
  if (typeof report.startedAt !== 'string') return 'startedAt';
  if (!Array.isArray(fieldsOf(pipeline).components)) return 'pipeline.components';
  if (typeof fieldsOf(load).seed !== 'number') return 'load.seed';
  if (typeof fieldsOf(environment).machine !== 'string') return 'environment.machine';
  const { referenceNs } = fieldsOf(noise);
  if (referenceNs !== null && typeof referenceNs !== 'number') return 'noise.referenceNs';
  if (typeof fieldsOf(latency).of !== 'string') return 'latency.of';
  if (!Array.isArray(levels)) return 'levels';
  return levels.flatMap((level) => missingInLevel(fieldsOf(level)))[0];
}

function missingInLevel({ variant, samples }: Fields): string[] {
  if (typeof variant !== 'string') return ['levels[].variant'];
  return METRIC_NAMES.map((name) => METRICS[name].samples)
    .filter((key) => !isNumbers(fieldsOf(samples)[key]))
    .map((key) => `levels[].samples.${key}`);
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every(Number.isFinite);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
