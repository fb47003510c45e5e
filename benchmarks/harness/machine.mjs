/** Says where figures were measured: a figure without its machine is a rumour. */
import os from 'node:os';

/** The machine, the runtime and the day, as they go into every result. */
export function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpus: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release().split('-')[0]} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    date: new Date().toISOString().slice(0, 10),
    // Runnable tasks a processor when the measurement began: above 0.3 or so, read with care.
    load: Math.round((os.loadavg()[0] / cpus.length) * 100) / 100,
  };
}
