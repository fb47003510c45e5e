/**
 * What `open()` can be told, by its options and by the environment; the home of defaults, those of
 * tracing aside. A wrong option throws; a wrong variable is reported once and ignored, since it may
 * be another's.
 */
import { resolve } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { BucketSpec } from '../definition/buckets';
import type { Clock, ResolvedOptions } from '../backend/backend';
import { checkKeys, checkWhole, refuse } from './check-option';
import { SERIES_LIMIT } from '../definition/define';
import { type Environment, ignore } from './environment';
import { show } from '../errors';
import { type ResolvedExport, resolveExport } from '../export/resolve';
import { checkInspection } from './inspection-options';
import { checkLevel, isLevel, LEVELS, type Level } from '../level';
import { OPEN_KEYS, type OpenOptions } from './open-options';
import { applicationPackage } from '../package';
import { makeResource, type Resource } from './resource';
import { checkResource, resourceOf } from './resource-options';
import { FLAG, fromVariables, word } from './setting';
import { privateDirectory } from './state-dir';
import { type Propagation, resolvePropagation } from '../trace/context/propagators';
import { resolveLimits, type SpanLimits } from '../trace/limits';
import { resolveTracing } from '../trace/options';

const DEFAULT_LEVEL: Level = 'production';
// OpenTelemetry's name for a service that has none.
const DEFAULT_SERVICE = 'unknown_service:node';
// OpenTelemetry's cardinality limit.
const DEFAULT_MAX_SERIES = 2_000;
const DEFAULT_LANE_BYTES = 16 << 20;
// A block for ordinary metrics and one for diagnostic ones.
const LEAST_LANE_BYTES = 128 << 10;
const MOST_LANE_BYTES = 1 << 30;
const AGGREGATIONS = word('explicit_bucket_histogram', 'base2_exponential_bucket_histogram');
// Ours have a fixed scale: the largest with which the usual range makes no more buckets than
// OpenTelemetry's 160.
const EXPONENTIAL: BucketSpec = { exponential: { scale: 2 } };
// eslint-disable-next-line no-control-regex -- a service name ends up in file names and logs
const SERVICE = /^[^\u0000-\u001f\u007f]{1,255}$/;
/** Under which a worker finds the service of the thread that started it. */
const SERVICE_FOR_WORKERS = 'nanometer.service';

/** What the owner of the memory need not know: it is this thread's. */
export interface LocalOptions {
  readonly exports: ResolvedExport;
  readonly propagation: Propagation;
  readonly limits: SpanLimits;
  /** The buckets of histograms that name none; `undefined`: those of their unit. */
  readonly buckets: BucketSpec | undefined;
  /** Whether nothing is recorded, whatever the level is to be. */
  readonly isDisabled: boolean;
}

/** Options that are complete. */
export interface CompleteOptions {
  readonly resolved: ResolvedOptions;
  readonly local: LocalOptions;
}

/** Complete options, from the user's and the environment. Throws `NANOMETER_INVALID_OPTION`. */
export function resolveOptions(
  given: unknown,
  environment: Environment = process.env,
): CompleteOptions {
  const options = checkKeys('open()', given ?? {}, OPEN_KEYS);
  const attributes = resourceOf(environment);
  const application = applicationPackage();
  const service =
    checkService(options.service) ??
    serviceOf(environment, attributes) ??
    serviceOfParent() ??
    application?.name ??
    DEFAULT_SERVICE;
  const stateDir = checkStateDir(options.stateDir, service, environment);
  const exports = resolveExport(options, environment);
  const resolved: ResolvedOptions = {
    service,
    level: levelOf(options.level, environment),
    stateDir,
    inspection: checkInspection(options.inspection, stateDir !== null),
    tracing: resolveTracing(options.tracing, environment),
    exporters: exports.exporters,
    maxLaneBytes: checkWhole(
      'maxLaneBytes',
      options.maxLaneBytes ?? DEFAULT_LANE_BYTES,
      LEAST_LANE_BYTES,
      MOST_LANE_BYTES,
    ),
    maxSeries: checkWhole('maxSeries', options.maxSeries ?? DEFAULT_MAX_SERIES, 1, SERIES_LIMIT),
    resource: makeResource(
      service,
      application?.version,
      attributes,
      checkResource(options.resource),
    ),
  };
  const local: LocalOptions = {
    exports,
    propagation: resolvePropagation(options.propagators, environment),
    limits: resolveLimits(limitsOf(options.tracing), environment),
    buckets: bucketsOf(environment),
    isDisabled: fromVariables(FLAG, environment, ['OTEL_SDK_DISABLED']) ?? false,
  };
  return local.isDisabled ? disabled(resolved, local) : { resolved, local };
}

