/** Where the environment says that signals go: `OTEL_METRICS_EXPORTER`, `OTEL_TRACES_EXPORTER`. */
import { type Environment, ignore, wordsOf } from '../open/environment';
import type { Signal } from './resolved';

/** Where one signal goes, as far as the environment says so. */
export interface SignalChoice {
  /** Whether by OTLP; `undefined` where nothing is said. */
  readonly otlp: boolean | undefined;
  /** Whether to standard output. */
  readonly stdout: boolean;
}

// Prometheus scrapes the inspection server in any case: it can be named, and changes nothing.
const WORDS = {
  metrics: ['otlp', 'console', 'otlp/stdout', 'prometheus', 'none'],
  traces: ['otlp', 'console', 'otlp/stdout', 'none'],
} as const;
const VARIABLES: Readonly<Record<Signal, string>> = {
  metrics: 'OTEL_METRICS_EXPORTER',
  traces: 'OTEL_TRACES_EXPORTER',
};
const NOTHING_SAID: SignalChoice = { otlp: undefined, stdout: false };

/** What is said of each signal. */
export function selectionOf(environment: Environment): Readonly<Record<Signal, SignalChoice>> {
  return { metrics: choiceOf(environment, 'metrics'), traces: choiceOf(environment, 'traces') };
}

function choiceOf(environment: Environment, signal: Signal): SignalChoice {
  const variable = VARIABLES[signal];
  const words: readonly string[] | undefined = wordsOf(environment, variable, WORDS[signal]);
  if (words === undefined) return NOTHING_SAID;
  if (words.includes('none') && words.length > 1) {
    ignore(variable, environment[variable], 'it says none, and others beside it');
    return NOTHING_SAID;
  }
  return {
    otlp: words.includes('otlp'),
    stdout: words.includes('console') || words.includes('otlp/stdout'),
  };
}
