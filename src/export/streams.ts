/** Exporters to standard output and to files, as `exporters` lists them. */
import { resolve } from 'node:path';
import { checkKeys } from '../open/check-option';
import type { Environment } from '../open/environment';
import { resolveQueue } from './queue';
import type { Destination, ResolvedExporter } from './resolved';
import {
  DELAY_MS,
  INTERVAL_MS,
  maxBatchOf,
  METRICS_KEYS,
  millisOf,
  TEMPORALITY,
  TRACES_KEYS,
} from './schedule';
import { FLAG, fromCode, type Setting, whole } from '../open/setting';

const KEYS = ['type', 'name', 'metrics', 'traces', 'queue', ...METRICS_KEYS, ...TRACES_KEYS];
const FILE_KEYS = [...KEYS, 'path', 'maxBytes', 'maxFiles'];

const MAX_BYTES = whole(4 << 10, 2 ** 40);
const MAX_FILES = whole(1, 10_000);
const PATH: Setting<string> = {
  accepted: 'the path of a file',
  check: (given) =>
    typeof given === 'string' && given !== '' && !given.includes('\0') ? resolve(given) : undefined,
  read: (text) => resolve(text),
};

/** What an exporter is called. */
export const NAME: Setting<string> = {
  accepted: '1 to 100 letters, digits or any of _, . and -',
  check: (given) => (typeof given === 'string' ? nameOf(given) : undefined),
  read: (text) => nameOf(text),
};

/**
 * One of them.
 *
 * @param at - how messages call it: `exporters[1]`
 * @param signals - which signals go there, where the option does not say; both when left out
 * @throws NanometerError `NANOMETER_INVALID_OPTION`
 */
export function resolveStream(
  at: string,
  kind: 'stdout' | 'file',
  given: object,
  environment: Environment,
): ResolvedExporter {
  const options = checkKeys(at, given, kind === 'file' ? FILE_KEYS : KEYS);
  const queue = resolveQueue(`${at}.queue`, options.queue, environment);
  const destination = kind === 'file' ? fileOf(at, options) : {};
  const intervalMs = fromCode(INTERVAL_MS, `${at}.intervalMs`, options.intervalMs);
  const temporality = fromCode(TEMPORALITY, `${at}.temporality`, options.temporality);
  const delayMs = fromCode(DELAY_MS, `${at}.delayMs`, options.delayMs);
  const metrics = {
    destination,
    intervalMs: millisOf('metrics', intervalMs, environment),
    temporality: temporality ?? 'cumulative',
  };
  const traces = {
    destination,
    delayMs: millisOf('traces', delayMs, environment),
    maxBatch: maxBatchOf(`${at}.maxBatch`, options.maxBatch, queue.maxSpans, environment),
  };
  return {
    name: fromCode(NAME, `${at}.name`, options.name) ?? kind,
    kind,
    metrics: (fromCode(FLAG, `${at}.metrics`, options.metrics) ?? true) ? metrics : null,
    traces: (fromCode(FLAG, `${at}.traces`, options.traces) ?? true) ? traces : null,
    queue,
  };
}

function fileOf(at: string, options: Readonly<Record<string, unknown>>): Destination {
  return {
    path: fromCode(PATH, `${at}.path`, options.path ?? null)!,
    maxBytes: fromCode(MAX_BYTES, `${at}.maxBytes`, options.maxBytes) ?? 100 << 20,
    maxFiles: fromCode(MAX_FILES, `${at}.maxFiles`, options.maxFiles) ?? 5,
  };
}

function nameOf(text: string): string | undefined {
  return /^[\w.-]{1,100}$/.test(text) ? text : undefined;
}
