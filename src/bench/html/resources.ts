/** The section of what the run used: event loops, memory, buffers. */
import type { Report, ReportBuffers, ReportMemory, ReportScheduling } from '../report';
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Section } from './section';
import { facts } from './table';
import { bytes, plain, share, time, whole } from './words';

/** Scheduling, memory and buffers. */
export function resourcesSection({ scheduling, memory, buffers }: Report): Section {
  return {
    id: 'resources',
    title: 'What it used',
    name: 'Resources',
    lead: leadOf(scheduling, memory),
    body: markup`<div class="trio">
${card('Scheduling', ofScheduling(scheduling))}
${card('Memory', ofMemory(memory))}
${card('Buffers', buffers === null ? markup`<p class="quiet">No pool was used, and no copy was recorded.</p>` : ofBuffers(buffers))}
</div>`,
  };
}

function leadOf(scheduling: ReportScheduling, memory: ReportMemory): Content {
  const busy = `The event loop was at work ${share(scheduling.utilization)} of the time`;
  return `${busy}, and ${share(memory.collectionShare)} of the time went to collecting garbage.`;
}

function card(title: string, body: Content): Markup {
  return markup`<div><h3>${title}</h3>${body}</div>`;
}

function ofScheduling({
  utilization,
  wakeupsPerSecond,
  idleShare,
  loopDelay,
}: ReportScheduling): Markup {
  return facts([
    ['Event loop at work', share(utilization)],
    ['Idle', share(idleShare)],
    ['Wake-ups a second and worker', plain(wakeupsPerSecond)],
    ['Loop delay p50', time(loopDelay.p50Ns)],
    ['Loop delay p99', time(loopDelay.p99Ns)],
    ['Loop delay at most', time(loopDelay.maxNs)],
  ]);
}

function ofMemory(memory: ReportMemory): Markup {
  return facts([
    ['Resident, peak', bytes(memory.rssPeakBytes)],
    ['Resident, mean', bytes(memory.rssMeanBytes)],
    ['Heap, peak', bytes(memory.heapUsedPeakBytes)],
    ['Outside the heap, peak', bytes(memory.externalPeakBytes)],
    ['Garbage collections', whole(memory.collections)],
    ['Time of collecting', `${time(memory.collectionMs * 1e6)} (${share(memory.collectionShare)})`],
  ]);
}

function ofBuffers(buffers: ReportBuffers): Markup {
  const { allocations, poolHits, fallbacks, copies, copiedBytes, copiesByReason } = buffers;
  return facts([
    ['Allocations', whole(allocations)],
    [
      'From a pool',
      allocations > 0 ? `${whole(poolHits)} (${share(poolHits / allocations)})` : '0',
    ],
    ['Fallbacks', whole(fallbacks)],
    ['Copies', `${whole(copies)} (${bytes(copiedBytes)})`],
    ...Object.entries(copiesByReason).map(
      ([reason, count]) => [`… because of ${reason}`, whole(count)] as const,
    ),
  ]);
}
