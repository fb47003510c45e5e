/**
 * What code and variables can both say: how a setting is checked where code gives it, and read where
 * a variable does. What is wrong in code throws; what is wrong in a variable is reported and ignored.
 */
import { refuse } from './check-option';
import {
  type Environment,
  ignore,
  MOST_WHOLE,
  parseFlag,
  parseWhole,
  parseWord,
  textOf,
} from './environment';
import { show } from '../errors';

/** One setting. Either way of giving it answers `undefined` for what is wrong. */
export interface Setting<T> {
  /** What is accepted, in words that follow "is". */
  readonly accepted: string;
  /** The same of a variable, where that is written otherwise. */
  readonly acceptedText?: string;
  /** The value that code gives. */
  readonly check: (given: unknown) => T | undefined;
  /** The value that a variable gives. */
  readonly read: (text: string) => T | undefined;
  /** As a message may show it; `undefined`: not at all. Left out: as it is. */
  readonly shown?: (given: unknown) => unknown;
}

/** The value that code gives; `undefined` where it gives none. Throws `NANOMETER_INVALID_OPTION`. */
export function fromCode<T>(setting: Setting<T>, name: string, given: unknown): T | undefined {
  if (given === undefined) return undefined;
  const value = setting.check(given);
  if (value !== undefined) return value;
  const shown = setting.shown === undefined ? given : setting.shown(given);
  const not = shown === undefined ? '' : `, not ${show(shown)}`;
  return refuse(`${name} is ${setting.accepted}${not}`);
}

/** The value of the first of these variables that has one that is right. */
export function fromVariables<T>(
  setting: Setting<T>,
  environment: Environment,
  variables: readonly string[],
): T | undefined {
  for (const variable of variables) {
    const text = textOf(environment, variable);
    if (text === undefined) continue;
    const value = setting.read(text);
    if (value !== undefined) return value;
    const shown = setting.shown === undefined ? text : setting.shown(text);
    const accepted = setting.acceptedText ?? setting.accepted;
    ignore(variable, typeof shown === 'string' ? shown : undefined, `it is ${accepted}`);
  }
  return undefined;
}

/** A whole number in a range. */
export function whole(least: number, most = MOST_WHOLE): Setting<number> {
  return {
    accepted: `a whole number from ${least} to ${most}`,
    check: (given) =>
      Number.isInteger(given) && Number(given) >= least && Number(given) <= most
        ? Number(given)
        : undefined,
    read: (text) => parseWhole(text, least, most),
  };
}

/** One of some words. */
export function word<const W extends string>(...words: readonly W[]): Setting<W> {
  return {
    accepted: words.map((one) => show(one)).join(' or '),
    check: (given) => words.find((one) => one === given),
    read: (text) => parseWord(text, words),
  };
}

/** True or false. */
export const FLAG: Setting<boolean> = {
  accepted: 'true or false',
  check: (given) => (typeof given === 'boolean' ? given : undefined),
  read: parseFlag,
};
