/**
 * The statistics of a BitTorrent session, from document 002: 99 counters and gauges in one flat array
 * with fixed indices, the last 29 for diagnosis. Each line here is one of them, and keeps its index.
 */
import { defineCatalog } from '../catalog/define';

/** How the metrics of one category are written down. */
function inCategory<const C extends string>(category: C) {
  return {
    counter: <const I extends number>(index: I, unit: string, help: string) =>
      ({ index, kind: 'counter', unit, category, help }) as const,
    gauge: <const I extends number>(index: I, unit: string, help: string) =>
      ({ index, kind: 'gauge', unit, category, help }) as const,
  };
}

const network = inCategory('network');
const disk = inCategory('disk');
const dht = inCategory('dht');
const peers = inCategory('peers');
const protocol = inCategory('protocol');
const bandwidth = inCategory('bandwidth');
const ofSession = inCategory('session');

// From here on a metric is recorded at the level diagnostic only.
const DIAGNOSTIC = { category: 'diagnostics', diagnostic: true } as const;
const GATE_IS_GONE = 'The gate on request depth that it observed no longer exists.';
const diagnostics = {
  counter: <const I extends number>(index: I, unit: string, help: string) =>
    ({ index, kind: 'counter', unit, ...DIAGNOSTIC, help }) as const,
  highWater: <const I extends number>(index: I, unit: string, help: string) =>
    ({ index, kind: 'gauge', unit, ...DIAGNOSTIC, aggregate: 'max', help }) as const,
  retired: <const I extends number>(index: I, unit: string, help: string) =>
    ({ index, kind: 'counter', unit, ...DIAGNOSTIC, deprecated: GATE_IS_GONE, help }) as const,
};

/**
 * The statistics of a BitTorrent session: 99 metrics, those from index 70 for diagnosis. Taken once a
 * session, or with a label for each torrent; `stats.values()` reads them all. From document 002.
 */
