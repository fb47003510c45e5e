import { Example, expectAsKnown, runForPeople, type Told } from './example';

interface Result {
  readonly holds: boolean;
  readonly [figure: string]: number | boolean;
}

interface CalimeroTold extends Told {
  readonly diverged: boolean;
  readonly converged: boolean;
  readonly same: boolean;
  readonly syncs: readonly string[];
  readonly judged: readonly {
    readonly when: string;
    readonly replica: string;
    readonly results: Readonly<Record<'channel_accounting' | 'I5' | 'I6' | 'I7', Result>>;
  }[];
  readonly sockets: readonly {
    readonly name: string;
    readonly sent: number;
    readonly received: number;
    readonly frames: number;
  }[];
}

const FAMILIES = /^(sync|network_event_channel|execution|calimero_governance|context_group)_/;
// How long something took only the clock knows; how often it was measured is compared.
const TIMES = /_seconds_(sum|bucket)$/;

describe('examples/calimero.mjs', () => {
  let example: Example<CalimeroTold>;

  beforeAll(async () => {
    example = await Example.run<CalimeroTold>('calimero.mjs');
  });

  it('has in /metrics what the logs of its lines and channels say, and nothing else', async () => {
    await expectAsKnown(example, FAMILIES, TIMES);
  });

  it('does not export the reserved group', async () => {
    const names = [...(await example.scrape()).keys()].join('\n');
    expect(names).toContain('context_group_store_self_purge_failures_total');
    expect(names).not.toContain('governance');
  });

  it('lost changes, and made up for them by each protocol', () => {
    const { diverged, converged, same, syncs } = example.told;
    expect({ diverged, converged, same }).toEqual({ diverged: true, converged: true, same: true });
    expect(syncs).toEqual(['hash_comparison', 'snapshot']);
  });

  it('logged every byte that its sockets carried', () => {
    const [alice, bob] = example.told.sockets;
    for (const { sent, frames } of [alice!, bob!]) expect(frames).toBe(sent);
    expect(alice!.sent).toBe(bob!.received);
    expect(bob!.sent).toBe(alice!.received);
  });

  it('keeps account of a full channel, and breaks I5 where a snapshot is refused', () => {
    const { judged } = example.told;
    expect(judged).toHaveLength(10);
    for (const { results } of judged) {
      expect(results.channel_accounting).toMatchObject({ holds: true, missing: 0 });
      expect(results.I6.holds && results.I7.holds).toBe(true);
    }
    const full = judged.filter(({ when }) => when === 'both are busy, and their channels are full');
    for (const { results } of full) {
      expect(results.channel_accounting).toMatchObject({ received: 128, depth: 32, dropped: 88 });
    }
    const broken = judged.filter(({ results }) => !results.I5.holds);
    expect(broken.map(({ when, replica }) => `${when}: ${replica}`)).toEqual([
      'a snapshot was refused: bob',
    ]);
  });

  it('ends well', async () => {
    expect(await example.finish()).toEqual({ code: 0, last: [] });
  });
});

it('prints tables for people', async () => {
  const { code, output } = await runForPeople('calimero.mjs');
  expect(code).toBe(0);
  expect(output).toMatch(/a snapshot was refused +│ bob +│.*│ holds +│ BROKEN │ holds +│ holds/);
  expect(output).toMatch(/\b(\d+) of \1 samples/);
});
