/** All that `open()` is told of exporting, by its options and by the environment, made complete. */
import { constants } from 'node:os';
import { checkKeys, refuse } from '../open/check-option';
import type { Environment } from '../open/environment';
import { show } from '../errors';
import { type CustomExporter, resolveCustom } from './custom';
import { resolveOtlp } from './otlp';
import { type ResolvedExporter, type Signal } from './resolved';
import { selectionOf, type SignalChoice } from './selection';
import { fromCode, whole } from '../open/setting';
import { resolveStream } from './streams';

/** How what has not been exported yet leaves a process that ends. */
export interface ResolvedFlush {
  readonly timeoutMs: number;
  readonly signals: readonly NodeJS.Signals[];
}

/** See the file. */
export interface ResolvedExport {
  /** Those that a native thread runs. */
  readonly exporters: readonly ResolvedExporter[];
  /** The program's own. */
  readonly custom: readonly CustomExporter[];
  readonly flush: ResolvedFlush;
}

const FLUSH_KEYS = ['timeoutMs', 'onSignals'];
const TIMEOUT_MS = whole(0, 600_000);
const DEFAULT_TIMEOUT_MS = 2_000;
const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
// Nobody can listen to them.
const DEAF: readonly string[] = ['SIGKILL', 'SIGSTOP'];

/** Throws `NANOMETER_INVALID_OPTION`. */
export function resolveExport(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): ResolvedExport {
  const choices = selectionOf(environment);
  const otlp = resolveOtlp(options.otlp, environment, choices);
  const { streams, custom } = listed(options.exporters, environment);
  const exporters = [...(otlp === null ? [] : [otlp]), ...streams];
  const chosen = chosenStdout(choices, environment);
  const isListed = streams.some(({ kind }) => kind === 'stdout');
  if (chosen !== null && !isListed) exporters.push(chosen);
  checkNames([...exporters, ...custom]);
  return { exporters, custom, flush: resolveFlush(options.flush) };
}

function listed(
  given: unknown,
  environment: Environment,
): { streams: ResolvedExporter[]; custom: CustomExporter[] } {
  if (given !== undefined && !Array.isArray(given)) {
    return refuse(`exporters is a list, not ${show(given)}`);
  }
  const streams: ResolvedExporter[] = [];
  const custom: CustomExporter[] = [];
  for (const [index, one] of ((given ?? []) as unknown[]).entries()) {
    const at = `exporters[${index}]`;
    if (one === 'stdout') streams.push(resolveStream(at, 'stdout', {}, environment));
    else if (typeof one !== 'object' || one === null) {
      refuse(`${at} is "stdout", or an object with a type or a function export, not ${show(one)}`);
    } else if ('type' in one && !('export' in one)) {
      const { type } = one;
      if (type !== 'stdout' && type !== 'file') {
        refuse(`${at}.type is "stdout" or "file", not ${show(type)}`);
      } else streams.push(resolveStream(at, type, one, environment));
    } else custom.push(resolveCustom(at, one, environment));
  }
  return { streams, custom };
}

/** Standard output, where the environment says that a signal goes there. */
function chosenStdout(
  choices: Readonly<Record<Signal, SignalChoice>>,
  environment: Environment,
): ResolvedExporter | null {
  const [metrics, traces] = [choices.metrics.stdout, choices.traces.stdout];
  if (!metrics && !traces) return null;
  return resolveStream('OTEL_*_EXPORTER', 'stdout', { metrics, traces }, environment);
}

/** Counts and status tell them apart by their names. */
function checkNames(all: readonly { readonly name: string }[]): void {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  refuse(`two exporters are called ${show(twice)}: give each a name of its own`);
}

/** How long a flush may take; `undefined` where that is not said. Throws as `open()` does. */
export function checkFlush(given: unknown): number | undefined {
  const options = checkKeys('flush()', given === undefined ? {} : given, ['timeoutMs']);
  return fromCode(TIMEOUT_MS, 'timeoutMs', options.timeoutMs);
}

function resolveFlush(given: unknown): ResolvedFlush {
  const options = checkKeys('flush', given === undefined ? {} : given, FLUSH_KEYS);
  return {
    timeoutMs: fromCode(TIMEOUT_MS, 'flush.timeoutMs', options.timeoutMs) ?? DEFAULT_TIMEOUT_MS,
    signals: signalsOf(options.onSignals ?? false),
  };
}

function signalsOf(given: unknown): readonly NodeJS.Signals[] {
  if (typeof given === 'boolean') return given ? DEFAULT_SIGNALS : [];
  if (!Array.isArray(given)) {
    return refuse(`flush.onSignals is true, false or a list of signals, not ${show(given)}`);
  }
  for (const signal of given as unknown[]) {
    const isSignal = typeof signal === 'string' && Object.hasOwn(constants.signals, signal);
    if (isSignal && !DEAF.includes(signal)) continue;
    refuse(
      `flush.onSignals lists signals that can be listened to, such as "SIGTERM", not ${show(signal)}`,
    );
  }
  return [...new Set(given as NodeJS.Signals[])];
}