export const session = defineCatalog({
  name: 'session',
  about:
    'A BitTorrent session: one flat array of 99 counters and gauges with fixed indices. ' +
    'Those from index 70 on are recorded at the diagnostic level only.',
  metrics: {
    'net.bytes_recv': network.counter(0, 'By', 'Bytes received over all connections.'),
    'net.bytes_sent': network.counter(1, 'By', 'Bytes sent over all connections.'),
    'net.num_connections': network.gauge(2, '1', 'Connections that are established now.'),
    'net.num_half_open': network.gauge(3, '1', 'Sockets that are still connecting.'),
    'net.num_tcp_connections': network.gauge(4, '1', 'Connections over TCP now.'),
    'net.num_tcp_peers': network.gauge(5, '1', 'Peers reached over TCP now.'),
    'net.num_utp_connections': network.gauge(6, '1', 'Connections over uTP now.'),
    'net.num_utp_peers': network.gauge(7, '1', 'Peers reached over uTP now.'),
    'net.tcp_bytes_recv': network.counter(8, 'By', 'Bytes received over TCP.'),
    'net.tcp_bytes_sent': network.counter(9, 'By', 'Bytes sent over TCP.'),
    'net.utp_bytes_recv': network.counter(10, 'By', 'Bytes received over uTP.'),
    'net.utp_bytes_sent': network.counter(11, 'By', 'Bytes sent over uTP.'),

    'disk.cache_hits': disk.counter(12, '1', 'Reads that the disk cache answered.'),
    'disk.cache_misses': disk.counter(13, '1', 'Reads that the disk cache could not answer.'),
    'disk.hash_count': disk.counter(14, '1', 'Pieces whose hash was computed.'),
    'disk.job_time_us': disk.counter(15, 'us', 'Time that disk jobs took altogether.'),
    'disk.queue_depth': disk.gauge(16, '1', 'Disk jobs that wait now.'),
    'disk.read_bytes': disk.counter(17, 'By', 'Bytes read from disk.'),
    'disk.read_count': disk.counter(18, '1', 'Reads from disk.'),
    'disk.write_buffer_bytes': disk.gauge(19, 'By', 'Bytes that wait to be written to disk.'),
    'disk.write_bytes': disk.counter(20, 'By', 'Bytes written to disk.'),
    'disk.write_count': disk.counter(21, '1', 'Writes to disk.'),

    'dht.announce_count': dht.counter(22, '1', 'Announcements made in the DHT.'),
    'dht.bytes_in': dht.counter(23, 'By', 'Bytes received from the DHT.'),
    'dht.bytes_out': dht.counter(24, 'By', 'Bytes sent to the DHT.'),
    'dht.lookups': dht.counter(25, '1', 'Lookups made in the DHT.'),
    'dht.nodes': dht.gauge(26, '1', 'Nodes in the routing table of the DHT now.'),
    'dht.nodes_v4': dht.gauge(27, '1', 'Nodes of the DHT that are known by an IPv4 address.'),
    'dht.nodes_v6': dht.gauge(28, '1', 'Nodes of the DHT that are known by an IPv6 address.'),

    'peer.num_banned': peers.gauge(29, '1', 'Peers that are banned now.'),
    'peer.num_checking_torrents': peers.gauge(30, '1', 'Torrents whose files are being checked.'),
    'peer.num_downloading': peers.gauge(31, '1', 'Peers that data is being received from.'),
    'peer.num_downloading_torrents': peers.gauge(32, '1', 'Torrents that are being downloaded.'),
    'peer.num_interested': peers.gauge(33, '1', 'Peers that are interested now.'),
    'peer.num_paused_torrents': peers.gauge(34, '1', 'Torrents that are paused now.'),
    'peer.num_seeding_torrents': peers.gauge(35, '1', 'Torrents that are complete and shared.'),
    'peer.num_unchoked': peers.gauge(36, '1', 'Peers that are unchoked now.'),
    'peer.num_uploading': peers.gauge(37, '1', 'Peers that data is being sent to.'),
    'peer.num_web_seeds': peers.gauge(38, '1', 'Web seeds that are in use now.'),
    'peer.peers_available': peers.gauge(39, '1', 'Peers that are known and could be used.'),
    'peer.peers_connected': peers.gauge(40, '1', 'Peers that are connected now.'),

    'proto.handshakes_in': protocol.counter(41, '1', 'Handshakes that peers began.'),
    'proto.handshakes_out': protocol.counter(42, '1', 'Handshakes begun with peers.'),
    'proto.hashfails': protocol.counter(43, '1', 'Pieces whose hash was wrong.'),
    'proto.metadata_receives': protocol.counter(44, '1', 'Pieces of metadata received (BEP 9).'),
    'proto.metadata_requests': protocol.counter(45, '1', 'Pieces of metadata asked for (BEP 9).'),
    'proto.pex_messages_in': protocol.counter(46, '1', 'Peer exchange messages received.'),
    'proto.pex_messages_out': protocol.counter(47, '1', 'Peer exchange messages sent.'),
    'proto.pieces_downloaded': protocol.counter(48, '1', 'Pieces downloaded, of all torrents.'),
    'proto.pieces_uploaded': protocol.counter(49, '1', 'Pieces uploaded, of all torrents.'),
    'proto.piece_rejects': protocol.counter(50, '1', 'Requests for a piece that peers rejected.'),
    'proto.piece_requests': protocol.counter(51, '1', 'Requests for a piece that were sent.'),
    'proto.tracker_announces': protocol.counter(52, '1', 'Announcements made to trackers.'),
    'proto.tracker_errors': protocol.counter(53, '1', 'Announcements to trackers that failed.'),
    'proto.waste_bytes': protocol.counter(54, 'By', 'Bytes received twice, or thrown away.'),

    'bw.download_rate': bandwidth.gauge(55, 'By/s', 'Rate of all that is received.'),
    'bw.download_rate_tcp': bandwidth.gauge(56, 'By/s', 'Rate of what is received over TCP.'),
    'bw.download_rate_utp': bandwidth.gauge(57, 'By/s', 'Rate of what is received over uTP.'),
    'bw.payload_download_rate': bandwidth.gauge(58, 'By/s', 'Rate of the payload received.'),
    'bw.payload_upload_rate': bandwidth.gauge(59, 'By/s', 'Rate of the payload sent.'),
    'bw.total_downloaded': bandwidth.counter(60, 'By', 'Bytes downloaded since the session began.'),
    'bw.total_uploaded': bandwidth.counter(61, 'By', 'Bytes uploaded since the session began.'),
    'bw.upload_rate': bandwidth.gauge(62, 'By/s', 'Rate of all that is sent.'),
    'bw.upload_rate_tcp': bandwidth.gauge(63, 'By/s', 'Rate of what is sent over TCP.'),
    'bw.upload_rate_utp': bandwidth.gauge(64, 'By/s', 'Rate of what is sent over uTP.'),

    'ses.active_torrents': ofSession.gauge(65, '1', 'Torrents that are not paused.'),
    'ses.ip_filter_blocked': ofSession.counter(66, '1', 'Connections that the IP filter refused.'),
    'ses.num_torrents': ofSession.gauge(67, '1', 'Torrents of the session.'),
    'ses.queue_paused_by_auto': ofSession.counter(
      68,
      '1',
      'Torrents that were paused by the queue.',
    ),
    'ses.uptime_secs': ofSession.gauge(69, 's', 'How long the session has been up.'),

    'choke.rotation_evictions_total': diagnostics.counter(
      70,
      '1',
      'Peers that lost their place when unchoked peers were rotated.',
    ),
    'connect.failures_total': diagnostics.counter(
      71,
      '1',
      'Connections, by TCP or uTP, that failed before the handshake.',
    ),
    'data.timeout_evictions_total': diagnostics.counter(
      72,
      '1',
      'Peers that were let go because no data came from them in time.',
    ),
    'dispatch.acquire_none_total': diagnostics.counter(
      73,
      '1',
      'Requests for a piece to fetch that found none to give.',
    ),
    'dispatch.acquire_rtt_us': diagnostics.counter(
      74,
      'us',
      'Time from asking for a piece to fetch to its answer, altogether.',
    ),
    'dispatch.acquire_total': diagnostics.counter(75, '1', 'Requests for a piece to fetch.'),
    'dispatch.acquire_us': diagnostics.counter(
      76,
      'us',
      'Time spent on finding pieces to fetch, altogether.',
    ),
    'dispatch.cursor_resumed': diagnostics.counter(
      77,
      '1',
      'Searches for a piece that went on where the search for the same peer had stopped.',
    ),
    'dispatch.notify_wait_us': diagnostics.counter(
      78,
      'us',
      'Time that peers waited to be told of a piece, altogether.',
    ),
    'dispatch.notify_wakeup_total': diagnostics.counter(
      79,
      '1',
      'Times peers were woken because a reservation changed.',
    ),
    'dispatch.peer_connect_total': diagnostics.counter(80, '1', 'Peers that finished a handshake.'),
    'dispatch.peer_disconnect_total': diagnostics.counter(81, '1', 'Peers that disconnected.'),
    'dispatch.tick_wake_skipped': diagnostics.counter(
      82,
      '1',
      'Wake-ups that a tick left out because nothing had changed since the one before.',
    ),
    'dispatch.tx_high_water': diagnostics.highWater(
      83,
      '1',
      'The most messages that have waited for a peer in the dispatch channel.',
    ),
    'dispatch.walk_skipped': diagnostics.counter(
      84,
      '1',
      'Searches for a piece that ended at once because the peer has none that is wanted.',
    ),
    'event.tx_high_water': diagnostics.highWater(
      85,
      '1',
      'The most messages that have waited in the event channel of a peer.',
    ),
    'first.block_latency_count': diagnostics.counter(
      86,
      '1',
      'First blocks after an unchoke whose wait was measured.',
    ),
    'first.block_latency_sum_us': diagnostics.counter(
      87,
      'us',
      'Time from an unchoke to the first block of a piece, altogether.',
    ),
    'peer.drain_items_total': diagnostics.counter(
      88,
      '1',
      "Items taken from the queues that hold back a peer's messages.",
    ),
    'peer.lifetime_count': diagnostics.counter(89, '1', 'Connections whose length was measured.'),
    'peer.lifetime_sum_ms': diagnostics.counter(
      90,
      'ms',
      'Time that connections lasted until the peer left, altogether.',
    ),
    'peer.wake_events_total': diagnostics.counter(
      91,
      '1',
      "Times a peer's task woke to empty its queue.",
    ),
    'piece.steals_total': diagnostics.counter(
      92,
      '1',
      'Pieces that were taken from a slow peer and given to another.',
    ),
    'remote.rechoke_total': diagnostics.counter(
      93,
      '1',
      'Times a peer choked this side again after an unchoke.',
    ),
    'remote.unchoke_duration_sum_ms': diagnostics.counter(
      94,
      'ms',
      'Time between an unchoke by a peer and the choke after it, altogether.',
    ),
    'remote.unchoke_total': diagnostics.counter(95, '1', 'Times a peer unchoked this side.'),
    'target.depth_below_32': diagnostics.retired(
      96,
      '1',
      'Readings of the wanted request depth that were below 32.',
    ),
    'target.depth_samples': diagnostics.retired(97, '1', 'Readings of the wanted request depth.'),
    'target.depth_sum': diagnostics.retired(
      98,
      '1',
      'The sum of all readings of the wanted request depth.',
    ),
  },
});
