/** Whether a pipeline's module has a type error: asked of a thread, beside what else goes on. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const ENTRY = join(__dirname, '..', 'load', 'type-check.js');
const TYPESCRIPT = /\.[cm]?ts$/;
// What takes longer is not waited for: loading says what else is wrong.
const LONGEST_MS = 30_000;

/** A look at the types of a module. */
export class TypeCheck {
  /** The first error in one line; `null` where there is none, or nobody to tell. */
  readonly error: Promise<string | null>;
  readonly #worker: Worker | null;
  #finish: (error: string | null) => void = () => undefined;

  constructor(file: string) {
    const worker = TYPESCRIPT.test(file) ? new Worker(ENTRY, { workerData: file }) : null;
    this.#worker = worker;
    if (worker === null) {
      this.error = Promise.resolve(null);
      return;
    }
    const timer = setTimeout(() => {
      this.#finish(null);
    }, LONGEST_MS);
    this.error = new Promise<string | null>((resolve) => {
      this.#finish = resolve;
      worker.on('message', resolve);
      // A compiler that breaks has found nothing.
      worker.on('error', () => resolve(null));
      worker.on('exit', () => resolve(null));
    }).finally(() => clearTimeout(timer));
  }

  /** Looks no more. */
  async end(): Promise<void> {
    this.#finish(null);
    await this.#worker?.terminate();
  }
}
