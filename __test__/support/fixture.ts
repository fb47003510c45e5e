/**
 * Small programs that run nanometer in a process of their own (`__test__/fixtures`), and talk with
 * the test over Node's channel between processes.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How to start a fixture. */
export interface FixtureOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The Node to run it with; this one unless told. */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A running fixture. */
export class Fixture {
  readonly #child: ChildProcess;
  readonly #messages: unknown[] = [];
  readonly #ended: Promise<Ending>;
  #stderr = '';
  #wake: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    child.on('message', (message) => {
      this.#messages.push(message);
      this.#wake();
    });
    // Not 'close', which a process whose channel we have closed does not always emit.
    const stderrClosed = new Promise((resolve) => child.stderr?.once('close', resolve));
    this.#ended = Promise.all([once(child, 'exit'), stderrClosed]).then(([[code, signal]]) => {
      running.delete(child);
      this.#wake();
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stderr: this.#stderr,
      };
    });
  }

  /** Starts `__test__/fixtures/<name>`. */
  static start(name: string, options: FixtureOptions = {}): Fixture {
    const child = fork(join(__dirname, '../fixtures', name), options.args ?? [], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [...(options.execArgv ?? [])],
      ...(options.execPath ? { execPath: options.execPath } : {}),
    });
    return new Fixture(child);
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /**
   * The next message, in the order in which they were sent.
   *
   * @throws Error where the process ends first, with what it wrote to standard error.
   */
  async next<T>(): Promise<T> {
    while (this.#messages.length === 0) {
      if (!running.has(this.#child)) {
        const { code, signal } = await this.#ended;
        throw new Error(`the fixture ended (${code ?? signal ?? '?'}): ${this.#stderr}`);
      }
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    return this.#messages.shift() as T;
  }

  /** Sends it a message. That it cannot hear it any more shows when its answer is awaited. */
  send(message: object): void {
    this.#child.send(message, () => undefined);
  }

  /** Sends a message and waits for the answer to it. */
  ask<T>(message: object): Promise<T> {
    this.send(message);
    return this.next<T>();
  }

  /** Closes the channel between the two. */
  hangUp(): void {
    this.#child.disconnect();
  }

  /** Waits for its end. */
  ended(): Promise<Ending> {
    return this.#ended;
  }

  /** Ends it at once, and waits until it is gone. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    this.#child.kill(signal);
    return this.#ended;
  }
}
