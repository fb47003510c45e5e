/** Who records: resource attributes by OpenTelemetry's names. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import { VERSION } from '../package';

/** Attributes by name. */
export type Resource = Readonly<Record<string, string>>;

// OpenTelemetry's words for what Node calls otherwise.
const ARCHITECTURES: Readonly<Record<string, string>> = {
  arm: 'arm32',
  ppc: 'ppc32',
  x64: 'amd64',
};
/** Where Linux keeps what tells one installation from all others. */
const MACHINE_IDS = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/**
 * Resource attributes, later sources over earlier ones: what is known of the process, the
 * environment's, the options'.
 *
 * @param service - wins over every other `service.name`
 */
export function makeResource(
  service: string,
  serviceVersion: string | undefined,
  environment: Resource,
  options: Resource,
): Resource {
  return {
    ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
    'service.instance.id': randomUUID(),
    ...hostAttributes(),
    ...processAttributes(),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'nanometer',
    'telemetry.sdk.version': VERSION,
    ...environment,
    ...options,
    'service.name': service,
  };
}

function hostAttributes(): Resource {
  const id = machineId();
  return {
    'host.name': hostname(),
    'host.arch': ARCHITECTURES[arch()] ?? arch(),
    ...(id !== undefined && { 'host.id': id }),
  };
}

function machineId(): string | undefined {
  for (const path of MACHINE_IDS) {
    try {
      const id = readFileSync(path, 'utf8').trim();
      if (id !== '') return id;
    } catch {
      // Not there, as in most containers and everywhere but on Linux.
    }
  }
  return undefined;
}

/** Without the arguments, which may have secrets in them. */
function processAttributes(): Resource {
  const script = process.argv[1];
  const owner = userName();
  return {
    'process.pid': String(process.pid),
    'process.parent_pid': String(process.ppid),
    'process.creation.time': new Date(Date.now() - process.uptime() * 1_000).toISOString(),
    'process.executable.name': basename(process.execPath),
    'process.executable.path': process.execPath,
    // As OpenTelemetry's own packages for Node have it: the script, not the word "node".
    ...(script !== undefined && { 'process.command': script }),
    ...(owner !== undefined && { 'process.owner': owner }),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
  };
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as containers have them.
    return undefined;
  }
}

/**
 * The attributes of `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs with commas between them, values
 * percent-encoded. `undefined` where any of it is malformed: OpenTelemetry says to discard it all.
 */
export function parseResourceAttributes(text: string): Resource | undefined {
  const attributes: Record<string, string> = {};
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).trim();
    if (key === '') return undefined;
    try {
      attributes[decodeURIComponent(key)] = decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      return undefined;
    }
  }
  return attributes;
}
