/** What variables of OpenTelemetry's come to, and what is said of those that are wrong. */
import type { OpenOptions } from 'nanometer';
import { resolveOptions } from '../../dist/open/options';
import { watchWarnings } from './meter';

const SAID = Symbol.for('nanometer.warnings');

/** An environment of these variables only. */
export type Environment = Readonly<Record<string, string>>;

/** What an environment comes to. */
export function resolved(environment: Environment, options: OpenOptions = {}) {
  const { resolved, local } = resolveOptions({ stateDir: false, ...options }, environment);
  return { ...resolved, ...local };
}

/** Watches warnings: what is said of one variable while something runs. */
export function watchVariables(): (variable: string, run: () => unknown) => string[] {
  const warnings = watchWarnings();
  return (variable, run) => {
    warnings.length = 0;
    // What was said before is not said again.
    const realm = globalThis as { [SAID]?: Set<string> };
    realm[SAID]?.clear();
    run();
    expect(warnings.every(({ code }) => code === 'NANOMETER_ENVIRONMENT')).toBe(true);
    return warnings
      .filter(({ message }) => message.startsWith(variable))
      .map(({ message }) => message);
  };
}
