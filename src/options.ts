/**
 * What `open()` can be told, by its options and by the environment; the home of defaults, those of
 * tracing aside. A wrong option throws; a wrong variable is reported once and ignored, since it may
 * be another's.
 */
import { resolve } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Clock, ResolvedInspection, ResolvedOptions } from './backend';
import { checkKeys, checkWhole, refuse } from './check-option';
import { SERIES_LIMIT } from './define';
import { show } from './errors';
import { checkLevel, isLevel, LEVELS, type Level } from './level';
import { applicationPackage } from './package';
import { makeResource, parseResourceAttributes, type Resource } from './resource';
import { privateDirectory } from './state-dir';
import { resolveTracing, type TracingOptions } from './trace/options';
import { warn } from './warnings';

/** Where the inspection server listens. */
export interface InspectionOptions {
  /** The address to bind; `127.0.0.1` when left out. */
  readonly host?: string;
  /** The TCP port, 0 to 65535, 0 for any that is free; 9464 when left out; `null` for no TCP. */
  readonly port?: number | null;
  /** Whether to listen on `nanometer.sock` in the state directory too; true when left out. */
  readonly socket?: boolean;
  /**
   * Guards every route as a bearer token, and lets its bearer set the level and tracing over TCP,
   * which nobody can without one. 1 to 4,096 visible ASCII characters.
   */
  readonly token?: string | undefined;
}

/** What `open()` can be told. */
export interface OpenOptions {
  /**
   * The service's name, 1 to 255 characters; else `OTEL_SERVICE_NAME`, else `service.name` of
   * `OTEL_RESOURCE_ATTRIBUTES`, else the name of the application's package.json. A worker that
   * leaves it out gets that of the thread that started it.
   */
  readonly service?: string;
  /** How much is recorded; else `NANOMETER_LEVEL`, else `production`. */
  readonly level?: Level;
  /**
   * The directory of the segment and the socket, for the processes of one service; else
   * `NANOMETER_STATE_DIR`, else a private one of this user's for this service, in memory where the
   * system has such a place. Choose a file system in memory (tmpfs) too: on a disk, a recording
   * call may have to wait while the disk is written. `false`: memory only, and seen by no other
   * process.
   */
  readonly stateDir?: string | false;
  /** The inspection server; `false` for none. */
  readonly inspection?: InspectionOptions | false;
  /** How spans are recorded, and which traces are promoted; `false`: nothing of them is. */
  readonly tracing?: TracingOptions | false;
  /** The bound of open families that name none, 1 to 1,000,000; 2,000 when left out. */
  readonly maxSeries?: number;
  /**
   * The most bytes of cells that one thread maps, 128 KiB to 1 GiB; 16 MiB when left out. More
   * disturbs the garbage collector; see ARCHITECTURE.md.
   */
  readonly maxLaneBytes?: number;
  /** More resource attributes, by their OpenTelemetry names. */
  readonly resource?: Resource;
  /** This thread's clock, for tests: see `mockClock()`. */
  readonly clock?: Clock;
}

const KEYS: readonly (keyof OpenOptions)[] = [
  'service',
  'level',
  'stateDir',
  'inspection',
  'tracing',
  'maxSeries',
  'maxLaneBytes',
  'resource',
  'clock',
];
const INSPECTION_KEYS: readonly (keyof InspectionOptions)[] = ['host', 'port', 'socket', 'token'];

const DEFAULT_LEVEL: Level = 'production';
// OpenTelemetry's name for a service that has none, and the port of its Prometheus exporters.
const DEFAULT_SERVICE = 'unknown_service:node';
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9464;
// OpenTelemetry's cardinality limit.
const DEFAULT_MAX_SERIES = 2_000;
const DEFAULT_LANE_BYTES = 16 << 20;
// A block for ordinary metrics and one for diagnostic ones.
const LEAST_LANE_BYTES = 128 << 10;
const MOST_LANE_BYTES = 1 << 30;
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
// eslint-disable-next-line no-control-regex -- a service name ends up in file names and logs
const SERVICE = /^[^\u0000-\u001f\u007f]{1,255}$/;
/** Under which a worker finds the service of the thread that started it. */
const SERVICE_FOR_WORKERS = 'nanometer.service';

/** Complete options, from the user's and the environment. Throws `NANOMETER_INVALID_OPTION`. */
export function resolveOptions(
  given: unknown,
  environment: NodeJS.ProcessEnv = process.env,
): ResolvedOptions {
  const options = checkKeys('open()', given ?? {}, KEYS);
  const attributes = attributesOf(environment);
  const application = applicationPackage();
  const service =
    checkService(options.service) ??
    serviceOf(environment, attributes) ??
    serviceOfParent() ??
    application?.name ??
    DEFAULT_SERVICE;
  const stateDir = checkStateDir(options.stateDir, service, environment);
  return {
    service,
    level: levelOf(options.level, environment),
    stateDir,
    inspection: checkInspection(options.inspection, stateDir !== null),
    tracing: resolveTracing(options.tracing),
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

function ignore(variable: string, value: string, accepted: string): undefined {
  warn({
    code: 'NANOMETER_ENVIRONMENT',
    message: `${variable}=${show(value)} is ignored: ${accepted}.`,
  });
}

function isService(value: unknown): value is string {
  return typeof value === 'string' && SERVICE.test(value) && value.isWellFormed();
}

const SERVICE_RULE = 'a service name has 1 to 255 characters, none of them a control character';

function checkService(service: unknown): string | undefined {
  if (service === undefined || isService(service)) return service;
  return refuse(`service ${show(service)}: ${SERVICE_RULE}`);
}

function serviceOf(environment: NodeJS.ProcessEnv, attributes: Resource): string | undefined {
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

function attributesOf(environment: NodeJS.ProcessEnv): Resource {
  const text = environment.OTEL_RESOURCE_ATTRIBUTES;
  if (!text) return {};
  const attributes = parseResourceAttributes(text);
  if (attributes !== undefined) return attributes;
  ignore('OTEL_RESOURCE_ATTRIBUTES', text, 'it is key=value pairs with commas between them');
  return {};
}

function checkResource(resource: unknown): Resource {
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
  return attributes;
}

function levelOf(level: unknown, environment: NodeJS.ProcessEnv): Level {
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
  environment: NodeJS.ProcessEnv,
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

function checkInspection(given: unknown, hasStateDir: boolean): ResolvedInspection | null {
  if (given === false) return null;
  const options = checkKeys('inspection', given ?? {}, INSPECTION_KEYS);
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, socket = hasStateDir, token } = options;
  if (typeof host !== 'string' || host === '') {
    return refuse(`inspection.host is an address, not ${show(host)}`);
  }
  if (typeof socket !== 'boolean') {
    return refuse(`inspection.socket is true or false, not ${show(socket)}`);
  }
  if (socket && !hasStateDir) {
    return refuse('inspection.socket needs a state directory, and stateDir is false');
  }
  if (token !== undefined && (typeof token !== 'string' || !TOKEN.test(token))) {
    // The value is a secret: it is not shown.
    return refuse('inspection.token has 1 to 4096 visible ASCII characters');
  }
  return {
    host,
    port: port === null ? null : checkWhole('inspection.port', port, 0, 65_535),
    socket,
    token: token ?? null,
  };
}
