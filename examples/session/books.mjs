/**
 * What a peer's session has come to, worked out from what is there without metrics: what its sockets
 * say, the logs of its wires and of its disk, the state of its links, the pieces that it has.
 */
import { PIECE_BYTES } from './torrent.mjs';

/** @param {import('./peer.mjs').Peer} peer @returns {Record<string, number>} By catalog name. */
export function booksOf(peer, hadAtStart, isDiagnostic) {
  const { links, store, torrent } = peer;
  const open = links.filter(({ wire }) => wire.isOpen);
  const established = links.filter(({ isEstablished }) => isEstablished);
  const sum = (list, value) => list.reduce((total, one) => total + value(one), 0);
  const log = links.flatMap(({ wire }) => wire.log);
  const messages = (way, type) => log.filter((one) => one.way === way && one.type === type).length;
  const jobs = (job) => store.log.filter((done) => done.job === job);
  const inDisk = [...jobs('read'), ...jobs('write')];
  const dialled = links.filter(({ wire }) => wire.log[0].way === 'sent');
  const wrong = jobs('hash').filter(({ isRight }) => !isRight);
  const interested = open.filter(({ isInterestedInUs }) => isInterestedInUs);
  const complete = store.have.size === torrent.hashes.length;
  const bytesSent = sum(links, ({ wire }) => wire.bytes.sent);
  const bytesReceived = sum(links, ({ wire }) => wire.bytes.received);
  const books = {
    'net.bytes_recv': bytesReceived,
    'net.bytes_sent': bytesSent,
    'net.num_connections': open.length,
    'net.num_tcp_connections': open.length,
    'net.num_tcp_peers': open.length,
    'net.tcp_bytes_recv': bytesReceived,
    'net.tcp_bytes_sent': bytesSent,
    'disk.cache_hits': jobs('hit').length,
    'disk.cache_misses': jobs('miss').length,
    'disk.hash_count': jobs('hash').length,
    'disk.job_time_us': sum(inDisk, ({ tookUs }) => tookUs),
    'disk.read_bytes': sum(jobs('read'), ({ bytes }) => bytes),
    'disk.read_count': jobs('read').length,
    'disk.write_bytes': sum(jobs('write'), ({ bytes }) => bytes),
    'disk.write_count': jobs('write').length,
    'peer.num_banned': peer.banned.size,
    'peer.num_downloading_torrents': complete ? 0 : 1,
    'peer.num_interested': interested.length,
    'peer.num_seeding_torrents': complete ? 1 : 0,
    'peer.num_unchoked': open.filter(({ isChokedByUs }) => !isChokedByUs).length,
    'peer.peers_available': dialled.length,
    'peer.peers_connected': open.length,
    'proto.handshakes_in': links.length - dialled.length,
    'proto.handshakes_out': dialled.length,
    'proto.hashfails': wrong.length,
    'proto.pieces_downloaded': store.have.size - hadAtStart,
    'proto.pieces_uploaded': sum(links, ({ blocks }) => wholePieces(blocks.sent)),
    'proto.piece_rejects': messages('received', 'reject'),
    'proto.piece_requests': messages('sent', 'request'),
    'proto.waste_bytes': sum(wrong, ({ bytes }) => bytes),
    'bw.total_downloaded': sum(links, ({ blocks }) => sum(blocks.received, ({ bytes }) => bytes)),
    'bw.total_uploaded': sum(links, ({ blocks }) => sum(blocks.sent, ({ bytes }) => bytes)),
    'ses.active_torrents': 1,
    'ses.num_torrents': 1,
    'ses.uptime_secs': peer.uptimeSeconds,
  };
  // Index 70 and beyond: nothing is recorded at the level production.
  const firstBlocks = links.flatMap(({ firstBlocksUs }) => firstBlocksUs);
  const diagnostic = {
    'dispatch.acquire_none_total': peer.claims.filter((piece) => piece === undefined).length,
    'dispatch.acquire_total': peer.claims.length,
    'dispatch.peer_connect_total': established.length,
    'dispatch.peer_disconnect_total': established.length - open.length,
    'first.block_latency_count': firstBlocks.length,
    'first.block_latency_sum_us': sum(firstBlocks, (tookUs) => tookUs),
    'remote.rechoke_total': messages('received', 'choke'),
    'remote.unchoke_total': messages('received', 'unchoke'),
  };
  for (const [name, value] of Object.entries(diagnostic)) books[name] = isDiagnostic ? value : 0;
  return books;
}

/** How many pieces went whole. */
function wholePieces(blocks) {
  const bytes = new Map();
  for (const block of blocks) bytes.set(block.piece, (bytes.get(block.piece) ?? 0) + block.bytes);
  return [...bytes.values()].filter((sent) => sent === PIECE_BYTES).length;
}
