/** Worker threads that do what the test tells them, with a meter in their hands. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const PACKAGE = join(__dirname, '../../dist/index.js');
const SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const nanometer = require(workerData.path);
  const meter = nanometer.open({ service: workerData.service, stateDir: false, inspection: false });
  parentPort.on('message', (code) => {
    let answer;
    if (typeof code !== 'string') { globalThis.stage = code; code = '0'; }
    try { answer = eval(code); } catch (error) { answer = { code: error.code, message: error.message }; }
    parentPort.postMessage(answer);
  });
  parentPort.postMessage('open');`;

const hands = new Set<Hand>();

afterEach(async () => {
  await Promise.all([...hands].map((hand) => hand.end()));
});

/** A worker thread that runs what it is told: code with `meter` and `nanometer` in scope. */
export class Hand {
  private constructor(readonly worker: Worker) {
    hands.add(this);
  }

  /** Starts a thread that opens the meter of that service. It is gone when the test is over. */
  static async start(service: string): Promise<Hand> {
    // Jest's process.env is a copy, which workers do not inherit.
    const worker = new Worker(SOURCE, {
      eval: true,
      workerData: { path: PACKAGE, service },
      env: { ...process.env },
    });
    const hand = new Hand(worker);
    await once(worker, 'message');
    return hand;
  }

  /** What the code's last expression comes to; of an error its code and message. */
  async run<T>(code: string): Promise<T> {
    this.worker.postMessage(code);
    const [answer] = (await once(this.worker, 'message')) as [T];
    return answer;
  }

  /** Ends the thread as a program would that has had enough of it, and waits until it is gone. */
  async end(): Promise<void> {
    if (!hands.delete(this)) return;
    const exit = once(this.worker, 'exit');
    await this.worker.terminate();
    await exit;
  }
}
