/** What must be in `/metrics`, from the logs of lines, channels and syncs. */
import { Known } from '../support/known.mjs';

const PROTOCOLS = ['hash_comparison', 'snapshot'];
const PHASES = ['discovery', 'comparison', 'transfer', 'apply'];

/** @param {import('./replica.mjs').Replica[]} replicas */
export function booksOf(replicas) {
  const known = new Known();
  for (const one of replicas) {
    const add = (name, value, labels = {}) =>
      known.add(name, value, { replica: one.name, ...labels });
    addSync(add, one);
    addChannel(add, one.channel);
    for (const context of new Set(one.executed)) {
      const times = one.executed.filter((executed) => executed === context).length;
      add('execution_count', times, { context_id: context });
      add('execution_duration_seconds_count', times, { context_id: context });
    }
  }
  return known;
}

function addSync(add, { line, merges, syncs }) {
  for (const protocol of PROTOCOLS) {
    const labels = { protocol };
    const frames = line.log.filter((frame) => frame.protocol === protocol);
    const sent = frames.filter(({ way }) => way === 'sent');
    const ours = syncs.filter((sync) => sync.protocol === protocol);
    const merged = merges.filter((merge) => merge.protocol === protocol && isMerge(merge));
    const successes = ours.filter(({ outcome }) => outcome === 'done').length;
    // An open family has a series when it is first used: what never happened has none.
    const addUsed = (name, value) => value > 0 && add(name, value, labels);
    addUsed('sync_messages_sent_total', sent.length);
    addUsed('sync_bytes_sent_total', sum(sent, 'bytes'));
    addUsed('sync_round_trips_total', sent.filter(({ isQuestion }) => isQuestion).length);
    addUsed('sync_merges_total', merged.length);
    addUsed('sync_attempts_total', ours.length);
    addUsed('sync_protocol_selections_total', ours.length);
    addUsed('sync_successes_total', successes);
    addUsed('sync_failures_total', ours.length - successes);
    addUsed('sync_duration_seconds_count', ours.length);
  }
  const inSyncs = merges.filter(({ protocol }) => PROTOCOLS.includes(protocol));
  const withOutcome = (list, wanted) => list.filter(({ outcome }) => outcome === wanted).length;
  add('sync_entities_transferred_total', sum(line.log, 'entities'));
  add('sync_comparisons_total', sum(syncs, 'compared'));
  add('sync_lww_fallback_total', withOutcome(inSyncs, 'last writer'));
  add('sync_snapshot_blocked_total', withOutcome(syncs, 'blocked'));
  add('sync_verification_failures_total', withOutcome(syncs, 'wrong'));
  add('sync_buffer_drops_total', 0);
  for (const phase of PHASES) {
    const times = syncs.flatMap(({ phases }) => phases).filter((name) => name === phase).length;
    add('sync_phase_duration_seconds_count', times, { phase });
  }
}

function addChannel(add, { offered, taken, depth }) {
  add('network_event_channel_received_total', offered.length);
  add('network_event_channel_dropped_total', offered.filter((fate) => fate === 'dropped').length);
  add('network_event_channel_processed_total', taken);
  add('network_event_channel_depth', depth);
  add('network_event_channel_processing_latency_seconds_count', taken);
}

function isMerge({ outcome }) {
  return outcome === 'merged' || outcome === 'last writer';
}

function sum(list, key) {
  return list.reduce((total, one) => total + one[key], 0);
}
