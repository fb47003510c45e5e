/** Resource attributes as they are given, by the options of `open()` and by the environment. */
import { refuse } from './check-option';
import { type Environment, ignore } from './environment';
import { show } from '../errors';
import { parseResourceAttributes, type Resource } from './resource';

/**
 * The most bytes of names and values: as JSON, where one byte may take six, half of the largest
 * request of OTLP, and a tenth of what may describe a segment.
 */
const MOST_BYTES = 256 << 10;

/** Those of the options. Throws `NANOMETER_INVALID_OPTION`. */
export function checkResource(resource: unknown): Resource {
  if (resource === undefined) return {};
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) {
    return refuse(`resource is an object of strings, not ${show(resource)}`);
  }
  const attributes: Record<string, string> = {};
  for (const [key, value] of Object.entries(resource as Record<string, unknown>)) {
    if (key === '' || typeof value !== 'string') {
      return refuse(
        `the resource attribute ${show(key)} is ${show(value)}; give names and strings`,
      );
    }
    attributes[key.toWellFormed()] = value.toWellFormed();
  }
  const excess = excessOf(attributes);
  return excess === undefined ? attributes : refuse(`resource: ${excess}`);
}

/** Those of `OTEL_RESOURCE_ATTRIBUTES`; none where they cannot be taken, which is reported. */
export function resourceOf(environment: Environment): Resource {
  const text = environment.OTEL_RESOURCE_ATTRIBUTES;
  if (!text) return {};
  const attributes = parseResourceAttributes(text);
  if (attributes === undefined) {
    ignore('OTEL_RESOURCE_ATTRIBUTES', text, 'it is key=value pairs with commas between them');
    return {};
  }
  const excess = excessOf(attributes);
  if (excess === undefined) return attributes;
  ignore('OTEL_RESOURCE_ATTRIBUTES', text, excess);
  return {};
}

/** What is too much about attributes, if anything. */
function excessOf(attributes: Resource): string | undefined {
  const sizes = Object.entries(attributes).map(([key, value]) => ({
    key,
    bytes: Buffer.byteLength(key) + Buffer.byteLength(value),
  }));
  const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes <= MOST_BYTES) return undefined;
  const largest = sizes.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return (
    `its attributes take ${bytes} bytes, of which ${show(largest.key)} takes ${largest.bytes}; ` +
    `${MOST_BYTES} are accepted, names and values together`
  );
}
