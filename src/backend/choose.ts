/** Which backend owns the memory: the native core, or JavaScript where it cannot be had. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Backend, BackendKind } from './backend';
import { NanometerError, show } from '../errors';
import { javascriptBackend } from '../javascript';
import { loadNative } from './native';
import { warn } from '../warnings';

const SAID = 'nanometer.native-did-not-load';
const KINDS: readonly BackendKind[] = ['native', 'javascript'];

/**
 * The backend that `NANOMETER_BACKEND` names, else the native one, else, with one warning that
 * carries every cause, the one in JavaScript.
 *
 * @throws NanometerError `NANOMETER_NATIVE` where `NANOMETER_BACKEND=native` and it does not load
 */
export function chooseBackend(environment: NodeJS.ProcessEnv = process.env): Backend {
  const wish = environment.NANOMETER_BACKEND;
  if (wish && !KINDS.some((kind) => kind === wish)) {
    warn({
      code: 'NANOMETER_ENVIRONMENT',
      message: `NANOMETER_BACKEND=${show(wish)} is ignored: accepted are ${KINDS.join(', ')}.`,
    });
  }
  if (wish === 'javascript') return javascriptBackend();
  try {
    return loadNative();
  } catch (error) {
    const chain = causes(error);
    if (wish === 'native') {
      throw new NanometerError('NANOMETER_NATIVE', `the native binary did not load: ${chain}`, {
        cause: error,
      });
    }
    // Workers that this thread starts from now on need not say it again.
    if (getEnvironmentData(SAID) !== undefined) return javascriptBackend();
    setEnvironmentData(SAID, true);
    warn({
      code: 'NANOMETER_NATIVE',
      message:
        `The native binary did not load, so metrics are kept and served by JavaScript: scrapes ` +
        `take event loop time, and nothing outlives the process. Build it with "npm run build" ` +
        `(which needs Rust), or set NANOMETER_BACKEND=javascript to choose this and hear no more ` +
        `of it. The cause: ${chain}`,
    });
    return javascriptBackend();
  }
}

/** An error's message and those of everything behind it, in one line. */
function causes(error: unknown, seen = new Set<unknown>()): string {
  if (seen.has(error)) return 'itself';
  seen.add(error);
  if (typeof error !== 'object' || error === null) return show(error);
  const { message, cause, errors } = error as {
    message?: unknown;
    cause?: unknown;
    errors?: unknown;
  };
  const behind = [...(Array.isArray(errors) ? (errors as unknown[]) : []), cause]
    .filter((one) => one !== undefined && one !== null)
    .map((one) => causes(one, seen));
  const said = oneLine(typeof message === 'string' ? message : show(error));
  if (behind.length === 0) return said;
  return behind.length === 1 ? `${said} <- ${behind.join()}` : `${said} <- (${behind.join('; ')})`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
