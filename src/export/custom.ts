/** A program's own exporter, as `exporters` lists it: checked, and complete. */
import { checkKeys, refuse } from '../open/check-option';
import type { Environment } from '../open/environment';
import { show } from '../errors';
import type { ExportBatch } from './options';
import { INTERVAL_MS, millisOf } from './schedule';
import { FLAG, fromCode, whole } from '../open/setting';
import { NAME } from './streams';

/** See the file. */
export interface CustomExporter {
  readonly name: string;
  readonly call: (batch: ExportBatch) => unknown;
  readonly intervalMs: number;
  readonly metrics: boolean;
  readonly traces: boolean;
  /** The most spans that wait for it. */
  readonly maxSpans: number;
}

const MAX_SPANS = whole(1, 1_000_000);
const DEFAULT_MAX_SPANS = 2_048;
const KEYS = ['name', 'export', 'intervalMs', 'metrics', 'traces', 'maxSpans'];

/**
 * @param at - how messages call it: `exporters[1]`
 * @throws NanometerError `NANOMETER_INVALID_OPTION`
 */
export function resolveCustom(at: string, given: object, environment: Environment): CustomExporter {
  // Its class may have more of its own: only a plain object can have a misspelt option.
  const options = isPlain(given) ? checkKeys(at, given, KEYS) : (given as Record<string, unknown>);
  const call: unknown = options.export;
  if (typeof call !== 'function') {
    return refuse(`${at}.export is a function that takes a batch, not ${show(call)}`);
  }
  const intervalMs = fromCode(INTERVAL_MS, `${at}.intervalMs`, options.intervalMs);
  return {
    name: fromCode(NAME, `${at}.name`, options.name ?? null)!,
    call: (batch) => Reflect.apply(call, given, [batch]) as unknown,
    intervalMs: millisOf('metrics', intervalMs, environment),
    metrics: fromCode(FLAG, `${at}.metrics`, options.metrics) ?? true,
    traces: fromCode(FLAG, `${at}.traces`, options.traces) ?? true,
    maxSpans: fromCode(MAX_SPANS, `${at}.maxSpans`, options.maxSpans) ?? DEFAULT_MAX_SPANS,
  };
}

function isPlain(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || prototype === Object.prototype;
}
