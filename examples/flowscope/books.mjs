/** What must be in `/metrics`, from the tracker's log, table and list of anomalies. */
import { addDistribution, Known } from '../support/known.mjs';

const SIDES = ['initiator', 'responder'];
const REASONS = ['fin', 'rst', 'idle', 'evicted', 'buffer_overflow'];
const KINDS = ['buffer_overflow', 'ooo_segment', 'flow_table_eviction'];
// The bounds that the catalog's page lists.
const DURATIONS = [
  0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400,
];
const powersOf4 = (first, count) => Array.from({ length: count }, (_, i) => first * 4 ** i);

/** @param {import('./tracker.mjs').Tracker} tracker */
export function booksOf({ log, active, anomalies, packets }) {
  const known = new Known();
  const flows = [...log.map(({ flow }) => flow), ...active];
  const ended = log.map(({ flow }) => flow);
  const bytesOf = ({ sides }) => sides.initiator.bytes + sides.responder.bytes;
  for (const l4 of ['tcp', 'udp', 'other']) {
    known.add('flowscope_flows_created_total', flows.filter((flow) => flow.l4 === l4).length, {
      l4,
    });
  }
  for (const reason of REASONS) {
    const count = log.filter((one) => one.reason === reason).length;
    known.add('flowscope_flows_ended_total', count, { reason });
  }
  known.add('flowscope_flows_active', active.length);
  known.add('flowscope_packets_unmatched_total', packets.unmatched);
  for (const kind of KINDS) {
    const count = anomalies.filter((anomaly) => anomaly.kind === kind).length;
    known.add('flowscope_anomalies_total', count, { kind });
  }
  for (const side of SIDES) {
    const sum = (list, value) => list.reduce((total, one) => total + value(one), 0);
    const here = (kind) => anomalies.filter((one) => one.kind === kind && one.side === side);
    const peaks = ended.filter(({ l4 }) => l4 === 'tcp').map(({ sides }) => sides[side].peakHeld);
    known.add(
      'flowscope_bytes_total',
      sum(ended, ({ sides }) => sides[side].bytes),
      { side },
    );
    known.add('flowscope_reassembly_dropped_ooo_total', here('ooo_segment').length, { side });
    const oversize = sum(here('buffer_overflow'), ({ bytes }) => bytes);
    known.add('flowscope_reassembly_bytes_dropped_oversize_total', oversize, { side });
    const bounds = powersOf4(256, 10);
    addDistribution(known, 'flowscope_reassembler_high_watermark_bytes', peaks, bounds, { side });
  }
  const seconds = ended.map(({ firstNs, lastNs }) => Number(lastNs - firstNs) / 1e9);
  addDistribution(known, 'flowscope_flow_duration_seconds', seconds, DURATIONS);
  const counts = ended.map((flow) => flow.packets);
  addDistribution(known, 'flowscope_flow_packets', counts, powersOf4(1, 13));
  addDistribution(known, 'flowscope_flow_bytes', ended.map(bytesOf), powersOf4(64, 16));
  return known;
}
