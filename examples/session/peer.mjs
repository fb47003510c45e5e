/** A peer: it listens, dials others, decides what to fetch from whom, and judges what came. */
import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import { session } from 'nanometer/catalogs';
import { Link } from './link.mjs';
import { Store } from './store.mjs';
import { Wire } from './wire.mjs';

/** Emits `complete` when it has all pieces. */
export class Peer extends EventEmitter {
  #claimed = new Set();
  #server = createServer((socket) => this.#answer(socket));
  #startedMs = performance.now();
  name;
  torrent;
  /** The catalog, as this peer has it: its series are told from those of others by a label. */
  stats;
  store;
  /** Every connection there was, those that are closed included. @type {Link[]} */
  links = [];
  /** What `claim()` answered, in order. */
  claims = [];
  /** Ids of peers that gave a piece which was wrong. */
  banned = new Set();
  /** How long it was up, in whole seconds, when it was last asked. */
  uptimeSeconds = 0;

  /** @param {string} name @param {import('nanometer').Meter} meter */
  constructor(name, meter, torrent) {
    super();
    this.name = name;
    this.torrent = torrent;
    this.stats = meter.catalog(session, { labels: { peer: name } });
    this.store = new Store(torrent, this.stats.disk);
    this.stats.ses.num_torrents.set(1);
    this.stats.ses.active_torrents.set(1);
  }

  /** @returns {Promise<number>} The port that it listens on. */
  async start(path, have) {
    await this.store.open(path, have);
    this.#tellWhatItDoes();
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Resolves when the other side's pieces are known. */
  async dial(port) {
    const { net, proto } = this.stats;
    this.stats.peer.peers_available.inc();
    net.num_half_open.inc();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    net.num_half_open.dec();
    const { wire, link } = this.#link(socket);
    wire.greet(this.#id);
    proto.handshakes_out.inc();
    const [{ payload }] = await once(wire, 'handshake');
    link.establish(payload.toString('latin1'));
    await once(wire, 'message');
  }

  /** Whether a link's other side has anything that is missing here. */
  wants(link) {
    return [...link.has].some((piece) => !this.store.have.has(piece));
  }

  /** The next piece to fetch over a link: from now on nobody else fetches it. */
  claim(link) {
    const { dispatch } = this.stats;
    dispatch.acquire_total.inc();
    const piece = [...link.has].find((one) => !this.store.have.has(one) && !this.#claimed.has(one));
    if (piece === undefined) dispatch.acquire_none_total.inc();
    else this.#claimed.add(piece);
    this.claims.push(piece);
    return piece;
  }

  /** A claimed piece has come, or is not coming: it may be claimed again while it is missing. */
  release(piece) {
    this.#claimed.delete(piece);
    for (const one of this.#reachable) one.feed();
  }

  /** All of a piece has come. Whoever gave a wrong one is banned, and the piece is fetched elsewhere. */
  async receive(link, piece, bytes) {
    const { proto } = this.stats;
    if (this.store.isRight(piece, bytes)) {
      await this.store.write(piece, bytes);
      proto.pieces_downloaded.inc();
      for (const one of this.#reachable) one.wire.send('have', [piece]);
      for (const one of this.#reachable) one.tellInterest();
      if (this.store.isComplete) {
        this.#tellWhatItDoes();
        this.emit('complete');
      }
    } else {
      proto.hashfails.inc();
      proto.waste_bytes.add(bytes.length);
      this.banned.add(link.peerId);
      this.stats.peer.num_banned.set(this.banned.size);
      link.wire.hangUp();
    }
    this.release(piece);
  }

  /** Readings that nothing else brings up to date. */
  refresh() {
    this.uptimeSeconds = Math.floor((performance.now() - this.#startedMs) / 1000);
    this.stats.ses.uptime_secs.set(this.uptimeSeconds);
  }

  async stop() {
    for (const { wire } of this.links) wire.hangUp();
    this.#server.close();
    await once(this.#server, 'close');
    await this.store.close();
  }

  get #id() {
    return Buffer.from(`-NM0001-${this.name}`.padEnd(20, '.'));
  }

  get #reachable() {
    return this.links.filter(({ isEstablished, wire }) => isEstablished && wire.canSend);
  }

  #answer(socket) {
    const { wire, link } = this.#link(socket);
    wire.once('handshake', ({ payload }) => {
      this.stats.proto.handshakes_in.inc();
      wire.greet(this.#id);
      link.establish(payload.toString('latin1'));
    });
  }

  #link(socket) {
    // A connection that fails is closed, which is all that there is to do about it.
    socket.on('error', () => undefined);
    const wire = new Wire(socket, this.torrent.infoHash);
    const link = new Link(this, wire);
    this.links.push(link);
    return { wire, link };
  }

  #tellWhatItDoes() {
    const { peer } = this.stats;
    peer.num_seeding_torrents.set(Number(this.store.isComplete));
    peer.num_downloading_torrents.set(Number(!this.store.isComplete));
  }
}
