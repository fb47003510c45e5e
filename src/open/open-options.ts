/** What `open()` can be told. */
import type { Clock } from '../backend/backend';
import type { ExporterOptions, FlushOptions, OtlpOptions } from '../export/options';
import type { InspectionOptions } from './inspection-options';
import type { Level } from '../level';
import type { Resource } from './resource';
import type { Propagator } from '../trace/context/propagators';
import type { TracingOptions } from '../trace/options';

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
  /**
   * Pushes metrics and promoted spans by OTLP, from a native thread; `false`: nothing is pushed,
   * whatever the environment says. Left out, both are pushed where `OTEL_EXPORTER_OTLP_ENDPOINT` says
   * where to, and each where a variable of its own does, or says that it goes by OTLP:
   * `OTEL_METRICS_EXPORTER` or `OTEL_TRACES_EXPORTER`. The first `open()` of the process decides.
   */
  readonly otlp?: OtlpOptions | false;
  /** Where metrics and promoted spans go besides; several at once. */
  readonly exporters?: readonly ExporterOptions[];
  /** How what has not been exported yet leaves a process that ends. */
  readonly flush?: FlushOptions;
  /**
   * Which headers carry a trace in this thread, in and out; else `OTEL_PROPAGATORS`, else both.
   */
  readonly propagators?: readonly Propagator[];
  /** The bound of open families that name none, 1 to 1,000,000; 2,000 when left out. */
  readonly maxSeries?: number;
  /**
   * The most bytes of cells that one thread maps, 128 KiB to 1 GiB; 16 MiB when left out. More
   * disturbs the garbage collector; see ARCHITECTURE.md.
   */
  readonly maxLaneBytes?: number;
  /** More resource attributes, by their OpenTelemetry names; 256 KiB at most, names and values. */
  readonly resource?: Resource;
  /** This thread's clock, for tests: see `mockClock()`. */
  readonly clock?: Clock;
}

/** The names of all of them. */
export const OPEN_KEYS: readonly (keyof OpenOptions)[] = [
  'service',
  'level',
  'stateDir',
  'inspection',
  'tracing',
  'otlp',
  'exporters',
  'flush',
  'propagators',
  'maxSeries',
  'maxLaneBytes',
  'resource',
  'clock',
];
