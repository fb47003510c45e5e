/** How much is recorded. */
import { NanometerError, show } from './errors';

/** Every level, from the least recorded to the most. */
export const LEVELS = ['off', 'production', 'diagnostic'] as const;

/**
 * How much is recorded: `off` (nothing: a record costs one load and one branch), `production`
 * (everything that is cheap enough to be on always; the default), `diagnostic` (that, and the
 * metrics marked `diagnostic`).
 */
export type Level = (typeof LEVELS)[number];

/**
 * Whether a value is the exact name of a level.
 *
 * @internal
 */
export function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

/**
 * The value, if it is a level.
 *
 * @throws NanometerError `NANOMETER_INVALID_LEVEL` otherwise.
 * @internal
 */
export function checkLevel(value: unknown): Level {
  if (isLevel(value)) return value;
  throw new NanometerError(
    'NANOMETER_INVALID_LEVEL',
    `${show(value)} is not a level: give one of ${LEVELS.map(show).join(', ')}`,
  );
}
