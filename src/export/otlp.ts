/**
 * What `otlp` and the variables of OTLP make together. Code beats the variable of a signal, which
 * beats that of both signals.
 */
import { checkKeys, refuse } from '../open/check-option';
import { type Environment, ignore, textOf } from '../open/environment';
import { defaultEndpoint, type EndpointUse } from './endpoint';
import { resolveQueue } from './queue';
import {
  DELAY_MS,
  INTERVAL_MS,
  maxBatchOf,
  METRICS_KEYS,
  millisOf,
  TEMPORALITY,
  TRACES_KEYS,
} from './schedule';
import type { SignalChoice } from './selection';
import { fromCode, fromVariables, FLAG, type Setting, whole, word } from '../open/setting';
import { endpoint, FILE, HEADERS } from './settings';
import {
  type OtlpDestination,
  type OtlpProtocol,
  type ResolvedExporter,
  type ResolvedMetrics,
  type ResolvedTraces,
  type Signal,
  type Temporality,
} from './resolved';

const TRANSPORT_KEYS = [
  'endpoint',
  'protocol',
  'headers',
  'compression',
  'timeoutMs',
  'certificate',
  'clientKey',
  'clientCertificate',
  'insecure',
] as const;
type TransportKey = (typeof TRANSPORT_KEYS)[number];

const KEYS_OF_BOTH = [...TRANSPORT_KEYS, ...METRICS_KEYS, ...TRACES_KEYS];
const KEYS = [...KEYS_OF_BOTH, 'metrics', 'traces', 'queue'];
const KEYS_OF: Readonly<Record<Signal, readonly string[]>> = {
  metrics: [...TRANSPORT_KEYS, ...METRICS_KEYS],
  traces: [...TRANSPORT_KEYS, ...TRACES_KEYS],
};

/** How the variables of a setting end. */
const SUFFIXES: Readonly<Record<TransportKey, string>> = {
  endpoint: 'ENDPOINT',
  protocol: 'PROTOCOL',
  headers: 'HEADERS',
  compression: 'COMPRESSION',
  timeoutMs: 'TIMEOUT',
  certificate: 'CERTIFICATE',
  clientKey: 'CLIENT_KEY',
  clientCertificate: 'CLIENT_CERTIFICATE',
  insecure: 'INSECURE',
};
/** The variables that bound an export as a whole; here, a request cannot take longer. */
const EXPORT_TIMEOUTS: Readonly<Record<Signal, string>> = {
  metrics: 'OTEL_METRIC_EXPORT_TIMEOUT',
  traces: 'OTEL_BSP_EXPORT_TIMEOUT',
};

const PROTOCOL: Setting<OtlpProtocol> = word('http/protobuf', 'grpc', 'http/json');
const COMPRESSION = word('gzip', 'none');
const TIMEOUT_MS = whole(0);
const DEFAULT_PROTOCOL: OtlpProtocol = 'http/protobuf';
const DEFAULT_TIMEOUT_MS = 10_000;
const NAME = 'otlp';

/** What is said of one signal, wherever. */
interface Said {
  readonly signal: Signal;
  readonly environment: Environment;
  /** What code says of both signals, and of this one. */
  readonly common: Readonly<Record<string, unknown>>;
  readonly own: Readonly<Record<string, unknown>>;
}

/**
 * The exporter that pushes OTLP, or `null` where nothing is pushed.
 *
 * @param given - the option `otlp`
 * @param choices - where the environment says that signals go
 * @throws NanometerError `NANOMETER_INVALID_OPTION`
 */
export function resolveOtlp(
  given: unknown,
  environment: Environment,
  choices: Readonly<Record<Signal, SignalChoice>>,
): ResolvedExporter | null {
  if (given === false) return null;
  const common = checkKeys('otlp', given === undefined ? {} : given, KEYS);
  const queue = resolveQueue('otlp.queue', common.queue, environment);
  const said = (signal: Signal): Said | null => {
    const own = common[signal];
    if (own === false) return null;
    const isChosen =
      choices[signal].otlp ?? (given !== undefined || hasEndpoint(environment, signal));
    if (own === undefined && !isChosen) return null;
    return {
      ...{ signal, environment, common },
      own: checkKeys(`otlp.${signal}`, own === undefined ? {} : own, KEYS_OF[signal]),
    };
  };
  const [metrics, traces] = [said('metrics'), said('traces')];
  if (metrics === null && traces === null) return null;
  return {
    name: NAME,
    kind: 'otlp',
    metrics: metrics === null ? null : metricsOf(metrics),
    traces: traces === null ? null : tracesOf(traces, queue.maxSpans),
    queue,
  };
}

function hasEndpoint(environment: Environment, signal: Signal): boolean {
  return variablesOf('endpoint', signal).some(
    (variable) => textOf(environment, variable) !== undefined,
  );
}

