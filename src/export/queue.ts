/** The bounds of what an exporter keeps while its receiver cannot take it. */
import { checkKeys } from '../open/check-option';
import type { Environment } from '../open/environment';
import type { ResolvedQueue } from './resolved';
import { fromCode, fromVariables, whole } from '../open/setting';

const KEYS = ['maxBytes', 'maxItems', 'maxSpans'];

const MAX_BYTES = whole(64 << 10, 4 * 2 ** 30);
const COUNT = whole(1);
const MAX_SPANS = 'OTEL_BSP_MAX_QUEUE_SIZE';

/** @param name - of the option, for its errors */
export function resolveQueue(
  name: string,
  given: unknown,
  environment: Environment,
): ResolvedQueue {
  const options = checkKeys(name, given === undefined ? {} : given, KEYS);
  return {
    maxBytes: fromCode(MAX_BYTES, `${name}.maxBytes`, options.maxBytes) ?? 32 << 20,
    maxItems: fromCode(COUNT, `${name}.maxItems`, options.maxItems) ?? 500_000,
    maxSpans:
      fromCode(COUNT, `${name}.maxSpans`, options.maxSpans) ??
      fromVariables(COUNT, environment, [MAX_SPANS]) ??
      20_480,
  };
}
