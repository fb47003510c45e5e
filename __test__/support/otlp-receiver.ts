/**
 * The receiver of `__test__/export/receiver`, in a process of its own: OTLP decoded by the official
 * types in another language, and answered as the test says.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './surroundings';

/** The ways in which OTLP travels. */
export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

/** All of them. */
export const PROTOCOLS: readonly Protocol[] = ['grpc', 'http/protobuf', 'http/json'];

/** What a request is of. */
export type Signal = 'metrics' | 'traces';

/** How the receiver is to run; `receiver/__main__.py` says what each is. */
export interface ReceiverOptions {
  readonly httpPort?: number;
  readonly grpcPort?: number;
  readonly httpSocket?: string;
  readonly grpcSocket?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly clientCa?: string;
  readonly brief?: boolean;
}

/** An answer that the receiver is to give; success, where nothing is said. */
export interface PlannedAnswer {
  readonly times?: number;
  /** Only to a request whose first span is called so. */
  readonly span?: string;
  readonly delayMs?: number;
  /** Of HTTP. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly drop?: boolean;
  /** Of gRPC. */
  readonly code?: number;
  readonly retryDelayMs?: number;
  /** A partial success. */
  readonly rejected?: number;
  readonly message?: string;
}

/** A request as the receiver decoded it. */
export interface Received {
  readonly protocol: Protocol;
  readonly signal: Signal;
  /** When it was whole: Unix milliseconds. */
  readonly atMs: number;
  /** Of HTTP by lower-case names; of gRPC its metadata. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of HTTP as it came, compressed or not; of gRPC after decompression. */
  readonly wireBytes: number;
  /** What is wrong with it, though it could be read; of JSON, where it is not OTLP's. */
  readonly problems: readonly string[];
  readonly answer: PlannedAnswer;
  /** How many data points or spans. */
  readonly items: number;
  readonly spanIds?: readonly string[];
  /** The request in protobuf's JSON mapping, ids in hexadecimal; not where it is brief. */
  readonly message?: unknown;
}

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** One that runs. */
export class OtlpReceiver {
  readonly #process: ChildProcess;
  readonly #received: Received[] = [];
  #told = 0;
  #acknowledged = 0;
  #ports: { readonly httpPort: number; readonly grpcPort: number } | undefined;
  #stderr = '';

  private constructor(
    process: ChildProcess,
    private readonly options: ReceiverOptions,
  ) {
    this.#process = process;
    running.add(process);
    process.stderr!.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    createInterface({ input: process.stdout! }).on('line', (line) => this.#hear(line));
  }

  /** Starts it, and waits until it listens. */
  static async start(options: ReceiverOptions = {}): Promise<OtlpReceiver> {
    const child = spawn('python3', ['-m', 'receiver', JSON.stringify(options)], {
      cwd: join(__dirname, '../export'),
      stdio: 'pipe',
    });
    const receiver = new OtlpReceiver(child, options);
    await receiver.#until('the receiver listens', () => receiver.#ports !== undefined);
    return receiver;
  }

  /** What came so far, of one signal or both, oldest first: all that was answered is there. */
  async received(signal?: Signal): Promise<readonly Received[]> {
    await this.#tell({});
    return this.#received.filter((request) => signal === undefined || request.signal === signal);
  }

  /** The ports, to listen on them again. */
  get ports(): { readonly httpPort: number; readonly grpcPort: number } {
    return this.#ports!;
  }

  /** Where a client of that protocol sends to, without a path. */
  endpoint(protocol: Protocol): string {
    const scheme = this.options.certificate === undefined ? 'http' : 'https';
    const { httpPort, grpcPort } = this.ports;
    return `${scheme}://127.0.0.1:${protocol === 'grpc' ? grpcPort : httpPort}`;
  }

  /** What had come when it was stopped. */
  get heard(): readonly Received[] {
    return this.#received;
  }

  /** How many items of one signal it took: all but those that it refused. */
  async taken(signal: Signal): Promise<number> {
    return (await this.received(signal))
      .filter(({ answer }) => !isRefusal(answer))
      .reduce((sum, { items, answer }) => sum + items - (answer.rejected ?? 0), 0);
  }

  /** Answers with these from now on, and past them with the last argument. */
  answer(
    signal: Signal,
    answers: readonly PlannedAnswer[],
    otherwise: PlannedAnswer = {},
  ): Promise<void> {
    return this.#tell({ signal, answers, otherwise });
  }

  /** Forgets what came. */
  async forget(): Promise<void> {
    await this.#tell({});
    this.#received.length = 0;
  }

  /** Ends it at once: connections break. */
  async stop(): Promise<void> {
    if (!running.delete(this.#process)) return;
    // Not 'exit': what it had told by then is still to be heard.
    const exit = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await exit;
  }

  /** Tells it something, and waits until it has understood. */
  async #tell(what: object): Promise<void> {
    this.#told += 1;
    const mine = this.#told;
    this.#process.stdin!.write(`${JSON.stringify(what)}\n`);
    await this.#until('the receiver has understood', () => this.#acknowledged >= mine);
  }

  async #until(what: string, probe: () => boolean): Promise<void> {
    await until(what, () => {
      if (this.#process.exitCode !== null) throw new Error(`the receiver ended: ${this.#stderr}`);
      return probe();
    });
  }

  #hear(line: string): void {
    const told = JSON.parse(line) as {
      readonly ready?: { readonly httpPort: number; readonly grpcPort: number };
      readonly request?: Received;
    };
    if (told.ready !== undefined) this.#ports = told.ready;
    else if (told.request !== undefined) this.#received.push(told.request);
    else this.#acknowledged += 1;
  }
}

function isRefusal({ status = 200, code = 0, drop = false }: PlannedAnswer): boolean {
  return status !== 200 || code !== 0 || drop;
}
