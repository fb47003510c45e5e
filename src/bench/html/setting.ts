/** The section of what is needed to repeat a run, or to doubt it: how it was run, and where. */
import type { Report } from '../report';
import type { Markup } from './markup';
import { markup } from './markup';
import { noticesOf } from './notices';
import type { Section } from './section';
import { facts } from './table';
import { bytes, NOTHING, plain, rate, share, time, variantName, whole } from './words';

/** How and where. */
export function settingSection(report: Report): Section {
  return {
    id: 'setting',
    title: 'How and where it was run',
    name: 'Setting',
    lead: 'Figures of two machines, or of two settings, are not of the same thing.',
    body: [
      markup`<div class="trio">
<div><h3>Load</h3>${loadOf(report)}</div>
<div><h3>Machine</h3>${machineOf(report)}</div>
<div><h3>Noise</h3>${noiseOf(report)}</div>
</div>`,
      noticesOf(report.notes, 'note'),
    ],
  };
}

function loadOf({ load, pipeline, variant }: Report): Markup {
  const { kind, concurrency, ratePerSecond } = load;
  return facts([
    ['Loop', kind === 'open' ? `open, ${rate(ratePerSecond ?? 0)}` : 'closed'],
    ['In flight, each worker', concurrency === null ? 'no bound' : `${whole(concurrency)} at most`],
    ['Workers', whole(load.workers)],
    ['Elements', load.input === null ? pipeline.source : markup`<code>${load.input}</code>`],
    ['Passage', pipeline.passage],
    ['Measured', `${seconds(load.durationMs)} in ${whole(load.rounds)} × ${seconds(load.roundMs)}`],
    ['Warm-up', seconds(load.warmupMs)],
    ['Figures are of the level', variantName(variant)],
    ['Seed', String(load.seed)],
  ]);
}

function machineOf({ environment: of }: Report): Markup {
  return facts([
    ['Processor', of.processor],
    ['Cores', whole(of.cores)],
    ['Memory', bytes(of.memoryBytes)],
    ['System', of.system],
    ['Node', of.node],
    ['V8', of.v8],
    ['nanometer', `${of.nanometer}, ${of.backend}`],
    ['Governor', of.governor ?? NOTHING],
    ['Clock', of.clockSource ?? NOTHING],
    ['Load before', plain(of.load)],
    ['Machine', markup`<code>${of.machine}</code>`],
  ]);
}

function noiseOf({ noise, harness }: Report): Markup {
  return facts([
    ['Throughput of rounds', `± ${share(noise.throughput)}`],
    ['A fixed piece of work', `± ${share(noise.reference)}`],
    ['… takes', time(noise.referenceNs)],
    ['The bench itself, an element', time(harness?.nsPerElement ?? null)],
    ['… and each component', time(harness?.nsPerComponent ?? null)],
  ]);
}

/** Milliseconds as seconds. */
const seconds = (ms: number): string => `${plain(ms / 1000)} s`;
