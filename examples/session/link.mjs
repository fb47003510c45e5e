/**
 * One connection of a peer: what each side has told the other, the piece that is being fetched over
 * it, and the blocks that are being served over it.
 */
import { BLOCK_BYTES, bitfieldOf, blocks, PIECE_BYTES, piecesIn } from './torrent.mjs';

// More requests are under way than the other side serves at a time, so that some are rejected.
const ASKED_AT_ONCE = 3;
const SERVED_AT_ONCE = 2;

export class Link {
  #peer;
  #stats;
  /** The piece that is being fetched, or `null`. */
  #fetching = null;
  #serving = 0;
  #sentOf = new Map();
  #unchokedMs = null;
  wire;
  isEstablished = false;
  /** Which pieces the other side has. */
  has = new Set();
  isInterested = false;
  isInterestedInUs = false;
  isChoked = true;
  isChokedByUs = true;
  /** Every block that came, and every one that went: `{ piece, begin, bytes }`. */
  blocks = { received: [], sent: [] };
  /** How long each unchoke took to bring its first block, in whole microseconds. */
  firstBlocksUs = [];

  /** @param {import('./peer.mjs').Peer} peer @param {import('./wire.mjs').Wire} wire */
  constructor(peer, wire) {
    this.#peer = peer;
    this.#stats = peer.stats;
    this.wire = wire;
    wire.on('bytes', ({ sent = 0, received = 0 }) => {
      const { net } = this.#stats;
      net.bytes_sent.add(sent);
      net.tcp_bytes_sent.add(sent);
      net.bytes_recv.add(received);
      net.tcp_bytes_recv.add(received);
    });
    wire.on('message', ({ type, payload }) => this.#understand(type, payload));
    wire.on('close', () => this.#close());
  }

  /** The handshake is over. */
  establish(peerId) {
    this.isEstablished = true;
    this.peerId = peerId;
    const { net, peer, dispatch } = this.#stats;
    for (const gauge of [net.num_connections, net.num_tcp_connections]) gauge.inc();
    for (const gauge of [net.num_tcp_peers, peer.peers_connected]) gauge.inc();
    dispatch.peer_connect_total.inc();
    const { have } = this.#peer.store;
    this.wire.send('bitfield', [bitfieldOf(have, this.#peer.torrent.hashes.length)]);
  }

  /** Asks for as many blocks as may be asked for, of a new piece if need be. */
  feed() {
    if (this.isChoked || !this.wire.canSend) return;
    this.#fetching ??= this.#begin();
    const fetching = this.#fetching;
    while (fetching?.missing.length > 0 && fetching.asked < ASKED_AT_ONCE) {
      fetching.asked += 1;
      this.wire.send('request', [fetching.piece, fetching.missing.shift(), BLOCK_BYTES]);
      this.#stats.proto.piece_requests.inc();
    }
  }

  /** Says whether we want anything that the other side has. */
  tellInterest() {
    const wants = this.#peer.wants(this);
    if (wants === this.isInterested) return;
    this.isInterested = wants;
    this.wire.send(wants ? 'interested' : 'not interested');
  }

  #understand(type, payload) {
    switch (type) {
      case 'bitfield':
        this.has = new Set(piecesIn(payload));
        return this.tellInterest();
      case 'have':
        this.has.add(payload.readUInt32BE());
        return this.tellInterest();
      case 'interested':
      case 'not interested':
        return this.#choke(type === 'not interested');
      case 'choke':
        this.isChoked = true;
        return this.#stats.remote.rechoke_total.inc();
      case 'unchoke':
        this.isChoked = false;
        this.#unchokedMs = performance.now();
        this.#stats.remote.unchoke_total.inc();
        return this.feed();
      case 'request':
        return this.#serve(
          payload.readUInt32BE(),
          payload.readUInt32BE(4),
          payload.readUInt32BE(8),
        );
      case 'piece':
        return this.#receive(payload.readUInt32BE(4), payload.subarray(8));
      case 'reject':
        return this.#askAgain(payload.readUInt32BE(4));
    }
  }

  /** Whoever is interested is unchoked, and choked when no longer. */
  #choke(isChoked) {
    this.isInterestedInUs = !isChoked;
    this.isChokedByUs = isChoked;
    const { num_interested: interested, num_unchoked: unchoked } = this.#stats.peer;
    for (const gauge of [interested, unchoked]) gauge.add(isChoked ? -1 : 1);
    this.wire.send(isChoked ? 'choke' : 'unchoke');
  }

  async #serve(piece, begin, length) {
    if (this.isChokedByUs || this.#serving === SERVED_AT_ONCE) {
      this.wire.send('reject', [piece, begin, length]);
      return;
    }
    this.#setServing(this.#serving + 1);
    const bytes = await this.#peer.store.read(piece, begin, length);
    this.#setServing(this.#serving - 1);
    if (!this.wire.send('piece', [piece, begin, bytes])) return;
    this.blocks.sent.push({ piece, begin, bytes: bytes.length });
    this.#stats.bw.total_uploaded.add(bytes.length);
    const sent = (this.#sentOf.get(piece) ?? 0) + bytes.length;
    this.#sentOf.set(piece, sent);
    if (sent === PIECE_BYTES) this.#stats.proto.pieces_uploaded.inc();
  }

  #setServing(serving) {
    const change = Number(serving > 0) - Number(this.#serving > 0);
    this.#serving = serving;
    this.#stats.peer.num_uploading.add(change);
  }

  #begin() {
    const piece = this.#peer.claim(this);
    if (piece === undefined) return null;
    this.#stats.peer.num_downloading.inc();
    const missing = blocks();
    return { piece, missing, asked: 0, left: missing.length, bytes: Buffer.alloc(PIECE_BYTES) };
  }

  #receive(begin, block) {
    const fetching = this.#fetching;
    if (this.#unchokedMs !== null) this.#timeFirstBlock();
    this.blocks.received.push({ piece: fetching.piece, begin, bytes: block.length });
    this.#stats.bw.total_downloaded.add(block.length);
    block.copy(fetching.bytes, begin);
    fetching.asked -= 1;
    fetching.left -= 1;
    if (fetching.left === 0) {
      this.#stop();
      void this.#peer.receive(this, fetching.piece, fetching.bytes);
    }
    this.feed();
  }

  #timeFirstBlock() {
    const tookUs = Math.round((performance.now() - this.#unchokedMs) * 1000);
    this.#unchokedMs = null;
    this.firstBlocksUs.push(tookUs);
    this.#stats.first.block_latency_count.inc();
    this.#stats.first.block_latency_sum_us.add(tookUs);
  }

  /** The other side will not give a block now: it is asked for again after one that it does give. */
  #askAgain(begin) {
    this.#stats.proto.piece_rejects.inc();
    this.#fetching.missing.push(begin);
    this.#fetching.asked -= 1;
    if (this.#fetching.asked === 0) this.feed();
  }

  #stop() {
    if (this.#fetching !== null) this.#stats.peer.num_downloading.dec();
    this.#fetching = null;
  }

  #close() {
    if (!this.isEstablished) return;
    if (this.#fetching !== null) this.#peer.release(this.#fetching.piece);
    this.#stop();
    const { net, peer, dispatch } = this.#stats;
    for (const gauge of [net.num_connections, net.num_tcp_connections]) gauge.dec();
    for (const gauge of [net.num_tcp_peers, peer.peers_connected]) gauge.dec();
    if (this.isInterestedInUs)
      for (const gauge of [peer.num_interested, peer.num_unchoked]) gauge.dec();
    this.isInterestedInUs = false;
    dispatch.peer_disconnect_total.inc();
  }
}
