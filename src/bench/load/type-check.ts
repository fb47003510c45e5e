/**
 * The entry of a thread that asks the user's own TypeScript whether a pipeline's module has a type
 * error, and says so in one line; `null` where it has none, or where there is no TypeScript.
 *
 * A thread, because the compiler takes a second and 100 MB, which are not to be in the run's figures.
 */
import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

type Typescript = typeof import('typescript');

/**
 * Diagnostics that say that declarations are not installed, not that the program is wrong; what is
 * really missing shows when the module is loaded.
 */
const NOT_INSTALLED = new Set([2307, 2580, 2591, 7016]);

/** The first type error of a file, as `file:line:column message`. */
function firstTypeError(file: string): string | null {
  const ts = typescriptOf(file);
  if (ts === null) return null;
  const program = ts.createProgram([file], optionsOf(ts, file));
  const source = program.getSourceFile(file);
  const first = [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].find(
    ({ category, code }) => category === ts.DiagnosticCategory.Error && !NOT_INSTALLED.has(code),
  );
  if (first === undefined) return null;
  const message = ts.flattenDiagnosticMessageText(first.messageText, ' ').replaceAll(/\s+/g, ' ');
  if (first.file === undefined || first.start === undefined) return `${file} ${message}`;
  const { line, character } = first.file.getLineAndCharacterOfPosition(first.start);
  const path = relative(process.cwd(), first.file.fileName);
  return `${path}:${line + 1}:${character + 1} ${message}`;
}

/** The TypeScript that a file of that folder gets. */
function typescriptOf(file: string): Typescript | null {
  try {
    return createRequire(file)('typescript') as Typescript;
  } catch {
    return null;
  }
}

/** The options of the nearest `tsconfig.json`, for a look at one file. */
function optionsOf(ts: Typescript, file: string): import('typescript').CompilerOptions {
  const path = ts.findConfigFile(dirname(file), (name) => ts.sys.fileExists(name));
  const always = { noEmit: true, skipLibCheck: true, composite: false, incremental: false };
  if (path === undefined) {
    const { ES2022 } = ts.ScriptTarget;
    const { Node16 } = ts.ModuleKind;
    return { strict: true, target: ES2022, module: Node16, esModuleInterop: true, ...always };
  }
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as {
    config?: object;
  };
  // Which files are the project's does not matter: one is looked at.
  const host = { ...ts.sys, readDirectory: () => [] };
  return { ...ts.parseJsonConfigFileContent(config ?? {}, host, dirname(path)).options, ...always };
}

parentPort!.postMessage(firstTypeError(workerData as string));
