/** How much worse than a baseline is a regression, as the command line says it. */
import { NanometerError, show } from '../../errors';
import { METRIC_NAMES, METRICS, type MetricName } from './metrics';

/** The change from which on a figure has regressed: -0.05 for throughput that is 5% less. */
export type Thresholds = Readonly<Partial<Record<MetricName, number>>>;

const PART = /^(?<metric>[^=]*)=(?<sign>[+-]?)(?<percent>\d{1,6}(?:\.\d{1,6})?)%$/;
const EXAMPLE = 'throughput=-5%,p99=+10%';

/**
 * Thresholds from a text like `throughput=-5%,p99=+10%`. A sign may be left out.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where a part of it is none
 */
export function parseThresholds(text: string): Thresholds {
  const thresholds: Partial<Record<MetricName, number>> = {};
  for (const part of text.split(',')) {
    const [metric, change] = parsePart(part.trim());
    if (metric in thresholds) refuse(part, `${metric} has a threshold already`);
    thresholds[metric] = change;
  }
  return thresholds;
}

function parsePart(part: string): [MetricName, number] {
  const match = PART.exec(part);
  const metric = METRIC_NAMES.find(
    (name) => name === (match?.groups?.metric ?? part.split('=')[0]),
  );
  if (metric === undefined) refuse(part, `the metrics are ${METRIC_NAMES.join(', ')}`);
  if (match === null) refuse(part, `give a change in percent, as in ${EXAMPLE}`);
  const { worse } = METRICS[metric];
  const sign = worse > 0 ? '+' : '-';
  const change = (worse * Number(match.groups!.percent)) / 100;
  if (![sign, ''].includes(match.groups!.sign!)) {
    refuse(part, `${metric} is worse when it is ${worse > 0 ? 'more' : 'less'}: give ${sign}`);
  }
  if (change <= -1) refuse(part, `${metric} cannot fall by 100% or more`);
  return [metric, change];
}

function refuse(part: string, accepted: string): never {
  throw new NanometerError(
    'NANOMETER_INVALID_OPTION',
    `the threshold ${show(part.trim())} is not accepted: ${accepted}`,
  );
}
