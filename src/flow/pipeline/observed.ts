/** Which streams are observed now: one can be part of one flow only, and once. */
import { NanometerError, show } from '../../errors';
import type { FlowProbe } from '../probe';
import { describe, kindOf } from './stages';

const observed = new WeakMap<object, string>();

/**
 * Takes streams into observation, all or none.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where one is observed already, or cannot be
 */
export function claim(flow: FlowProbe, stages: readonly unknown[]): void {
  const streams = stages.filter(isStream);
  for (const stream of streams) {
    const owner = observed.get(stream);
    if (owner !== undefined) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `flow ${show(flow.id)}: ${describe(stream)} is observed already, by the flow ${show(owner)}`,
      );
    }
    if (!Object.isExtensible(stream)) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `flow ${show(flow.id)}: ${describe(stream)} is frozen or sealed, and cannot be observed`,
      );
    }
  }
  for (const stream of streams) observed.set(stream, flow.id);
}

/** Lets streams go. */
export function release(stages: readonly unknown[]): void {
  for (const stage of stages) if (isStream(stage)) observed.delete(stage);
}

function isStream(stage: unknown): stage is object {
  const kind = kindOf(stage);
  return kind === 'node' || kind === 'web';
}
