/**
 * The files of `node_modules`, compressed, then hashed: work for the thread pool, four files at once.
 *
 *     npx nanometer bench examples/bench/gzip.ts --concurrency 4
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { definePipeline } from 'nanometer';

const MOST_FILES = 2_000;
const MOST_BYTES = 64 * 1024 * 1024;
const compress = promisify(gzip);

/** Contents of files below a folder: so many at most, and so many bytes. */
function contents(folder: string): Buffer[] {
  const found: Buffer[] = [];
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (found.length === MOST_FILES || bytes > MOST_BYTES) break;
    if (!entry.isFile() || !/\.(js|ts|json|md)$/.test(entry.name)) continue;
    const content = readFileSync(join(entry.parentPath, entry.name));
    found.push(content);
    bytes += content.length;
  }
  return found;
}

const files = contents(join(__dirname, '..', '..', 'node_modules'));

export default definePipeline({
  source: () => files,
  components: {
    gzip: (content: Buffer) => compress(content),
    hash: (compressed: Buffer) => createHash('sha256').update(compressed).digest('hex'),
  },
});
