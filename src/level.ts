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

/** For how long a level is set. */
export interface LevelLease {
  /**
   * Milliseconds, above 0 and at most 2,147,483,647, after which the level before comes back by
   * itself, even while the event loop is blocked. Left out: for good.
   */
  readonly forMs?: number;
}

// What a 32-bit timer can wait for: 24.8 days.
const LONGEST_LEASE_MS = 2_147_483_647;

/**
 * How many milliseconds a lease is for; `null` for good.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` for what is no lease
 * @internal
 */
export function checkLease(lease: unknown): number | null {
  const forMs: unknown =
    typeof lease === 'object' && lease !== null && 'forMs' in lease ? lease.forMs : undefined;
  if (forMs === undefined) return null;
  if (typeof forMs === 'number' && forMs > 0 && forMs <= LONGEST_LEASE_MS) return forMs;
  throw new NanometerError(
    'NANOMETER_INVALID_OPTION',
    `forMs is a number of milliseconds above 0 and at most ${LONGEST_LEASE_MS}, not ${show(forMs)}`,
  );
}
