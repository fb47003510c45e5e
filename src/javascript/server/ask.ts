/**
 * Answers a question that Node answers asynchronously only, before the caller returns: a short-lived
 * worker thread asks, this thread waits. About 30 ms; for what is rare and happens at start.
 */
import { Worker } from 'node:worker_threads';

const LIMIT_MS = 2_000;
const TEXT_BYTES = 256;
const ANSWERED = 1;

/**
 * Asks.
 *
 * @param question - the body of a function of `subject` and `answer`, in CommonJS: it is to call
 * `answer` with a string of at most 256 bytes
 * @returns the answer; `null` where there was none in two seconds
 */
export function ask(question: string, subject: string): string | null {
  const shared = new SharedArrayBuffer(8 + TEXT_BYTES);
  const words = new Int32Array(shared, 0, 2);
  const source = `
    const { subject, shared } = require('node:worker_threads').workerData;
    const answer = (text) => {
      const words = new Int32Array(shared, 0, 2);
      words[1] = new TextEncoder().encodeInto(text, new Uint8Array(shared, 8)).written;
      Atomics.store(words, 0, ${ANSWERED});
      Atomics.notify(words, 0);
      process.exit();
    };
    ${question}`;
  const worker = new Worker(source, {
    eval: true,
    workerData: { subject, shared },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.unref();
  // What goes wrong in there shows as no answer.
  worker.on('error', () => undefined);
  Atomics.wait(words, 0, 0, LIMIT_MS);
  if (Atomics.load(words, 0) !== ANSWERED) {
    void worker.terminate();
    return null;
  }
  return new TextDecoder().decode(new Uint8Array(shared, 8, words[1]).slice());
}

/** The first address of a host name; `null` where there is none. */
export function addressOf(host: string): string | null {
  const answer = ask(
    `require('node:dns').lookup(subject, (error, address) => answer(error ? '' : address));`,
    host,
  );
  return answer === '' ? null : answer;
}

/** Whether something accepts connections on a Unix socket. Where that cannot be told: yes. */
export function isListening(path: string): boolean {
  const answer = ask(
    `const socket = require('node:net').connect(subject);
     socket.on('connect', () => answer('yes'));
     socket.on('error', ({ code }) => answer(code === 'ECONNREFUSED' ? 'no' : 'yes'));`,
    path,
  );
  return answer !== 'no';
}
