/** The service that a pipeline is of where nobody says so. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** The name in the nearest `package.json` above a file; that of the file where there is none. */
export function serviceOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    const name = existsSync(path) ? nameIn(path) : undefined;
    if (name !== undefined) return name;
    if (folder === dirname(folder)) return basename(file, extname(file));
  }
}

function nameIn(path: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined;
  }
}
