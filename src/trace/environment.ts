/** What OpenTelemetry's variables say of sampling and of exemplars, in the words of our options. */
import { type Environment, ignore, textOf } from '../open/environment';
import { fromVariables, word } from '../open/setting';

const SAMPLER = 'OTEL_TRACES_SAMPLER';
const ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG';

// A caller's sampled flag is honoured in any case: the two of a pair are the same.
const SAMPLERS = word(
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
);
const FILTERS = word('trace_based', 'always_off');

/** The share of the traces beginning here that is promoted; `undefined` where nothing is said. */
export function sampleRateOf(environment: Environment): number | undefined {
  const sampler = fromVariables(SAMPLERS, environment, [SAMPLER]);
  if (sampler === undefined) return undefined;
  if (sampler.endsWith('always_on')) return 1;
  if (sampler.endsWith('always_off')) return 0;
  const text = textOf(environment, ARGUMENT);
  const ratio = text === undefined ? 1 : Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  ignore(ARGUMENT, text, 'it is a number from 0 to 1');
  return 1;
}

/** Whether exemplars are recorded; `undefined` where nothing is said. */
export function exemplarsOf(environment: Environment): boolean | undefined {
  const filter = fromVariables(FILTERS, environment, ['OTEL_METRICS_EXEMPLAR_FILTER']);
  return filter === undefined ? undefined : filter === 'trace_based';
}
