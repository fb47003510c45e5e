/**
 * The flow table: finds the flow of each packet, follows TCP's states, ends flows. It knows nothing of
 * metrics: it tells an observer what happens, and keeps a log of what has ended.
 */
import { readPacket } from './packet.mjs';
import { Side } from './side.mjs';

const MOST_FLOWS = 8;
const IDLE_NS = 5_000_000_000n;

/**
 * @typedef {'fin' | 'rst' | 'idle' | 'evicted' | 'buffer_overflow'} Reason
 * @typedef {'initiator' | 'responder'} SideName
 *
 * @typedef {object} Flow
 * @property {string} tableKey The same for both directions.
 * @property {string} key Who talks with whom, the one who began first.
 * @property {string} initiator
 * @property {'tcp' | 'udp' | 'other'} l4
 * @property {string} state
 * @property {bigint} firstNs
 * @property {bigint} lastNs
 * @property {number} packets
 * @property {Record<SideName, Side>} sides
 * @property {Partial<Record<SideName, number>>} acks The last that each side has acknowledged.
 */

export class Tracker {
  #observer;
  /** By both ends; the one that has been quiet longest comes first. @type {Map<string, Flow>} */
  #table = new Map();
  /** Flows that are over, in order: `{ flow, reason }`. */
  log = [];
  /** What was out of the ordinary, in order: `{ flow, kind, side, bytes }`. */
  anomalies = [];
  /** Packets that were seen, and those that could not be made out. */
  packets = { seen: 0, unmatched: 0 };

  /** @param {import('./recorder.mjs').Recorder} observer */
  constructor(observer) {
    this.#observer = observer;
  }

  /** Flows that go on. @returns {Flow[]} */
  get active() {
    return [...this.#table.values()];
  }

  /** Packets must come in the order of their times. */
  see({ atNs, frame }) {
    this.packets.seen += 1;
    this.#endIdle(atNs);
    const packet = readPacket(frame);
    if (packet === null) {
      this.packets.unmatched += 1;
      this.#observer.unmatched();
      return;
    }
    const ends = [packet.source, packet.target].sort().join(' ');
    const key = `${packet.l4} ${ends}`;
    const flow = this.#table.get(key) ?? this.#start(packet, key, atNs);
    // Put at the end, as the one that was heard last.
    this.#table.delete(key);
    this.#table.set(key, flow);
    flow.lastNs = atNs;
    flow.packets += 1;
    const side = packet.source === flow.initiator ? 'initiator' : 'responder';
    flow.sides[side].bytes += packet.bytes;
    if (packet.tcp === null) this.#followTalk(flow, side);
    else this.#followTcp(flow, side, packet.tcp);
  }

  #start(packet, tableKey, atNs) {
    if (this.#table.size === MOST_FLOWS) {
      const [quietest] = this.#table.values();
      this.#anomaly(quietest, 'flow_table_eviction', 'initiator');
      this.#end(quietest, 'evicted');
    }
    const flow = {
      tableKey,
      key: `${packet.source} > ${packet.target}`,
      initiator: packet.source,
      l4: packet.l4,
      state: 'new',
      firstNs: atNs,
      lastNs: atNs,
      packets: 0,
      sides: { initiator: new Side(), responder: new Side() },
      acks: {},
    };
    this.#observer.started(flow);
    return flow;
  }

  /** Without a handshake a flow is established when the other side answers. */
  #followTalk(flow, side) {
    if (flow.state === 'new') this.#go(flow, 'asked');
    if (flow.state === 'asked' && side === 'responder') this.#establish(flow);
  }

  #followTcp(flow, side, segment) {
    const { flags, ack } = segment;
    if (flags.rst) {
      this.#go(flow, 'reset');
      this.#end(flow, 'rst');
      return;
    }
    if (flow.state === 'new') this.#go(flow, flags.syn ? 'syn_sent' : 'asked');
    else if (flow.state === 'syn_sent' && flags.syn && flags.ack) this.#go(flow, 'syn_received');
    else if (flow.state === 'syn_received' && side === 'initiator') this.#establish(flow);
    else if (flow.state === 'asked' && side === 'responder') this.#establish(flow);
    const sent = flow.sides[side];
    const { outOfOrder, oversizeBytes } = sent.take(segment);
    if (outOfOrder) this.#anomaly(flow, 'ooo_segment', side);
    if (oversizeBytes > 0) {
      this.#anomaly(flow, 'buffer_overflow', side, oversizeBytes);
      this.#end(flow, 'buffer_overflow');
      return;
    }
    if (sent.hasEnded && flow.state !== 'closing') this.#go(flow, 'closing');
    flow.acks[side] = ack;
    const { sides, acks } = flow;
    if (sides.initiator.isOver(acks.responder) && sides.responder.isOver(acks.initiator)) {
      this.#go(flow, 'closed');
      this.#end(flow, 'fin');
    }
  }

  #establish(flow) {
    this.#go(flow, 'established');
    this.#observer.established(flow);
  }

  #go(flow, state) {
    this.#observer.stateChange(flow, flow.state, state);
    flow.state = state;
  }

  #anomaly(flow, kind, side, bytes = 0) {
    this.anomalies.push({ flow, kind, side, bytes });
    this.#observer.anomaly(flow, kind, side, bytes);
  }

  #endIdle(nowNs) {
    for (const flow of this.#table.values()) {
      if (nowNs - flow.lastNs <= IDLE_NS) return;
      this.#end(flow, 'idle');
    }
  }

  #end(flow, reason) {
    this.#table.delete(flow.tableKey);
    this.log.push({ flow, reason });
    this.#observer.ended(flow, reason);
  }
}
