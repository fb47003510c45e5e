/** The values of options: text to numbers, strictly, for commander. */
import { InvalidArgumentError } from 'commander';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration above 0, written `500ms`, `10s`, `2m` or `1h`. */
export function duration(text: string): number {
  const ms = durationOrNone(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It has to be longer than nothing.');
}

/** As {@link duration}, or `0s`. */
export function durationOrNone(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) {
    throw new InvalidArgumentError('Durations are written like 500ms, 10s, 2m or 1h.');
  }
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A parser of whole numbers in a range. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= low && number <= high) return number;
    throw new InvalidArgumentError(`It is a whole number from ${low} to ${high}.`);
  };
}

/** A number above 0. */
export function positive(text: string): number {
  const number = /^\d+(?:\.\d+)?(?:e\d+)?$/i.test(text) ? Number(text) : NaN;
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It is a number above 0.');
}

/** A parser of a list with commas between its members, each once, all of those accepted. */
export function listOf<T extends string>(accepted: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    const members = text.split(',').map((member) => member.trim());
    const wrong = members.find((member) => !accepted.includes(member as T));
    if (wrong !== undefined) {
      throw new InvalidArgumentError(
        `${JSON.stringify(wrong)} is none of ${accepted.join(', ')}; with commas between them.`,
      );
    }
    if (new Set(members).size < members.length) {
      throw new InvalidArgumentError('Each is given once.');
    }
    return members as T[];
  };
}
