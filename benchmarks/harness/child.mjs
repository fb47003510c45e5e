/** Runs one measurement in a Node process of its own and takes its answer, one JSON value. */
import { fork } from 'node:child_process';

/**
 * @param {URL} script Sends one message to its parent and ends.
 * @param {{ args?: string[], execArgv?: string[], env?: Record<string, string> }} [options]
 * @returns {Promise<any>} The message.
 */
export function answer(script, { args = [], execArgv = [], env = {} } = {}) {
  return new Promise((resolve, reject) => {
    let message;
    const child = fork(script, args, { execArgv, env: { ...process.env, ...env } });
    child.on('message', (received) => (message = received));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (message !== undefined) resolve(message);
      else reject(new Error(`${script.pathname} ${args.join(' ')} ended with ${code ?? signal}`));
    });
  });
}
