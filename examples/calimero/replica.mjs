/** A replica: it executes, tells the other what changed, and answers the other's questions. */
import { calimero } from 'nanometer/catalogs';
import { Channel } from './channel.mjs';
import { State } from './state.mjs';

const PAGE = 20;

export class Replica {
  #meter;
  name;
  /** The catalog, as this replica has it. */
  stats;
  state;
  channel;
  /** @type {import('./line.mjs').Line} */
  line;
  /** Contexts that were executed, in order. */
  executed = [];
  /** What came of each entity that another sent, in order: `{ protocol, outcome }`. */
  merges = [];
  /** Syncs that this replica began: `{ protocol, outcome, phases, compared }`. */
  syncs = [];

  /** @param {string} name @param {import('nanometer').Meter} meter */
  constructor(name, meter) {
    this.#meter = meter;
    this.name = name;
    this.stats = meter.catalog(calimero, { labels: { replica: name } });
    this.state = new State(name);
    this.channel = new Channel(
      this.stats.channel,
      () => meter.now(),
      ([id, entity]) => this.take('gossip', [[id, entity]]),
    );
  }

  /** @param {import('./line.mjs').Line} line */
  join(line) {
    this.line = line;
    const { messages_sent: messages, bytes_sent: bytes } = this.stats.sync;
    line.on('sent', (protocol, length) => {
      if (protocol === null) return;
      messages.with({ protocol }).inc();
      bytes.with({ protocol }).add(length);
    });
    line.on('delta', (delta) => this.channel.offer(delta));
    line.on('question', (frame, answer) => answer(this.#answer(frame)));
  }

  /** The meter's clock. */
  now() {
    return this.#meter.now();
  }

  /** Runs a method of a context on the state, and tells the other replica what has changed. */
  execute(context, method) {
    const labels = { context_id: context };
    const { execution_count: count, execution_duration_seconds: duration } = this.stats.context;
    const delta = duration.with(labels).time(() => method(this.state));
    count.with(labels).inc();
    this.executed.push(context);
    this.line.tell(delta);
  }

  /** Takes entities of the other replica in. Deltas are no part of a sync, and not counted as one. */
  take(protocol, entities) {
    const { merges, lww_fallback: fallback } = this.stats.sync;
    for (const [id, entity] of entities) {
      const outcome = this.state.merge(id, entity);
      this.merges.push({ protocol, outcome });
      if (protocol === 'gossip') continue;
      if (outcome === 'merged' || outcome === 'last writer') merges.with({ protocol }).inc();
      if (outcome === 'last writer') fallback.inc();
    }
  }

  /** Entities that came or went by a sync. */
  transferred(entities) {
    this.stats.sync.entities_transferred.add(entities.length);
    return entities;
  }

  #answer({ type, protocol, body }) {
    const { state } = this;
    switch (type) {
      case 'state':
        return { root: state.root, size: state.size };
      case 'buckets':
        return { hashes: state.bucketHashes() };
      case 'hashes':
        return { hashes: state.entityHashes(body.buckets) };
      case 'exchange': {
        const mine = state.take(body.ids);
        this.take(protocol, this.transferred(body.entities));
        return { entities: this.transferred(mine) };
      }
      case 'page': {
        const ids = state.ids.slice(body.from, body.from + PAGE);
        const next = body.from + PAGE < state.size ? body.from + PAGE : null;
        return { entities: this.transferred(state.take(ids)), next, root: state.root };
      }
      default:
        throw new Error(`nobody asks ${type}`);
    }
  }
}
