/** What is shown of a pipeline's levels, in the terminal and in `README.md`. */
import { digits, percent } from './harness/report.mjs';

export const PIPELINE_COLUMNS = [
  ...['µs an element at off', 'throughput lost', '95% interval'],
  ...['ns an element', '95% interval', 'budget'],
];

/** A level's figures, in the order of the columns. */
export function pipelineRow({ name, busyNs, throughputLost, nsPerElement, verdict }) {
  return [
    name,
    digits(busyNs / 1e3),
    percent(throughputLost.value),
    `${percent(throughputLost.low)} to ${percent(throughputLost.high)}`,
    digits(nsPerElement.value),
    `${digits(nsPerElement.low)} to ${digits(nsPerElement.high)}`,
    verdict ?? '',
  ];
}