/** The variables of a setting: the signal's before that of both. */
function variablesOf(key: TransportKey, signal: Signal): readonly string[] {
  const suffix = SUFFIXES[key];
  return [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`];
}

function metricsOf(said: Said): ResolvedMetrics {
  const temporality: Temporality | undefined =
    coded(TEMPORALITY, said, 'temporality') ??
    fromVariables(TEMPORALITY, said.environment, [
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    ]);
  return {
    destination: destinationOf(said),
    intervalMs: millisOf('metrics', coded(INTERVAL_MS, said, 'intervalMs'), said.environment),
    temporality: temporality ?? 'cumulative',
  };
}

function tracesOf(said: Said, maxSpans: number): ResolvedTraces {
  const name = said.own.maxBatch === undefined ? 'otlp.maxBatch' : 'otlp.traces.maxBatch';
  const maxBatch = said.own.maxBatch ?? said.common.maxBatch;
  return {
    destination: destinationOf(said),
    delayMs: millisOf('traces', coded(DELAY_MS, said, 'delayMs'), said.environment),
    maxBatch: maxBatchOf(name, maxBatch, maxSpans, said.environment),
  };
}

function destinationOf(said: Said): OtlpDestination {
  const protocol = settled(PROTOCOL, said, 'protocol') ?? DEFAULT_PROTOCOL;
  const insecure = settled(FLAG, said, 'insecure') ?? false;
  const [clientKey, clientCertificate] = identityOf(said);
  return {
    protocol,
    endpoint: endpointOf(said, protocol, insecure),
    headers: settled(HEADERS, said, 'headers') ?? {},
    compression: settled(COMPRESSION, said, 'compression') ?? 'none',
    timeoutMs: timeoutOf(said),
    certificate: settled(FILE, said, 'certificate') ?? null,
    clientKey,
    clientCertificate,
    insecure,
  };
}

function endpointOf(said: Said, protocol: OtlpProtocol, insecure: boolean): string {
  const { signal, own, common, environment } = said;
  const setting = (isBase: boolean): Setting<string> => {
    const use: EndpointUse = { protocol, insecure, signal, isBase };
    return endpoint(use);
  };
  const [verbatim, base] = [setting(false), setting(true)];
  const [ofSignal, ofBoth] = variablesOf('endpoint', signal) as [string, string];
  const inCode = fromCode(base, 'otlp.endpoint', common.endpoint);
  return (
    fromCode(verbatim, `otlp.${signal}.endpoint`, own.endpoint) ??
    inCode ??
    fromVariables(verbatim, environment, [ofSignal]) ??
    fromVariables(base, environment, [ofBoth]) ??
    base.read(defaultEndpoint(protocol))!
  );
}

/** A key without its certificate, or the other way round, says nothing. */
function identityOf(said: Said): readonly [key: string | null, certificate: string | null] {
  const key = settled(FILE, said, 'clientKey');
  const certificate = settled(FILE, said, 'clientCertificate');
  if (key !== undefined && certificate !== undefined) return [key, certificate];
  if (key === undefined && certificate === undefined) return [null, null];
  const alone: TransportKey = key === undefined ? 'clientCertificate' : 'clientKey';
  const other: TransportKey = key === undefined ? 'clientKey' : 'clientCertificate';
  if (said.own[alone] !== undefined || said.common[alone] !== undefined) {
    return refuse(`otlp.${alone} is given without otlp.${other}`);
  }
  const variables = variablesOf(alone, said.signal);
  const variable = variables.find((one) => textOf(said.environment, one) !== undefined);
  ignore(variable ?? variables[1]!, undefined, `it needs a ${SUFFIXES[other]} beside it`);
  return [null, null];
}

/** What no request is to exceed: its own limit, and that of an export. 0 is none. */
function timeoutOf(said: Said): number {
  const inCode = coded(TIMEOUT_MS, said, 'timeoutMs');
  if (inCode !== undefined) return inCode;
  const { environment, signal } = said;
  const ofRequest = fromVariables(TIMEOUT_MS, environment, variablesOf('timeoutMs', signal));
  const ofExport = fromVariables(TIMEOUT_MS, environment, [EXPORT_TIMEOUTS[signal]]);
  const limits = [ofRequest ?? DEFAULT_TIMEOUT_MS, ofExport ?? 0].filter((limit) => limit > 0);
  return limits.length === 0 ? 0 : Math.min(...limits);
}

/** What code says of a setting, for this signal before both. */
function coded<T>(setting: Setting<T>, { signal, own, common }: Said, key: string): T | undefined {
  const ofBoth = fromCode(setting, `otlp.${key}`, common[key]);
  return fromCode(setting, `otlp.${signal}.${key}`, own[key]) ?? ofBoth;
}

/** What anything says of a setting. */
function settled<T>(setting: Setting<T>, said: Said, key: TransportKey): T | undefined {
  return (
    coded(setting, said, key) ??
    fromVariables(setting, said.environment, variablesOf(key, said.signal))
  );
}
