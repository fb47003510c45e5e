/**
 * Writes the reference pages of the package's catalogs, and the list of their indices, from what is
 * built in `dist/`. With `--check` it writes nothing, and fails where they are stale.
 *
 * To add a metric to a catalog: give it the next index that the list does not have, and run
 * `npm run docs`. An index that has moved, or is gone, is refused and never written.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './tools.mjs';

const require = createRequire(import.meta.url);
const { checkIndices } = require('../dist/index.js');
const catalogs = require('../dist/catalogs/index.js');
const { renderReference } = require('../dist/catalog/reference.js');

const FOLDER = join(ROOT, 'docs', 'catalogs');
const INDICES = join(FOLDER, 'indices.json');
const isCheck = process.argv.includes('--check');

const committed = JSON.parse(read(INDICES) ?? '{}');
for (const [name, catalog] of Object.entries(catalogs)) {
  checkIndices(catalog, committed[name] ?? []);
}
for (const name of Object.keys(committed)) {
  if (!(name in catalogs)) throw new Error(`${INDICES}: the catalog ${name} is gone`);
}

const files = [
  ['indices.json', renderIndices()],
  ['README.md', renderContents()],
  ...Object.entries(catalogs).map(([name, catalog]) => [`${name}.md`, renderReference(catalog)]),
];
const stale = files.filter(([file, text]) => read(join(FOLDER, file)) !== text);
if (!isCheck) mkdirSync(FOLDER, { recursive: true });
for (const [file, text] of stale) {
  if (!isCheck) writeFileSync(join(FOLDER, file), text);
  console.log(
    `docs/catalogs/${file}: ${isCheck ? 'stale; make it anew with: npm run docs' : 'written'}`,
  );
}
if (isCheck && stale.length > 0) process.exitCode = 1;

/** One line for each metric, so that a change of an index is a change of a line. */
function renderIndices() {
  const lists = Object.entries(catalogs).map(([name, catalog]) => {
    const lines = catalog.indices().map((entry) => `    ${JSON.stringify(entry)}`);
    return `  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`;
  });
  return `{\n${lists.join(',\n')}\n}\n`;
}

function renderContents() {
  const rows = Object.entries(catalogs).map(
    ([name, { about, metrics }]) => `| [${name}](${name}.md) | ${metrics.length} | ${about} |`,
  );
  return [
    '<!-- Made by `npm run docs`. -->',
    '',
    '# Catalogs',
    '',
    "`import { calimero, flowscope, session, torvyn } from 'nanometer/catalogs'`, and then " +
      '`meter.catalog(session)`.',
    '',
    '| catalog | metrics | what it measures |',
    '| --- | ---: | --- |',
    ...rows,
    '',
    '## Indices',
    '',
    'An index never changes once it is published. [indices.json](indices.json) says what has been ' +
      'published; `npm run check` and a test compare the catalogs with it by `checkIndices()`.',
    '',
    'To add a metric, give it the next index that the list does not have and run `npm run docs`, which ' +
      'adds it to the list and to the page. To retire one, mark it `deprecated`: it keeps its place. ' +
      'Moving, removing or re-kinding one is refused.',
    '',
  ].join('\n');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
