/** The machine and the programs that a run was measured with. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus, machine, release, totalmem, type } from 'node:os';
import { versions } from 'node:process';
import { VERSION } from '../../package';
import type { Measured } from '../measured';
import type { ReportEnvironment } from '../report';

const GOVERNOR = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';
const CLOCK_SOURCE = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

/** The environment of a run on this machine. */
export function environmentOf(measured: Measured): ReportEnvironment {
  const processors = cpus();
  // Virtual machines may give an empty model.
  const processor = [processors[0]?.model.trim(), 'unknown'].find(Boolean)!;
  const memoryBytes = totalmem();
  return {
    processor,
    cores: processors.length,
    memoryBytes,
    system: `${type()} ${release()} ${machine()}`,
    node: versions.node,
    v8: versions.v8,
    nanometer: VERSION,
    backend: measured.backend,
    governor: lineOf(GOVERNOR),
    clockSource: lineOf(CLOCK_SOURCE),
    machine: machineHash([processor, processors.length, Math.round(memoryBytes / 2 ** 30)]),
    load: measured.loadBefore,
  };
}

/** A hash of systemd's id of the machine, where it has one, and of its hardware. */
function machineHash(hardware: readonly (string | number)[]): string {
  const identity = [lineOf('/etc/machine-id'), ...hardware].join('\n');
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

/** The only line of a file; `null` where it is not there, not readable or empty. */
function lineOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
