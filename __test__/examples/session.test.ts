import { session } from 'nanometer/catalogs';
import { Example, expectAsKnown, runForPeople, type Told } from './example';

interface Readings {
  readonly values: number[];
  readonly since: number[];
  readonly knownValues: number[];
  readonly knownSince: number[];
}

interface SessionTold extends Told {
  readonly pieces: number;
  readonly readings: Readonly<Record<'seed' | 'mallory' | 'alice' | 'bob', Readings>>;
}

const FAMILIES =
  /^(net|disk|dht|peer|proto|bw|ses|choke|connect|data|dispatch|event|first|piece|remote|target)_/;
const indexOf = (name: string): number => session.metrics.find((one) => one.name === name)!.index;

describe.each(['production', 'diagnostic'])('examples/session.mjs at the level %s', (level) => {
  let example: Example<SessionTold>;

  beforeAll(async () => {
    example = await Example.run<SessionTold>('session.mjs', [], { NANOMETER_LEVEL: level });
  });

  it('has in /metrics what its sockets, files and logs say, and nothing else', async () => {
    await expectAsKnown(example, FAMILIES);
  });

  it('reads the same by index, at one instant and since an earlier one', () => {
    for (const peer of Object.values(example.told.readings)) {
      expect(peer.values).toEqual(peer.knownValues);
      expect(peer.since).toEqual(peer.knownSince);
      expect(peer.values).toHaveLength(99);
    }
  });

  it('moved whole torrents: what one peer sent another received', () => {
    const { readings, pieces } = example.told;
    const sum = (name: string): number =>
      Object.values(readings).reduce((total, { values }) => total + values[indexOf(name)]!, 0);
    const of = (peer: keyof typeof readings, name: string): number =>
      readings[peer].values[indexOf(name)]!;
    expect(sum('net.bytes_sent')).toBe(sum('net.bytes_recv'));
    expect(sum('bw.total_uploaded')).toBe(sum('bw.total_downloaded'));
    expect(sum('proto.handshakes_out')).toBe(sum('proto.handshakes_in'));
    expect(of('alice', 'proto.pieces_downloaded')).toBe(pieces);
    expect(of('bob', 'proto.pieces_downloaded')).toBe(pieces);
    // 24 pieces of 64 KiB for each, and the wrong one once more.
    expect(of('bob', 'bw.total_downloaded')).toBe(24 * 65_536);
    expect(of('alice', 'bw.total_downloaded')).toBe(25 * 65_536);
    expect(of('alice', 'proto.waste_bytes')).toBe(65_536);
    expect(of('alice', 'proto.hashfails')).toBe(1);
    expect(of('alice', 'peer.num_banned')).toBe(1);
    expect(of('bob', 'proto.hashfails')).toBe(0);
    expect(sum('proto.piece_rejects')).toBeGreaterThan(0);
    expect(readings.alice.since[indexOf('proto.pieces_downloaded')]).toBe(0);
  });

  it('counts what is for diagnosis at that level only', () => {
    const { values } = example.told.readings.alice;
    const diagnostic = values.slice(70).filter((value) => value > 0);
    if (level === 'diagnostic') {
      expect(values[indexOf('dispatch.peer_connect_total')]).toBe(3);
      expect(diagnostic.length).toBeGreaterThan(5);
    } else expect(diagnostic).toEqual([]);
  });

  it('ends well', async () => {
    expect(await example.finish()).toEqual({ code: 0, last: [] });
  });
});

it('prints tables for people', async () => {
  const { code, output } = await runForPeople('session.mjs');
  expect(code).toBe(0);
  expect(output).toMatch(/48 +│ proto\.pieces_downloaded +│ +0 │ +0 │ +24 │ +24 │/);
  expect(output).toMatch(/\b(\d+) of \1 samples/);
});
