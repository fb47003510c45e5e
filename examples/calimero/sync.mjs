/** A sync, from the side that begins it: by comparison of hashes, or by a snapshot. */

/**
 * Makes a replica's state what the other's is, or both the same.
 *
 * @param {import('./replica.mjs').Replica} replica
 * @param {'hash_comparison' | 'snapshot'} [asked] Else what suits: a snapshot for an empty replica.
 * @returns {Promise<string>} The protocol, or `nothing to do`.
 */
export async function sync(replica, asked) {
  const { stats, state, line } = replica;
  const record = { protocol: '', outcome: 'failed', phases: [], compared: 0 };
  const startedNs = replica.now();
  const other = await phase(replica, record, 'discovery', () => line.ask(null, 'state'));
  if (other.root === state.root && asked === undefined) return 'nothing to do';
  const protocol = asked ?? (state.size === 0 ? 'snapshot' : 'hash_comparison');
  record.protocol = protocol;
  replica.syncs.push(record);
  const counted = { protocol };
  stats.sync.protocol_selections.with(counted).inc();
  stats.sync.attempts.with(counted).inc();
  try {
    await PROTOCOLS[protocol](replica, record);
    record.outcome = 'done';
    stats.sync.successes.with(counted).inc();
  } catch (error) {
    stats.sync.failures.with(counted).inc();
    throw error;
  } finally {
    stats.sync.duration_seconds.with(counted).recordSince(startedNs);
  }
  return protocol;
}

const PROTOCOLS = {
  /** Narrows down what differs, by hashes of parts and then of entities, and exchanges that. */
  async hash_comparison(replica, record) {
    const { state, stats } = replica;
    const ids = await phase(replica, record, 'comparison', async () => {
      const mine = state.bucketHashes();
      const { hashes } = await question(replica, record, 'buckets');
      const buckets = mine.flatMap((hash, bucket) => (hash === hashes[bucket] ? [] : [bucket]));
      const theirs = await question(replica, record, 'hashes', { buckets });
      const [ours, others] = [state.entityHashes(buckets), theirs.hashes].map(
        (one) => new Map(one),
      );
      const all = [...new Set([...ours.keys(), ...others.keys()])];
      record.compared = all.length;
      stats.sync.comparisons.add(all.length);
      return all.filter((id) => ours.get(id) !== others.get(id));
    });
    const { entities } = await phase(replica, record, 'transfer', () =>
      question(replica, record, 'exchange', {
        ids,
        entities: replica.transferred(state.take(ids)),
      }),
    );
    await phase(replica, record, 'apply', () => {
      replica.take(record.protocol, replica.transferred(entities));
    });
  },

  /** Fetches everything, page by page, into a replica that has nothing. */
  async snapshot(replica, record) {
    const { state, stats } = replica;
    if (state.size > 0) {
      record.outcome = 'blocked';
      stats.sync.snapshot_blocked.inc();
      throw new Error('a snapshot is for a replica without state');
    }
    const pages = await phase(replica, record, 'transfer', async () => {
      const got = [];
      for (let from = 0; from !== null; from = got.at(-1).next) {
        got.push(await question(replica, record, 'page', { from }));
      }
      return got;
    });
    await phase(replica, record, 'apply', () => {
      for (const { entities } of pages)
        replica.take(record.protocol, replica.transferred(entities));
    });
    if (state.root === pages.at(-1).root) return;
    record.outcome = 'wrong';
    stats.sync.verification_failures.inc();
    throw new Error('the state that came is not the state that was promised');
  },
};

async function question(replica, { protocol }, type, body) {
  const answer = await replica.line.ask(protocol, type, body);
  replica.stats.sync.round_trips.with({ protocol }).inc();
  return answer;
}

async function phase(replica, record, name, work) {
  record.phases.push(name);
  const histogram = replica.stats.sync.phase_duration_seconds.with({ phase: name });
  return histogram.time(async () => work());
}
