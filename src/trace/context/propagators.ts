/** Which headers carry a trace from one process to the next. */
import { refuse } from '../../open/check-option';
import { type Environment, ignore, wordsOf } from '../../open/environment';
import { show } from '../../errors';

/** A kind of header: W3C Trace Context, or W3C Baggage. */
export type Propagator = 'tracecontext' | 'baggage';

/** Which of them are read and written. */
export interface Propagation {
  readonly traceContext: boolean;
  readonly baggage: boolean;
}

/** Both. */
export const PROPAGATE_ALL: Propagation = { traceContext: true, baggage: true };

const PROPAGATORS: readonly Propagator[] = ['tracecontext', 'baggage'];
const VARIABLE = 'OTEL_PROPAGATORS';

/**
 * @param given - the option `propagators`
 * @throws NanometerError `NANOMETER_INVALID_OPTION`
 */
export function resolvePropagation(given: unknown, environment: Environment): Propagation {
  const named = given === undefined ? fromEnvironment(environment) : checked(given);
  if (named === undefined) return PROPAGATE_ALL;
  return { traceContext: named.includes('tracecontext'), baggage: named.includes('baggage') };
}

function fromEnvironment(environment: Environment): readonly string[] | undefined {
  const words = wordsOf(environment, VARIABLE, [...PROPAGATORS, 'none']);
  if (words === undefined || words.length === 1 || !words.includes('none')) return words;
  ignore(VARIABLE, environment[VARIABLE], 'it says none, and others beside it');
  return undefined;
}

function checked(given: unknown): readonly unknown[] {
  if (!Array.isArray(given)) return refuse(`propagators is a list, not ${show(given)}`);
  for (const one of given as unknown[]) {
    if (PROPAGATORS.includes(one as Propagator)) continue;
    refuse(`propagators lists ${PROPAGATORS.map(show).join(' and ')}, not ${show(one)}`);
  }
  return given as unknown[];
}
