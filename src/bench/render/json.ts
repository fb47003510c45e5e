/** A report for machines. */
import type { Comparison, Report } from '../report';

/** The report as one line of JSON, with the comparison beside its sections where there is one. */
export function jsonOf(report: Report, comparison: Comparison | null): string {
  return `${JSON.stringify(comparison === null ? report : { ...report, comparison })}\n`;
}