/** Nothing is recorded, served or exported; contexts are still carried on. */
function disabled(resolved: ResolvedOptions, local: LocalOptions): CompleteOptions {
  const nothing = { stateDir: null, inspection: null, tracing: null, exporters: [] };
  return {
    resolved: { ...resolved, ...nothing, level: 'off' },
    local: { ...local, exports: { ...local.exports, exporters: [], custom: [] } },
  };
}

/** The limits among the options of tracing, which have been checked. */
function limitsOf(tracing: unknown): unknown {
  return typeof tracing === 'object' && tracing !== null && 'limits' in tracing
    ? tracing.limits
    : undefined;
}

function bucketsOf(environment: Environment): BucketSpec | undefined {
  const aggregation = fromVariables(AGGREGATIONS, environment, [
    'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
  ]);
  return aggregation === 'base2_exponential_bucket_histogram' ? EXPONENTIAL : undefined;
}

/** The clock that the user gave, if any. Throws `NANOMETER_INVALID_OPTION`. */
export function clockOption(options: OpenOptions | undefined): Clock | undefined {
  const clock: unknown = options?.clock;
  if (clock === undefined) return undefined;
  const { tick, cell } = (
    typeof clock === 'object' && clock !== null ? clock : {}
  ) as Partial<Clock>;
  // By tag and not by instanceof: a typed array may come from another realm.
  const isCell = Object.prototype.toString.call(cell) === '[object Float64Array]';
  if (typeof tick === 'function' && isCell) return clock as Clock;
  return refuse(`clock is an object of tick() and a Float64Array cell, not ${show(clock)}`);
}

/** Lets workers that this thread starts from now on open the same service. */
export function tellWorkers(service: string): void {
  setEnvironmentData(SERVICE_FOR_WORKERS, service);
}

function isService(value: unknown): value is string {
  return typeof value === 'string' && SERVICE.test(value) && value.isWellFormed();
}

const SERVICE_RULE = 'a service name has 1 to 255 characters, none of them a control character';

function checkService(service: unknown): string | undefined {
  if (service === undefined || isService(service)) return service;
  return refuse(`service ${show(service)}: ${SERVICE_RULE}`);
}

function serviceOf(environment: Environment, attributes: Resource): string | undefined {
  const name = environment.OTEL_SERVICE_NAME;
  if (name) {
    if (isService(name)) return name;
    ignore('OTEL_SERVICE_NAME', name, SERVICE_RULE);
  }
  const attribute = attributes['service.name'];
  return isService(attribute) ? attribute : undefined;
}

function serviceOfParent(): string | undefined {
  const service: unknown = getEnvironmentData(SERVICE_FOR_WORKERS);
  return isService(service) ? service : undefined;
}

function levelOf(level: unknown, environment: Environment): Level {
  if (level !== undefined) return checkLevel(level);
  const name = environment.NANOMETER_LEVEL;
  if (!name) return DEFAULT_LEVEL;
  if (isLevel(name)) return name;
  ignore('NANOMETER_LEVEL', name, `accepted are ${LEVELS.join(', ')}`);
  return DEFAULT_LEVEL;
}

function checkStateDir(
  stateDir: unknown,
  service: string,
  environment: Environment,
): string | null {
  if (stateDir === false) return null;
  if (stateDir !== undefined) {
    if (isPath(stateDir)) return resolve(stateDir);
    return refuse(`stateDir is a path, or false for memory only, not ${show(stateDir)}`);
  }
  const named = environment.NANOMETER_STATE_DIR;
  return named ? resolve(named) : privateDirectory(service, environment);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}
