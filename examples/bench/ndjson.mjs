/**
 * Newline JSON from a real file: the history of this repository, one commit a line.
 *
 *     npx nanometer bench examples/bench/ndjson.mjs
 *
 * Each line is parsed, checked, and added to what is known of the files that it changed.
 */
import { readFileSync } from 'node:fs';
import { definePipeline } from 'nanometer';

const lines = readFileSync(new URL('commits.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const churnByFolder = new Map();

/** Throws where a line is not a commit. */
export function check(commit) {
  if (typeof commit.commit !== 'string' || Number.isNaN(Date.parse(commit.at))) {
    throw new TypeError(`not a commit: ${JSON.stringify(commit).slice(0, 80)}`);
  }
  return commit;
}

/** Adds the lines that a commit changed to the folders that they are in. */
export function tally(commit) {
  for (const { path, added, removed } of commit.files) {
    const [folder] = path.split('/', 1);
    churnByFolder.set(folder, (churnByFolder.get(folder) ?? 0) + added + removed);
  }
  return churnByFolder.size;
}

export default definePipeline({
  source: () => lines,
  components: { parse: (line) => JSON.parse(line), check, tally },
});
