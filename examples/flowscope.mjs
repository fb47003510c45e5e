/**
 * The catalog `flowscope`: reads captures of network traffic, finds the flows in them, and tells how
 * each ended.
 *
 *     node examples/flowscope.mjs [--json] [--wait] [capture.pcap ...]
 *
 * Without a file it reads two. One is a capture of real mail traffic that the npm package
 * `pcap-parser` ships. The other it makes itself: conversations over loopback, whose bytes, addresses
 * and times a relay wrote down, while the headers around them are made up (capturing them would take
 * root); a few of its segments are swapped on purpose.
 *
 * It shows: families whose label values are all known, so that a new flow allocates nothing; what
 * tells flows apart kept out of labels, and in events; events heard by `meter.on('event')`, in order.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { open } from 'nanometer';
import { booksOf } from './flowscope/books.mjs';
import { recordLoopback } from './flowscope/loopback.mjs';
import { readPcap } from './flowscope/pcap.mjs';
import { Recorder } from './flowscope/recorder.mjs';
import { Tracker } from './flowscope/tracker.mjs';
import { printTable, readFlags, tell } from './support/program.mjs';

const flags = readFlags();
const captures =
  flags.files.length > 0
    ? await Promise.all(flags.files.map((file) => readFile(file)))
    : await ours();
const meter = open({ service: 'flowscope-example', inspection: { port: 0 } });
const events = [];
meter.on('event', (event) => events.push(event));

const tracker = new Tracker(new Recorder(meter));
for (const capture of captures) for (const record of readPcap(capture)) tracker.see(record);

const { packets, log, active, anomalies } = tracker;
const ended = log.map(({ flow, reason }) => ({ ...describe(flow), reason }));
const details = {
  packets,
  ended,
  active: active.map(describe),
  anomalies: anomalies.map(({ flow, kind, side }) => ({ flow: flow.key, kind, side })),
};
await tell({ meter, known: booksOf(tracker), flags, details });
// Closing hands the listener what it has not heard yet.
await meter.close();
if (flags.json) console.log(JSON.stringify({ events }));
else show();

async function ours() {
  const mail = dirname(createRequire(import.meta.url).resolve('pcap-parser/package.json'));
  return [await readFile(join(mail, 'test/smtp.pcap')), await recordLoopback()];
}

function describe({ key, l4, state, firstNs, lastNs, packets, sides }) {
  const bytes = sides.initiator.bytes + sides.responder.bytes;
  return { flow: key, l4, state, durationNs: Number(lastNs - firstNs), packets, bytes };
}

/** What the listener heard of flows that are over. */
function show() {
  console.log(`\nHeard: ${events.length} events. Flows that are over, in order:`);
  const rows = events
    .filter(({ name }) => name === 'flowscope_flow_ended')
    .map(({ attributes: { flow, reason, duration_ns: ns, packets: count, bytes } }) => [
      flow,
      reason,
      `${(ns / 1e6).toFixed(1)} ms`,
      count,
      bytes,
    ]);
  printTable(['flow', 'ended by', 'lasted', 'packets', 'bytes'], rows);
}
