/** Who records: resource attributes by OpenTelemetry's names. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { VERSION } from './package';

/** Attributes by name. */
export type Resource = Readonly<Record<string, string>>;

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
    'host.name': hostname(),
    'process.pid': String(process.pid),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'nanometer',
    'telemetry.sdk.version': VERSION,
    ...environment,
    ...options,
    'service.name': service,
  };
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
