/**
 * The catalog `session`: four peers that exchange a torrent by BitTorrent's own protocol, over
 * sockets on this machine, and keep their pieces in files.
 *
 *     node examples/session.mjs [--json] [--wait]
 *
 * It shows: one catalog taken by four peers, told apart by a label; all 99 values at one instant with
 * `values()`; what was added since with `since()`; metrics from index 70 on, which count at the level
 * diagnostic only (`NANOMETER_LEVEL=diagnostic node examples/session.mjs`).
 *
 * `seed` has everything. `mallory` offers one piece, with one wrong byte in it. `alice` fetches from
 * both, finds the wrong piece by its hash, bans mallory, and fetches it again from the seed. Then
 * `bob` fetches everything from alice and the seed, who serve two blocks at a time and reject more.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { open } from 'nanometer';
import { session } from 'nanometer/catalogs';
import { booksOf } from './session/books.mjs';
import { SHOWN } from './session/names.mjs';
import { Peer } from './session/peer.mjs';
import { makeTorrent, PIECE_BYTES } from './session/torrent.mjs';
import { Known } from './support/known.mjs';
import { printTable, readFlags, tell } from './support/program.mjs';

const PIECES = 24;
const WRONG_PIECE = 5;

const flags = readFlags();
const meter = open({ service: 'session-example', inspection: { port: 0 } });
const isDiagnostic = meter.level === 'diagnostic';
const directory = await mkdtemp(join(tmpdir(), 'nanometer-session-'));
const torrent = makeTorrent(PIECES);
const [seed, mallory, alice, bob] = ['seed', 'mallory', 'alice', 'bob'].map(
  (name) => new Peer(name, meter, torrent),
);
const peers = [seed, mallory, alice, bob];
const startedWith = new Map([
  [seed, torrent.hashes.map((_, piece) => piece)],
  [mallory, [WRONG_PIECE]],
]);

const wrong = Buffer.from(torrent.content);
wrong[WRONG_PIECE * PIECE_BYTES + 1_000] ^= 1;
await writeFile(join(directory, 'seed'), torrent.content);
await writeFile(join(directory, 'mallory'), wrong);
const ports = new Map();
for (const peer of peers) {
  ports.set(peer, await peer.start(join(directory, peer.name), startedWith.get(peer)));
}

const [aliceIsDone, bobIsDone] = [once(alice, 'complete'), once(bob, 'complete')];
// Mallory first: what she offers is asked of her before the seed is there to be asked.
await alice.dial(ports.get(mallory));
await alice.dial(ports.get(seed));
await aliceIsDone;
await rest();

const earlier = new Map(
  peers.map((peer) => [peer, { values: peer.stats.values(), books: books(peer) }]),
);
await bob.dial(ports.get(alice));
await bob.dial(ports.get(seed));
await bobIsDone;
await rest();

for (const peer of peers) peer.refresh();
const known = new Known();
for (const peer of peers) {
  for (const [name, value] of Object.entries(books(peer))) {
    const [shown, ours = 1] = SHOWN[name];
    known.add(shown, value / ours, { peer: peer.name });
  }
}
const readings = Object.fromEntries(peers.map((peer) => [peer.name, readingsOf(peer)]));
if (!flags.json) show();
await tell({ meter, known, flags, brief: true, details: { pieces: PIECES, readings } });
for (const peer of peers) await peer.stop();
await meter.close();
await rm(directory, { recursive: true });

function books(peer) {
  return booksOf(peer, startedWith.get(peer)?.length ?? 0, isDiagnostic);
}

/** Waits until everything that was sent has arrived, and all disks are quiet. */
async function rest() {
  const wires = () => peers.flatMap(({ links }) => links.map(({ wire }) => wire));
  const add = (way) => wires().reduce((sum, { bytes }) => sum + bytes[way], 0);
  const isBusy = () => peers.some((peer) => peer.store.pending > 0);
  while (add('sent') !== add('received') || isBusy()) await setImmediate();
}

/** What the catalog says and what the books say, by index: altogether, and of bob's part alone. */
function readingsOf(peer) {
  const before = earlier.get(peer);
  const now = books(peer);
  const values = peer.stats.values();
  const since = peer.stats.since(before.values);
  const known = session.metrics.map(({ name, kind }) => {
    const value = now[name] ?? 0;
    return { value, since: kind === 'counter' ? value - (before.books[name] ?? 0) : value };
  });
  return {
    values: [...values],
    since: [...since],
    knownValues: known.map(({ value }) => value),
    knownSince: known.map((one) => one.since),
  };
}

function show() {
  for (const [title, key] of [
    ['All that was counted, by index', 'values'],
    ['What was added after alice was done, while bob fetched', 'since'],
  ]) {
    console.log(`\n${title}`);
    const rows = session.metrics
      .map(({ index, name }) => [
        index,
        name,
        ...peers.map((peer) => readings[peer.name][key][index]),
      ])
      .filter(([, , ...values]) => values.some((value) => value !== 0));
    printTable(['', 'metric', ...peers.map(({ name }) => name)], rows);
  }
}
