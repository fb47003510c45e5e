/** Opens meters: one for each service, in each thread. */
import { chooseBackend } from '../backend/choose';
import { show } from '../errors';
import { Meter } from '../meter/meter';
import { clockOption, resolveOptions, tellWorkers, type CompleteOptions } from './options';
import type { OpenOptions } from './open-options';
import { VERSION } from '../package';
import { warn } from '../warnings';

interface OpenMeter {
  readonly meter: Meter;
  readonly options: CompleteOptions;
}

// By realm and not by module: a bundler, ESM and CommonJS, or a test runner may load this twice,
// and one thread has one lane. Other versions of the package have meters of their own.
const METERS = Symbol.for(`nanometer.meters@${VERSION}`);
const realm = globalThis as typeof globalThis & { [METERS]?: Map<string, OpenMeter> };

/**
 * Opens the meter of a service; in worker threads too. The same service again gives the same meter,
 * and options that differ from those it was opened with are ignored, with a warning.
 *
 * A port that is taken, or a directory that cannot be written, never stops the host: it is warned
 * of once, and recording goes on.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION`, `NANOMETER_INVALID_LEVEL` for what is wrong
 * with an option; `NANOMETER_NATIVE` where `NANOMETER_BACKEND=native` and the binary does not load
 */
export function open(options?: OpenOptions): Meter {
  const complete = resolveOptions(options);
  const { resolved, local } = complete;
  const clock = clockOption(options);
  const meters = (realm[METERS] ??= new Map<string, OpenMeter>());
  const known = meters.get(resolved.service);
  if (known !== undefined) {
    warnOfIgnored(options ?? {}, complete, known);
    return known.meter;
  }
  const backend = chooseBackend();
  const opened = backend.open(resolved);
  const meter: Meter = new Meter({
    kind: backend.kind,
    meter: opened,
    clock: clock ?? backend.clock,
    ...{ resolved, local },
    onClose: () => {
      if (meters.get(resolved.service)?.meter === meter) meters.delete(resolved.service);
    },
  });
  meters.set(resolved.service, { meter, options: complete });
  tellWorkers(resolved.service);
  return meter;
}

/** What an option comes to, for those of which the first `open()` decides. */
const COMPARED: Partial<Record<keyof OpenOptions, (options: CompleteOptions) => unknown>> = {
  level: ({ resolved }) => resolved.level,
  stateDir: ({ resolved }) => resolved.stateDir,
  inspection: ({ resolved }) => resolved.inspection,
  tracing: ({ resolved, local }) => [resolved.tracing, local.limits],
  otlp: ({ resolved }) => resolved.exporters.filter(({ kind }) => kind === 'otlp'),
  exporters: ({ resolved, local }) => [
    resolved.exporters.filter(({ kind }) => kind !== 'otlp'),
    local.exports.custom,
  ],
  flush: ({ local }) => local.exports.flush,
  propagators: ({ local }) => local.propagation,
  maxSeries: ({ resolved }) => resolved.maxSeries,
  maxLaneBytes: ({ resolved }) => resolved.maxLaneBytes,
};

function warnOfIgnored(given: OpenOptions, later: CompleteOptions, known: OpenMeter): void {
  const ignored = Object.entries(COMPARED).filter(
    ([key, of]) =>
      given[key as keyof OpenOptions] !== undefined &&
      JSON.stringify(of(later)) !== JSON.stringify(of(known.options)),
  );
  if (ignored.length === 0) return;
  warn({
    code: 'NANOMETER_OPTIONS_IGNORED',
    message:
      `The meter of ${show(known.meter.service)} is open already, with other options: ` +
      `${ignored.map(([key]) => key).join(', ')} of the later open() ${ignored.length === 1 ? 'is' : 'are'} ignored.`,
  });
}
