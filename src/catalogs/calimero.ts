/**
 * The metrics of a node with replicated state, from document 004: the sync engine, the channel of
 * network events, contexts, governance (reserved) and what a node purges of itself.
 */
import { exponential } from '../definition/buckets';
import { defineCatalog } from '../catalog/define';

const PROTOCOL = ['protocol'] as const;
const CONTEXT = ['context_id'] as const;
// Document 004 names no buckets for the channel, and wants 10 ms and 500 ms told apart.
const CHANNEL_S = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;
const PHASE_S = [
  0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192,
  16.384,
] as const;
const SYNC_S = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 160,
] as const;
const EXECUTION_S = exponential(1, 2, 11);

/**
 * The metrics of a node with replicated state: 30, in five groups, of which `governance` is reserved.
 * From document 004; the bounds of the channel's histogram are our own.
 */
export const calimero = defineCatalog({
  name: 'calimero',
  about:
    'A node with replicated state: sync engine, network event channel, contexts, governance ' +
    '(reserved) and self-purge.',
  groups: {
    sync: {
      prefix: 'sync_',
      metrics: {
        messages_sent: {
          index: 0,
          kind: 'counter',
          unit: '{message}',
          help: 'Messages that were sent in order to sync.',
          labels: PROTOCOL,
        },
        bytes_sent: {
          index: 1,
          kind: 'counter',
          unit: 'By',
          help: 'Bytes that were sent in order to sync.',
          labels: PROTOCOL,
        },
        round_trips: {
          index: 2,
          kind: 'counter',
          unit: '{round_trip}',
          help: 'Questions asked of a peer, and answered, in order to sync.',
          labels: PROTOCOL,
        },
        entities_transferred: {
          index: 3,
          kind: 'counter',
          unit: '{entity}',
          help: 'Entities that came or went by sync.',
        },
        merges: {
          index: 4,
          kind: 'counter',
          unit: '{merge}',
          help: 'Merges of replicated values, each the end of a conflict.',
          labels: PROTOCOL,
        },
        comparisons: {
          index: 5,
          kind: 'counter',
          unit: '{comparison}',
          help: 'Entities whose hashes were compared.',
        },
        phase_duration_seconds: {
          index: 6,
          kind: 'histogram',
          unit: 's',
          help: 'How long one phase of a sync took.',
          labels: { phase: ['discovery', 'comparison', 'transfer', 'apply'] },
          buckets: PHASE_S,
        },
        duration_seconds: {
          index: 7,
          kind: 'histogram',
          unit: 's',
          help: 'How long a sync took from end to end.',
          labels: PROTOCOL,
          buckets: SYNC_S,
        },
        snapshot_blocked: {
          index: 8,
          kind: 'counter',
          unit: '{event}',
          help: 'Snapshots that were refused because the node had state already; see invariant I5.',
        },
        verification_failures: {
          index: 9,
          kind: 'counter',
          unit: '{failure}',
          help: 'Snapshots whose state did not have the promised hash; see invariant I7.',
        },
        lww_fallback: {
          index: 10,
          kind: 'counter',
          unit: '{event}',
          help: 'Merges that were settled by the last writer, because nothing else could.',
        },
        buffer_drops: {
          index: 11,
          kind: 'counter',
          unit: '{drop}',
          help: 'Deltas that the full buffer dropped; see invariant I6.',
        },
        attempts: {
          index: 12,
          kind: 'counter',
          unit: '{attempt}',
          help: 'Syncs that were begun.',
          labels: PROTOCOL,
        },
        successes: {
          index: 13,
          kind: 'counter',
          unit: '{sync}',
          help: 'Syncs that ended well.',
          labels: PROTOCOL,
        },
        failures: {
          index: 14,
          kind: 'counter',
          unit: '{sync}',
          help: 'Syncs that ended in an error.',
          labels: PROTOCOL,
        },
        protocol_selections: {
          index: 15,
          kind: 'counter',
          unit: '{selection}',
          help: 'Times a protocol was chosen.',
          labels: PROTOCOL,
        },
      },
    },
    channel: {
      prefix: 'network_event_channel_',
      metrics: {
        depth: {
          index: 16,
          kind: 'gauge',
          unit: '{event}',
          help: 'Events that wait in the channel now.',
        },
        received_total: {
          index: 17,
          kind: 'counter',
          unit: '{event}',
          help: 'Events offered to the channel, those dropped included.',
        },
        processed_total: {
          index: 18,
          kind: 'counter',
          unit: '{event}',
          help: 'Events taken out of the channel.',
        },
        dropped_total: {
          index: 19,
          kind: 'counter',
          unit: '{event}',
          help: 'Events that were lost because the channel was full.',
        },
        processing_latency_seconds: {
          index: 20,
          kind: 'histogram',
          unit: 's',
          help: 'How long an event was in the channel.',
          buckets: CHANNEL_S,
        },
      },
    },
    context: {
      metrics: {
        execution_count: {
          index: 21,
          kind: 'gauge',
          unit: '{execution}',
          help: 'Executions of a context so far.',
          labels: CONTEXT,
        },
        execution_duration_seconds: {
          index: 22,
          kind: 'histogram',
          unit: 's',
          help: 'How long an execution took.',
          labels: CONTEXT,
          buckets: EXECUTION_S,
        },
      },
    },
    governance: {
      prefix: 'calimero_governance_',
      reserved: true,
      metrics: {
        ops_applied_total: {
          index: 23,
          kind: 'counter',
          unit: '{operation}',
          help: 'Governance operations that took effect.',
        },
        ops_rejected_total: {
          index: 24,
          kind: 'counter',
          unit: '{operation}',
          help: 'Governance operations that were refused, by reason.',
          labels: ['reason'],
        },
        dag_heads: {
          index: 25,
          kind: 'gauge',
          unit: '{head}',
          help: "Heads of a group's graph of operations now.",
          labels: ['group_id'],
        },
        heartbeat_mismatches_total: {
          index: 26,
          kind: 'counter',
          unit: '{mismatch}',
          help: 'Heartbeats whose heads differed from ours.',
        },
      },
    },
    self_purge: {
      prefix: 'context_group_store_self_purge_',
      metrics: {
        failures_total: {
          index: 27,
          kind: 'counter',
          unit: '{failure}',
          help: 'What could not be removed after the node was evicted; a signing key that stays matters.',
          labels: {
            branch: ['namespace', 'subgroup'],
            class: ['signing_key', 'context_cleanup'],
          },
        },
        reconcile_total: {
          index: 28,
          kind: 'counter',
          unit: '{namespace}',
          help: 'Namespaces that the sweep at start-up looked at, by what became of them.',
          labels: {
            outcome: ['reconciled', 'retained', 'cleared_stale', 'stale_clear_failed', 'skipped'],
          },
        },
        events_dropped_total: {
          index: 29,
          kind: 'counter',
          unit: '{event}',
          help: 'Operation events that were lost because the purge fell behind.',
        },
      },
    },
  },
  invariants: {
    channel_accounting: {
      about: 'Every event offered to the channel has been taken out, waits in it, or was dropped.',
      of: (read) => {
        const received = read('channel.received_total');
        const processed = read('channel.processed_total');
        const depth = read('channel.depth');
        const dropped = read('channel.dropped_total');
        const missing = received - processed - depth - dropped;
        return { holds: missing === 0, received, processed, depth, dropped, missing };
      },
    },
    I5: {
      about: 'No snapshot is applied to a node that has state: none was attempted.',
      of: (read) => {
        const blocked = read('sync.snapshot_blocked');
        return { holds: blocked === 0, blocked };
      },
    },
    I6: {
      about: 'No delta is lost: the bounded buffer has dropped none.',
      of: (read) => {
        const drops = read('sync.buffer_drops');
        return { holds: drops === 0, drops };
      },
    },
    I7: {
      about: 'State that came by snapshot has the hash that was promised.',
      of: (read) => {
        const failures = read('sync.verification_failures');
        return { holds: failures === 0, failures };
      },
    },
  },
});
