/** What figures are, where they may be taken for something else. */
import type { LatencyOf, Measured } from '../measured';
import type { ReportWarning } from '../report';

const OF_STREAMS: Readonly<Partial<Record<LatencyOf, string>>> = {
  order:
    'Latency takes the n-th element that came out of the streams for the n-th that went in: it is right where they keep the order.',
  flow: 'As many elements do not come out of the streams as go in: latency is from the flow, of each element until its last component has taken it.',
};

/** The notes of a report. */
export function notesOf({ plan, pipeline }: Measured): ReportWarning[] {
  const notes: ReportWarning[] = [];
  if (plan.ratePerSecond === null) {
    notes.push({
      code: 'closed-loop',
      message:
        'A closed loop waits while the pipeline stalls, so latencies leave out the elements that would have come meanwhile; --rate counts them.',
    });
  }
  const message = OF_STREAMS[pipeline.latencyOf];
  if (message !== undefined) notes.push({ code: `latency-${pipeline.latencyOf}`, message });
  return notes;
}
