import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'pcap-parser';
import { temporaryDirectory } from '../support/surroundings';
import { Example, expectAsKnown, runForPeople, type Told } from './example';

interface EndedFlow {
  readonly flow: string;
  readonly l4: string;
  readonly reason: string;
  readonly durationNs: number;
  readonly packets: number;
  readonly bytes: number;
}

interface FlowscopeTold extends Told {
  readonly packets: { readonly seen: number; readonly unmatched: number };
  readonly ended: readonly EndedFlow[];
  readonly active: readonly Omit<EndedFlow, 'reason'>[];
  readonly anomalies: readonly { readonly flow: string; readonly kind: string }[];
}

interface Heard {
  readonly seq: number;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

const MAIL = join(dirname(require.resolve('pcap-parser/package.json')), 'test/smtp.pcap');
const FAMILIES = /^flowscope_/;

async function eventsOf(example: Example<Told>): Promise<readonly Heard[]> {
  const { code, last } = await example.finish();
  expect(code).toBe(0);
  expect(last).toHaveLength(1);
  return (JSON.parse(last[0]!) as { events: Heard[] }).events;
}

/** Frames of a capture, as somebody else's parser reads it. */
function framesOf(path: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const frames: Buffer[] = [];
    const parser = parse(path);
    parser.on('packet', ({ data }: { data: Buffer }) => frames.push(data));
    parser.on('error', reject);
    parser.on('end', () => resolve(frames));
  });
}

describe('examples/flowscope.mjs on captures of mail and of loopback', () => {
  let example: Example<FlowscopeTold>;

  beforeAll(async () => {
    example = await Example.run<FlowscopeTold>('flowscope.mjs');
  });

  it('has in /metrics what the log of the tracker says, and nothing else', async () => {
    await expectAsKnown(example, FAMILIES);
  });

  it('saw a flow end for each reason, and every anomaly', () => {
    const { ended, anomalies } = example.told;
    const reasons = new Set(ended.map(({ reason }) => reason));
    expect([...reasons].sort()).toEqual(['buffer_overflow', 'evicted', 'fin', 'idle', 'rst']);
    const kinds = new Set(anomalies.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['buffer_overflow', 'flow_table_eviction', 'ooo_segment']);
  });

  it('emitted events that were heard in order, each life whole', async () => {
    const { ended, active, anomalies } = example.told;
    const events = await eventsOf(example);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => events[0]!.seq + i));
    const called = (name: string): readonly Heard[] =>
      events.filter((event) => event.name === `flowscope_${name}`);
    expect(called('flow_started')).toHaveLength(ended.length + active.length);
    expect(called('anomaly').map(({ attributes }) => attributes['kind'])).toEqual(
      anomalies.map(({ kind }) => kind),
    );
    expect(called('flow_ended').map(({ attributes }) => attributes)).toEqual(
      ended.map(({ flow, reason, durationNs, packets, bytes }) => ({
        flow,
        reason,
        duration_ns: durationNs,
        packets,
        bytes,
      })),
    );
    const reset = ended.find(({ reason }) => reason === 'rst')!;
    const life = events.filter(({ attributes }) => attributes['flow'] === reset.flow);
    expect(life.map(({ name, attributes }) => attributes['to'] ?? name)).toEqual([
      'flowscope_flow_started',
      'syn_sent',
      'syn_received',
      'established',
      'flowscope_flow_established',
      'reset',
      'flowscope_flow_ended',
    ]);
  });
});

describe('examples/flowscope.mjs on real mail traffic', () => {
  it('finds the flows and bytes that are in it, as another parser reads it', async () => {
    const example = await Example.run<FlowscopeTold>('flowscope.mjs', [MAIL]);
    await expectAsKnown(example, FAMILIES);
    const frames = await framesOf(MAIL);
    const { packets, ended, active } = example.told;
    expect(packets).toEqual({ seen: frames.length, unmatched: 0 });
    const flows = [...ended, ...active];
    const add = (key: 'packets' | 'bytes'): number => flows.reduce((sum, one) => sum + one[key], 0);
    expect(add('packets')).toBe(frames.length);
    // The length that each IP header says.
    expect(add('bytes')).toBe(frames.reduce((sum, frame) => sum + frame.readUInt16BE(16), 0));
    const mail = frames.filter((frame) => frame[23] === 6);
    expect(flows.filter(({ l4 }) => l4 === 'tcp')).toEqual([
      expect.objectContaining({
        flow: '10.10.1.4:1470 > 74.53.140.153:25',
        reason: 'fin',
        packets: mail.length,
      }),
    ]);
    expect(flows.map(({ l4 }) => l4).sort()).toEqual(['other', 'tcp', 'udp', 'udp']);
    await example.finish();
  });

  it('counts what it cannot make out, in files of either byte order', async () => {
    const path = join(temporaryDirectory(), 'odd.pcap');
    const [packet] = await framesOf(MAIL);
    const changed = (change: (frame: Buffer) => unknown): Buffer => {
      const frame = Buffer.from(packet!);
      change(frame);
      return frame;
    };
    const frames = [
      packet!,
      changed((frame) => frame.writeUInt16BE(0x0806, 12)), // ARP
      changed((frame) => frame.writeUInt16BE(1_000, 16)), // longer than what was captured
      changed((frame) => frame.writeUInt16BE(0x2001, 20)), // a later fragment
      packet!.subarray(0, 20),
      Buffer.alloc(0),
    ];
    writeFileSync(path, bigEndian(frames));
    const example = await Example.run<FlowscopeTold>('flowscope.mjs', [path]);
    await expectAsKnown(example, FAMILIES);
    expect(example.told.packets).toEqual({ seen: 6, unmatched: 5 });
    expect((await example.scrape()).get('["flowscope_packets_unmatched_total"]')).toBe(5);
    await example.finish();
  });
});

it('prints tables for people', async () => {
  const { code, output } = await runForPeople('flowscope.mjs');
  expect(code).toBe(0);
  expect(output).toMatch(/10\.10\.1\.4:1470 > 74\.53\.140\.153:25 +│ fin +│ 7577\.7 ms │ +53 │/);
  expect(output).toMatch(/\b(\d+) of \1 samples/);
});

it('carries the capture that the example says it does', () => {
  expect(readFileSync(MAIL).includes('250 OK')).toBe(true);
});

/** A capture of Ethernet with nanoseconds, all numbers the other way round. */
function bigEndian(frames: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32BE(0xa1b23c4d, 0);
  head.writeUInt32BE(0x0002_0004, 4);
  head.writeUInt32BE(65_535, 16);
  head.writeUInt32BE(1, 20);
  const records = frames.flatMap((frame, i) => {
    const record = Buffer.alloc(16);
    record.writeUInt32BE(1_000, 0);
    record.writeUInt32BE(i, 4);
    record.writeUInt32BE(frame.length, 8);
    record.writeUInt32BE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}
