/** Events as the inspection server shows them, and worker threads that emit. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Meter, OpenOptions, RecordedEvent } from 'nanometer';
import { quietMeter } from './meter';

/** What `GET /events` answers. */
export interface EventsAnswer {
  readonly events: readonly RecordedEvent[];
  readonly lost: number;
  readonly last: number;
}

const meters: Meter[] = [];

afterAll(() => Promise.all(meters.map((meter) => meter.close())));

/** A meter of its own service that is served, until the test file is over. */
export function servedMeter(options: OpenOptions = {}): Meter {
  const meter = quietMeter({ inspection: { port: 0, socket: false }, ...options });
  meters.push(meter);
  return meter;
}

/** What the server answers to a path, whatever its status. */
export async function ask(meter: Meter, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${meter.inspection?.url ?? ''}${path}`);
  return { status: response.status, body: await response.json() };
}

/** The events after that number. */
export async function eventsAfter(meter: Meter, after = 0): Promise<EventsAnswer> {
  return (await ask(meter, `/events?after=${after}`)).body as EventsAnswer;
}

/** A worker thread that does what it is told with events: see `fixtures/event-worker.cjs`. */
export class EventWorker {
  readonly #worker: Worker;
  /** How many events it has emitted when it was told to go on for ever. */
  readonly emitted = new Int32Array(new SharedArrayBuffer(4));

  private constructor(service: string, name: string) {
    const file = join(__dirname, '../fixtures/event-worker.cjs');
    // Jest's process.env is a copy, which workers do not inherit.
    const env = { ...process.env };
    this.#worker = new Worker(file, { workerData: { service, name, emitted: this.emitted }, env });
  }

  /** Starts it, and waits until it has opened the meter. */
  static async start(meter: Meter, name: string): Promise<EventWorker> {
    const worker = new EventWorker(meter.service, name);
    await once(worker.#worker, 'message');
    return worker;
  }

  /** Tells it what to do, and waits for its answer. */
  async tell<T>(command: object): Promise<T> {
    const answer = once(this.#worker, 'message') as Promise<[T]>;
    this.send(command);
    return (await answer)[0];
  }

  /** Tells it what to do. */
  send(command: object): void {
    this.#worker.postMessage(command);
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    const exit = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await exit;
  }
}
