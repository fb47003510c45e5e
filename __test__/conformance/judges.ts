/**
 * Foreign judges that npm does not install: their tests run where they are installed, and are
 * skipped by name, with how to install them, where they are not. `NANOMETER_REQUIRE_JUDGES=1`
 * makes a missing judge a failure.
 */
import { spawnSync } from 'node:child_process';
import judges from './judges.json';

/** The name of a foreign judge. */
export type Judge = keyof typeof judges;

const found = new Map<Judge, boolean>();

/** Describes tests that need this judge. */
export function describeWith(judge: Judge, title: string, body: () => void): void {
  if (isInstalled(judge)) {
    describe(title, body);
  } else if (process.env['NANOMETER_REQUIRE_JUDGES'] === '1') {
    test(`${title}: needs ${judge}`, () => {
      throw new Error(`${judge} is not installed: ${judges[judge].install}`);
    });
  } else {
    describe.skip(`${title} (${judge} is not installed: ${judges[judge].install})`, body);
  }
}

function isInstalled(judge: Judge): boolean {
  const known = found.get(judge);
  if (known !== undefined) return known;
  const [file = '', ...args] = judges[judge].probe;
  const installed = spawnSync(file, args, { stdio: 'ignore' }).status === 0;
  found.set(judge, installed);
  return installed;
}
