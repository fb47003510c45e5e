/**
 * The catalog `calimero`: two replicas of some state in one process, joined by a real socket. They
 * tell each other what changes, lose some of it, and make up for it.
 *
 *     node examples/calimero.mjs [--json] [--wait]
 *
 * It shows: a catalog with groups (`stats.sync`, `stats.channel`), taken once for each replica; open
 * families (`protocol`, `context_id`); and the invariants of the catalog, evaluated on snapshots, one
 * of them when it is broken.
 *
 * 1. Both execute, and tell each other: nothing is lost.
 * 2. Both are busy while the other tells them a lot: their channels of 32 events are full, and drop.
 * 3. `alice` compares hashes with `bob`; both have the same again.
 * 4. `bob` loses all he has, and takes a snapshot of alice.
 * 5. Somebody wants bob to take a snapshot although he has state: it is refused, and I5 is broken.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { open } from 'nanometer';
import { calimero } from 'nanometer/catalogs';
import { booksOf } from './calimero/books.mjs';
import { Line } from './calimero/line.mjs';
import { Replica } from './calimero/replica.mjs';
import { sync } from './calimero/sync.mjs';
import { printTable, readFlags, tell } from './support/program.mjs';

const NOTES = 60;

const flags = readFlags();
const meter = open({ service: 'calimero-example', inspection: { port: 0 } });
const [alice, bob] = ['alice', 'bob'].map((name) => new Replica(name, meter));
const replicas = [alice, bob];
const server = await joinBySocket();
/** What the invariants said, and when. */
const judged = [];

work(4);
await calm();
judge('both have told each other everything');

for (const { channel } of replicas) channel.pause();
const offered = alice.channel.offered.length;
work(NOTES);
for (const { channel } of replicas) {
  await channel.until(() => channel.offered.length === offered + 2 * NOTES);
}
judge('both are busy, and their channels are full');
for (const { channel } of replicas) channel.resume();
await calm();
const diverged = alice.state.root !== bob.state.root;

const syncs = [await sync(alice)];
judge('they have compared hashes');
const converged = alice.state.root === bob.state.root;

bob.state.clear();
syncs.push(await sync(bob));
judge('bob has taken a snapshot');

await sync(bob, 'snapshot').catch(() => undefined);
judge('a snapshot was refused');

const details = {
  diverged,
  converged,
  same: alice.state.root === bob.state.root,
  syncs,
  judged,
  sockets: replicas.map(({ name, line }) => ({
    name,
    ...line.bytes,
    frames: line.log.filter(({ way }) => way === 'sent').reduce((sum, { bytes }) => sum + bytes, 0),
  })),
};
if (!flags.json) show();
await tell({ meter, known: booksOf(replicas), flags, details });
alice.line.hangUp();
server.close();
await once(server, 'close');
await meter.close();

async function joinBySocket() {
  const listening = createServer();
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const accepted = once(listening, 'connection');
  const socket = connect(listening.address().port, '127.0.0.1');
  const [other] = await accepted;
  alice.join(new Line(socket));
  bob.join(new Line(other));
  return listening;
}

/** Each writes notes of its own and some that the other writes too, and counts the same tally. */
function work(notes) {
  for (const replica of replicas) {
    for (let i = 0; i < notes; i += 1) {
      const id = i % 10 === 0 ? `shared ${i}` : `${replica.name} ${i}`;
      replica.execute('notes', (state) => state.write(id, `${replica.name} was here, ${notes}`));
      replica.execute('tallies', (state) => state.count('visits'));
    }
  }
}

/** Waits until all that was told has arrived and been taken. */
async function calm() {
  for (const [one, other] of [replicas, replicas.toReversed()]) {
    await one.channel.until(({ offered, depth }) => {
      return offered.length === other.executed.length && depth === 0;
    });
  }
}

/** Evaluates all invariants of the catalog, for each replica. */
function judge(when) {
  const snapshot = meter.snapshot();
  for (const { name } of replicas) {
    const results = Object.entries(calimero.invariants).map(([invariant, evaluate]) => [
      invariant,
      evaluate(snapshot, { labels: { replica: name } }),
    ]);
    judged.push({ when, replica: name, results: Object.fromEntries(results) });
  }
}

function show() {
  const invariants = Object.keys(calimero.invariants);
  for (const [name, about] of Object.entries(calimero.invariantsAbout)) {
    console.log(`${name}: ${about}`);
  }
  const rows = judged.map(({ when, replica, results }) => {
    const { received, processed, depth, dropped } = results.channel_accounting;
    const holds = invariants.map((invariant) => (results[invariant].holds ? 'holds' : 'BROKEN'));
    return [when, replica, received, processed, depth, dropped, ...holds];
  });
  const figures = ['received', 'processed', 'depth', 'dropped'];
  printTable(['when', 'replica', ...figures, ...invariants], rows);
}
