/**
 * Foreign judges that npm does not install: their tests run where they are installed, and are
 * skipped by name, with how to install them, where they are not. `NANOMETER_REQUIRE_JUDGES=1`
 * makes a missing judge a failure, unless its probe ends with its `optionalStatus`: what it needs
 * cannot be had everywhere.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { BACKEND } from '../support/surroundings';
import judges from './judges.json';

/** The name of a foreign judge. */
export type Judge = keyof typeof judges;

/** What a judge's probe came to. */
interface Probed {
  readonly isThere: boolean;
  readonly isOptional: boolean;
  readonly said: string;
}

const ROOT = resolve(__dirname, '../..');
const found = new Map<Judge, Probed>();

/** Describes tests that need this judge. */
export function describeWith(judge: Judge, title: string, body: () => void): void {
  const { isThere, isOptional, said } = probed(judge);
  const { install } = judges[judge];
  if (isThere) {
    describe(title, body);
  } else if (process.env['NANOMETER_REQUIRE_JUDGES'] === '1' && !isOptional) {
    test(`${title}: needs ${judge}`, () => {
      throw new Error(`${judge} is not installed: ${install}\n${said}`);
    });
  } else {
    describe.skip(`${title} (${judge} is not installed: ${install})`, body);
  }
}

/** Describes tests that need these judges and that only the native backend can pass. */
export function describeNativeWith(
  needed: Judge | readonly [Judge, ...Judge[]],
  title: string,
  body: () => void,
): void {
  const all = typeof needed === 'string' ? [needed] : needed;
  if (BACKEND !== 'native') describe.skip(title, body);
  else describeWith(all.find((judge) => !probed(judge).isThere) ?? all[0]!, title, body);
}

function probed(judge: Judge): Probed {
  const known = found.get(judge);
  if (known !== undefined) return known;
  const { probe, ...rest } = judges[judge];
  const [file = '', ...args] = probe;
  const { status, stderr } = spawnSync(file, args, { cwd: ROOT, encoding: 'utf8' });
  const isOptional = 'optionalStatus' in rest && rest.optionalStatus === status;
  const probedNow = { isThere: status === 0, isOptional, said: stderr ?? '' };
  found.set(judge, probedNow);
  return probedNow;
}
