/** Loads the module of a pipeline: TypeScript or JavaScript, ESM or CommonJS. */
import { createRequire } from 'node:module';
import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inWords, NanometerError, show } from '../../errors';
import { definePipeline, type PipelineDefinition } from '../definition';
import { RefusedPipeline } from './fault';

const TYPESCRIPT = /\.[cm]?ts$/;

/**
 * The pipeline that a module exports by default.
 *
 * @throws RefusedPipeline where there is no such module, it does not load, or it exports none
 */
export async function loadPipeline(file: string): Promise<PipelineDefinition> {
  const exported = defaultOf(await load(file));
  if (typeof exported !== 'object' || exported === null || !('components' in exported)) {
    throw new RefusedPipeline(
      `${file} does not export a pipeline: its default export is ${show(exported)}, not what ` +
        'definePipeline() gives',
    );
  }
  try {
    return definePipeline(exported as PipelineDefinition);
  } catch (error) {
    throw refusal(file, error);
  }
}

async function load(file: string): Promise<unknown> {
  try {
    if (!TYPESCRIPT.test(file)) return await import(pathToFileURL(file).href);
    const { createJiti } = await import('jiti');
    return await createJiti(file, { interopDefault: false }).import(file);
  } catch (error) {
    throw refusal(file, error);
  }
}

/** Whatever stands between: `module.exports` of CommonJS, and `exports.default` in it. */
function defaultOf(module: unknown): unknown {
  let value: unknown = module;
  for (let depth = 0; depth < 3; depth++) {
    if (typeof value !== 'object' || value === null || 'components' in value) break;
    if (!('default' in value)) break;
    value = value.default;
  }
  return value === module && !isPipeline(value) ? undefined : value;
}

function isPipeline(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'components' in value;
}

/** An error of the module's as one line. */
function refusal(file: string, error: unknown): RefusedPipeline {
  if (NanometerError.is(error)) return new RefusedPipeline(`${file}: ${error.message}`);
  const place = error instanceof SyntaxError ? placeOf(error) : null;
  return new RefusedPipeline(`${place ?? file} does not load: ${oneLine(inWords(error))}`);
}

/** `file:line`, as Node writes it above the message of a syntax error. */
function placeOf(error: SyntaxError): string | null {
  const [first] = (error.stack ?? '').split('\n', 1);
  const match = /^(?:file:\/\/)?(\/.*:\d+)$/.exec(first ?? '');
  return match?.[1] ?? null;
}

function oneLine(text: string): string {
  return text.split('\n', 1)[0]!.trim();
}

/** The module of nanometer that a file of that folder gets; this one where it has none. */
export function nanometerOf(file: string): string {
  try {
    return createRequire(file).resolve('nanometer');
  } catch {
    return require.resolve('../../index');
  }
}

const LONGEST_ID = 200;

/** The flow that a module's pipeline is. */
export function flowOf(file: string): string {
  return `bench.${basename(file, extname(file))}`.slice(0, LONGEST_ID);
}
