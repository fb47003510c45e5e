/**
 * Variables of the environment, by OpenTelemetry's rules: an empty one is none, and one that is wrong
 * is reported once, by its name, and ignored, since it may be another's.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { show } from '../errors';
import { warn } from '../warnings';

/** What of the environment there is to read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The most that OpenTelemetry's whole numbers must be able to say. */
export const MOST_WHOLE = 2 ** 31 - 1;

/** The text of a variable, without the blanks around it; `undefined` where it is empty. */
export function textOf(environment: Environment, variable: string): string | undefined {
  const text = environment[variable]?.trim();
  return text === '' ? undefined : text;
}

/** Under which a worker finds that the thread which started it has said so already. */
const IGNORED = 'nanometer.ignored.';

/**
 * Says that a variable is ignored, once for a thread and the workers that it starts from then on.
 *
 * @param value - as the warning shows it: not at all where it may be a secret
 */
export function ignore(variable: string, value: string | undefined, accepted: string): undefined {
  if (!isMainThread && getEnvironmentData(IGNORED + variable) === true) return;
  setEnvironmentData(IGNORED + variable, true);
  const shown = value === undefined ? '' : `=${show(value)}`;
  warn({
    code: 'NANOMETER_ENVIRONMENT',
    message: `${variable}${shown} is ignored: ${accepted}.`,
  });
}

/** The words of a list with commas between them, each once; `undefined` where none is accepted. */
export function wordsOf<const W extends string>(
  environment: Environment,
  variable: string,
  accepted: readonly W[],
): readonly W[] | undefined {
  const words = new Set<W>();
  for (const part of (textOf(environment, variable) ?? '').split(',')) {
    const text = part.trim();
    if (text === '') continue;
    const word = parseWord(text, accepted);
    if (word === undefined) ignore(variable, text, `accepted are ${accepted.join(', ')}`);
    else words.add(word);
  }
  return words.size === 0 ? undefined : [...words];
}

/** `undefined` where a text is neither "true" nor "false". */
export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return word === 'true' || (word === 'false' ? false : undefined);
}

/** `undefined` where a text is no whole number in that range. */
export function parseWhole(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= most ? number : undefined;
}

/** `undefined` where a text is none of these words, in whatever case. */
export function parseWord<const W extends string>(
  text: string,
  accepted: readonly W[],
): W | undefined {
  const wanted = text.toLowerCase();
  return accepted.find((word) => word === wanted);
}
