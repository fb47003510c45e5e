/** Measures in Node processes of their own, and takes their answers, JSON values. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * @param {URL} script Sends one message to its parent and ends.
 * @param {{ args?: string[], execArgv?: string[], env?: Record<string, string>, execPath?: string }} [options]
 * @returns {Promise<any>} The message.
 */
export function answer(
  script,
  { args = [], execArgv = [], env = {}, execPath = process.execPath } = {},
) {
  return new Promise((resolve, reject) => {
    let message;
    const child = fork(script, args, { execArgv, execPath, env: { ...process.env, ...env } });
    child.on('message', (received) => (message = received));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (message !== undefined) resolve(message);
      else reject(new Error(`${script.pathname} ${args.join(' ')} ended with ${code ?? signal}`));
    });
  });
}

/** A process that goes on, and answers each question with one message; its first says it is ready. */
export class Subject {
  #child;
  /** What its first message said. */
  ready;

  /**
   * @param {URL} script
   * @param {{ args?: string[], execArgv?: string[], execPath?: string }} [options]
   */
  static async start(script, { args = [], execArgv = [], execPath = process.execPath } = {}) {
    const subject = new Subject();
    subject.#child = fork(script, args, { execArgv, execPath });
    subject.ready = await subject.#message();
    return subject;
  }

  /** @param {object} question */
  ask(question) {
    const message = this.#message();
    this.#child.send(question);
    return message;
  }

  /** It ends when nobody asks any more. */
  async stop() {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  async #message() {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (code, signal) => {
        child.off('message', onMessage);
        reject(new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}`));
      };
      const onMessage = (message) => {
        child.off('exit', onExit);
        resolve(message);
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
    });
  }
}
