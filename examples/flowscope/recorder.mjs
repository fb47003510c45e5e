/** Records what a tracker tells by the catalog `flowscope`: its metrics, and its events. */
import { flowscope } from 'nanometer/catalogs';

export class Recorder {
  #stats;

  /** @param {import('nanometer').Meter} meter */
  constructor(meter) {
    this.#stats = meter.catalog(flowscope);
  }

  unmatched() {
    this.#stats.packets_unmatched_total.inc();
  }

  /** @param {import('./tracker.mjs').Flow} flow */
  started({ key, l4 }) {
    this.#stats.flows_created_total.with({ l4 }).inc();
    this.#stats.flows_active.inc();
    this.#stats.events.flow_started.emit({ flow: key, l4 });
  }

  established({ key, l4 }) {
    this.#stats.events.flow_established.emit({ flow: key, l4 });
  }

  stateChange({ key }, from, to) {
    this.#stats.events.flow_state_change.emit({ flow: key, from, to });
  }

  anomaly({ key }, kind, side, bytes) {
    const stats = this.#stats;
    stats.anomalies_total.with({ kind }).inc();
    if (kind === 'ooo_segment') stats.reassembly_dropped_ooo_total.with({ side }).inc();
    if (kind === 'buffer_overflow') {
      stats.reassembly_bytes_dropped_oversize_total.with({ side }).add(bytes);
    }
    stats.events.anomaly.emit({ flow: key, kind, side });
  }

  /** What a flow came to is recorded when it is over: nothing is kept for each flow meanwhile. */
  ended(flow, reason) {
    const stats = this.#stats;
    const durationNs = Number(flow.lastNs - flow.firstNs);
    let bytes = 0;
    for (const [side, sent] of Object.entries(flow.sides)) {
      bytes += sent.bytes;
      stats.bytes_total.with({ side }).add(sent.bytes);
      if (flow.l4 === 'tcp') {
        stats.reassembler_high_watermark_bytes.with({ side }).record(sent.peakHeld);
      }
    }
    stats.flows_active.dec();
    stats.flows_ended_total.with({ reason }).inc();
    stats.flow_duration_seconds.record(durationNs / 1e9);
    stats.flow_packets.record(flow.packets);
    stats.flow_bytes.record(bytes);
    stats.events.flow_ended.emit({
      flow: flow.key,
      reason,
      duration_ns: durationNs,
      packets: flow.packets,
      bytes,
    });
  }
}
