/**
 * The stages, one of each sort that `stream.pipeline` takes: an iterable, an async generator function,
 * a Node stream, a pair of web streams. The report (report.mjs) is the last.
 */
import { opendir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { parse as parseModule } from 'acorn';

const EXTENSIONS = new Set(['.js', '.mjs', '.cjs']);
const READ_AT_ONCE = 8;
// So many files may wait to be parsed, which takes longest.
const WAITING_FILES = 16;

/**
 * Paths of JavaScript files, until there are no more or the time is over.
 *
 * @param {string} root @param {number} untilMs Of `performance.now()`.
 */
export async function* find(root, untilMs) {
  for await (const entry of await opendir(root)) {
    if (performance.now() >= untilMs) return;
    const path = join(root, entry.name);
    if (entry.isDirectory()) yield* find(path, untilMs);
    else if (entry.isFile() && EXTENSIONS.has(extname(path))) yield path;
  }
}

/** Their text, several files at a time, in the order of the paths. */
export async function* read(paths) {
  const underWay = [];
  for await (const path of paths) {
    underWay.push(readOne(path));
    if (underWay.length === READ_AT_ONCE) yield await underWay.shift();
  }
  while (underWay.length > 0) yield await underWay.shift();
}

/** Their syntax tree, by acorn; null where the text is none that it understands. */
export function parse({ bytes, unparsed }) {
  return new Transform({
    objectMode: true,
    highWaterMark: WAITING_FILES,
    transform({ path, text }, _encoding, done) {
      const tree = treeOf(path, text);
      bytes.add(Buffer.byteLength(text));
      if (tree === null) unparsed.inc();
      // Files are read while others wait to be parsed: the loop gets a turn after each.
      setImmediate(() => done(null, { path, tree }));
    },
  });
}

/** How often each identifier is there. */
export function count() {
  return new TransformStream({
    transform({ path, tree }, controller) {
      controller.enqueue({ path, names: tree === null ? null : namesIn(tree) });
    },
  });
}

async function readOne(path) {
  return { path, text: await readFile(path, 'utf8') };
}

/** What is no module is a script, and the other way round. */
function treeOf(path, text) {
  const types = extname(path) === '.cjs' ? ['script', 'module'] : ['module', 'script'];
  for (const sourceType of types) {
    try {
      return parseModule(text, {
        sourceType,
        ecmaVersion: 'latest',
        allowHashBang: true,
        allowReturnOutsideFunction: true,
      });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return null;
}

/** Not by recursion, which a long chain of operators would exhaust. */
function namesIn(tree) {
  const names = new Map();
  const left = [tree];
  while (left.length > 0) {
    const node = left.pop();
    if (node.type === 'Identifier') names.set(node.name, (names.get(node.name) ?? 0) + 1);
    for (const part of Object.values(node)) {
      if (Array.isArray(part)) left.push(...part.filter(isNode));
      else if (isNode(part)) left.push(part);
    }
  }
  return names;
}

function isNode(value) {
  return typeof value?.type === 'string';
}
