/** The sections of what a run used and where it ran. */
import type { Report } from '../report';
import type { Cell, Section } from './section';
import { count, percent, size, time } from './units';

/** Buffers, scheduling, memory and environment: pairs of a name and figures. */
export function machineSections(report: Report): Section[] {
  return [
    { title: 'Buffers', rows: buffers(report) },
    { title: 'Scheduling', rows: scheduling(report) },
    { title: 'Memory', rows: memory(report) },
    { title: 'Environment', rows: environment(report) },
  ];
}

function buffers({ buffers: figures }: Report): Cell[][] {
  if (figures === null) return [];
  const { allocations, poolHits, fallbacks, copies, copiedBytes, copiesByReason } = figures;
  const reasons = Object.entries(copiesByReason)
    .filter(([, copied]) => copied > 0)
    .map(([reason, copied]) => `${reason} ${count(copied)}`);
  return [
    [
      'pools',
      `${count(allocations)} taken: ${count(poolHits)} hits, ${count(fallbacks)} fallbacks`,
    ],
    ['copies', [`${count(copies)} of ${size(copiedBytes)}`, ...reasons].join(', ')],
  ];
}

function scheduling({
  scheduling: { utilization, idleShare, wakeupsPerSecond, loopDelay },
}: Report): Cell[][] {
  const { p50Ns, p99Ns, maxNs } = loopDelay;
  return [
    ['event loop', `${percent(utilization)} at work, ${percent(idleShare)} idle`],
    ['wake-ups', `${count(wakeupsPerSecond)}/s`],
    ['loop delay', `p50 ${time(p50Ns)}, p99 ${time(p99Ns)}, max ${time(maxNs)}`],
  ];
}

function memory({ memory: figures }: Report): Cell[][] {
  const { rssPeakBytes, rssMeanBytes, heapUsedPeakBytes, externalPeakBytes } = figures;
  const { collections, collectionMs, collectionShare } = figures;
  return [
    ['resident', `${size(rssPeakBytes)} peak, ${size(rssMeanBytes)} mean`],
    ['heap', `${size(heapUsedPeakBytes)} peak, ${size(externalPeakBytes)} external`],
    [
      'collections',
      `${count(collections)}, ${time(collectionMs * 1e6)}, ${percent(collectionShare)} of the time`,
    ],
  ];
}

function environment({ environment: where, noise, harness }: Report): Cell[][] {
  const { processor, cores, memoryBytes, system, node, v8, nanometer, backend } = where;
  return [
    [
      'machine',
      `${processor}, ${cores} cores, ${size(memoryBytes)} (${where.machine.slice(0, 8)})`,
    ],
    ['system', `${system}, load before ${where.load.toFixed(2)}`],
    ['clock', `${where.clockSource ?? 'unknown'}, governor ${where.governor ?? 'unknown'}`],
    ['versions', `Node ${node}, V8 ${v8}, nanometer ${nanometer} (${backend})`],
    [
      'noise',
      `±${percent(noise.throughput)} between rounds, ±${percent(noise.reference)} of the machine itself`,
    ],
    [
      'the bench',
      harness === null
        ? 'its own cost was not measured'
        : `${time(harness.nsPerElement)} an element, ${time(harness.nsPerComponent)} a component, in the figures above`,
    ],
  ];
}
