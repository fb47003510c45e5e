/**
 * The metrics of a passive network flow tracker, from document 003. Every label value is known
 * beforehand, so that nothing is allocated when a flow appears; what tells one flow from another is
 * never a label, only an attribute of its events.
 */
import { exponential } from '../definition/buckets';
import { defineCatalog } from '../catalog/define';

const L4 = ['tcp', 'udp', 'other'] as const;
const SIDES = ['initiator', 'responder'] as const;
const REASONS = ['fin', 'rst', 'idle', 'evicted', 'buffer_overflow'] as const;
const ANOMALIES = ['buffer_overflow', 'ooo_segment', 'flow_table_eviction'] as const;

// Document 003 names no buckets: these are our choice. Flows last from a handshake on one machine to
// a connection kept for a day; a flow has from one packet to a bulk transfer's millions.
const DURATION_S = [
  0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400,
] as const;
const PACKETS = exponential(1, 4, 13);
const BYTES = exponential(64, 4, 16);
// What a reassembler may hold of one side is bounded, mostly by a MiB or a few.
const WATERMARK_BYTES = exponential(256, 4, 10);

/**
 * A network flow tracker: 12 metrics with closed labels, and the events in the life of a flow. From document 003; the bounds of its
 * histograms are our own.
 */
export const flowscope = defineCatalog({
  name: 'flowscope',
  about:
    'A passive network flow tracker: flows, bytes, anomalies, TCP reassembly. Every label value is ' +
    'one of a closed set; the key of a flow is never a label.',
  prefix: 'flowscope_',
  metrics: {
    flows_created_total: {
      index: 0,
      kind: 'counter',
      unit: '{flow}',
      category: 'flows',
      help: 'Flows seen for the first time, by transport protocol.',
      labels: { l4: L4 },
    },
    flows_ended_total: {
      index: 1,
      kind: 'counter',
      unit: '{flow}',
      category: 'flows',
      help: 'Flows that have ended, by what ended them.',
      labels: { reason: REASONS },
    },
    flows_active: {
      index: 2,
      kind: 'gauge',
      unit: '{flow}',
      category: 'flows',
      help: 'Flows that are in the table now.',
    },
    packets_unmatched_total: {
      index: 3,
      kind: 'counter',
      unit: '{packet}',
      category: 'flows',
      help: 'Packets that belong to no flow, because they could not be made out.',
    },
    bytes_total: {
      index: 4,
      kind: 'counter',
      unit: 'By',
      category: 'flows',
      help: 'Bytes of the flows that have ended, by who sent them.',
      labels: { side: SIDES },
    },
    flow_duration_seconds: {
      index: 5,
      kind: 'histogram',
      unit: 's',
      category: 'flows',
      help: 'How long a flow lasted.',
      buckets: DURATION_S,
    },
    flow_packets: {
      index: 6,
      kind: 'histogram',
      unit: '{packet}',
      category: 'flows',
      help: 'How many packets a flow had.',
      buckets: PACKETS,
    },
    flow_bytes: {
      index: 7,
      kind: 'histogram',
      unit: 'By',
      category: 'flows',
      help: 'How many bytes a flow had.',
      buckets: BYTES,
    },
    anomalies_total: {
      index: 8,
      kind: 'counter',
      unit: '{anomaly}',
      category: 'anomalies',
      help: 'What was out of the ordinary, where the tracker looks for it.',
      labels: { kind: ANOMALIES },
    },
    reassembly_dropped_ooo_total: {
      index: 9,
      kind: 'counter',
      unit: '{segment}',
      category: 'reassembly',
      help: 'Segments that were dropped because they came out of order, by who sent them.',
      labels: { side: SIDES },
    },
    reassembly_bytes_dropped_oversize_total: {
      index: 10,
      kind: 'counter',
      unit: 'By',
      category: 'reassembly',
      help: 'Bytes that were dropped because the buffer of their side was full.',
      labels: { side: SIDES },
    },
    reassembler_high_watermark_bytes: {
      index: 11,
      kind: 'histogram',
      unit: 'By',
      category: 'reassembly',
      help: 'The most bytes that the buffer of a side held during a flow that has ended.',
      labels: { side: SIDES },
      buckets: WATERMARK_BYTES,
    },
  },
  // `flow` is the flow's key, as the program writes it, or empty: here it costs no series.
  events: {
    flow_started: {
      kind: 'lifecycle',
      help: 'The first packet of a flow was seen.',
      attributes: { flow: 'string', l4: L4 },
    },
    flow_established: {
      kind: 'lifecycle',
      help: 'Both sides of a flow have answered: the handshake is over.',
      attributes: { flow: 'string', l4: L4 },
    },
    flow_state_change: {
      kind: 'lifecycle',
      help: 'The protocol of a flow has gone from one state to another.',
      attributes: { flow: 'string', from: 'string', to: 'string' },
    },
    flow_ended: {
      kind: 'lifecycle',
      help: 'A flow is over, and has left the table.',
      attributes: {
        flow: 'string',
        reason: REASONS,
        duration_ns: 'number',
        packets: 'number',
        bytes: 'number',
      },
    },
    anomaly: {
      kind: 'error',
      help: 'Something was out of the ordinary, on one side of a flow.',
      attributes: { flow: 'string', kind: ANOMALIES, side: SIDES },
    },
  },
});
