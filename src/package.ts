/** What `package.json` files say: this package's own, and the application's. */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** What is read of a `package.json`. */
export interface PackageFacts {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Where this package is: the folder above this file, and above the one file that has it all. */
export const PACKAGE_FOLDER = dirname(__dirname);

/** The version of this package. */
export const VERSION: string = read(join(PACKAGE_FOLDER, 'package.json'))?.version ?? '0.0.0';

/**
 * The application's package: that of the script that Node was started with, or of the working
 * directory where that script is a tool in `node_modules`.
 */
export function applicationPackage(): PackageFacts | undefined {
  const script = process.argv[1];
  const isTool = script === undefined || script.split(sep).includes('node_modules');
  return (isTool ? undefined : nearest(dirname(script))) ?? nearest(process.cwd());
}

function nearest(directory: string): PackageFacts | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const facts = read(join(at, 'package.json'));
    // One without a name only says how a folder is to be loaded.
    if (facts?.name !== undefined) return facts;
    if (at === dirname(at)) return undefined;
  }
}

function read(path: string): PackageFacts | undefined {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const { name, version } = parsed;
    return {
      name: typeof name === 'string' && name !== '' ? name : undefined,
      version: typeof version === 'string' ? version : undefined,
    };
  } catch {
    // Not there, not readable or no JSON: as good as none.
    return undefined;
  }
}
