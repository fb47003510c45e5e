/**
 * Shows the demo: a picture that is drawn over in a terminal, plain lines elsewhere.
 *
 * It writes to the terminal itself, not through `process.stdout`: in a worker thread that goes by
 * way of the main thread, and the main thread is what the demo blocks.
 */
import { writeSync } from 'node:fs';
import { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';

const OUT = 1;

export class Screen {
  #terminal;
  #update;
  #looks;

  /**
   * @param {boolean} isTerminal Whether standard output is one.
   * @param {{ picture: (view: object) => string, line: (view: object) => string }} looks How a view
   *   is drawn in a terminal, and told elsewhere.
   */
  constructor(isTerminal, looks) {
    this.#looks = looks;
    if (!isTerminal) return;
    this.#terminal = new WriteStream(OUT);
    this.#update = createLogUpdate(this.#terminal, { showCursor: true });
  }

  get isTerminal() {
    return this.#terminal !== undefined;
  }

  /** Draws the picture again, or adds one line. */
  show(view) {
    if (this.#update) this.#update(this.#looks.picture(view));
    else this.print(this.#looks.line(view));
  }

  /** Text that stays; a picture that was there stays above it. */
  print(text) {
    this.#update?.done();
    writeAll(`${text}\n`);
  }
}

/** A pipe may be full for a moment when its other end has made it non-blocking. */
function writeAll(text) {
  const buffer = Buffer.from(text);
  for (let written = 0; written < buffer.length;) {
    try {
      written += writeSync(OUT, buffer, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
