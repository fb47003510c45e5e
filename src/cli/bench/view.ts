/** How a run is followed while it goes on: a picture in a terminal, now and then a line elsewhere. */
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { BenchPlan } from '../../bench/plan';
import type { Progress } from '../../bench/run/run';
import { coloursOf } from '../colours';
import { say } from '../output';
import { p99Now, picture, rateNow, stage, timeLeft } from './picture';

/** A picture more often than this is not seen. */
const PICTURE_MS = 100;
const LINE_MS = 5_000;
const NARROWEST = 40;

/** Is shown how a run comes along. */
export interface View {
  show(progress: Progress): void;
  /** Nothing more is shown; what was is taken back. */
  end(): void;
}

/** The view for standard error. */
export function makeView(plan: BenchPlan): View {
  return process.stderr.isTTY ? new PictureView(plan, process.stderr) : new LineView(plan);
}

/** Draws over what it drew. */
class PictureView implements View {
  readonly #plan: BenchPlan;
  readonly #terminal: NodeJS.WriteStream;
  #drawnAt = -Infinity;
  #height = 0;
  #isOver = false;

  constructor(plan: BenchPlan, terminal: NodeJS.WriteStream) {
    this.#plan = plan;
    this.#terminal = terminal;
  }

  show(progress: Progress): void {
    const now = performance.now();
    if (this.#isOver || now - this.#drawnAt < PICTURE_MS) return;
    this.#drawnAt = now;
    const width = Math.max(NARROWEST, this.#terminal.columns) - 1;
    const lines = picture(this.#plan, progress, width, coloursOf(this.#terminal));
    this.#takeBack();
    this.#terminal.write(`${lines.join('\n')}\n`);
    this.#height = lines.length;
  }

  end(): void {
    this.#isOver = true;
    this.#takeBack();
    this.#height = 0;
  }

  #takeBack(): void {
    if (this.#height === 0) return;
    moveCursor(this.#terminal, 0, -this.#height);
    cursorTo(this.#terminal, 0);
    clearScreenDown(this.#terminal);
  }
}

/** For logs: what begins, once it does, and a line every few seconds. */
class LineView implements View {
  readonly #plan: BenchPlan;
  #saidAt = -Infinity;

  constructor(plan: BenchPlan) {
    this.#plan = plan;
  }

  show(progress: Progress): void {
    const now = performance.now();
    if (now - this.#saidAt < LINE_MS) return;
    const isFirst = this.#saidAt === -Infinity;
    this.#saidAt = now;
    say(isFirst ? `benching ${this.#plan.file}: ${outline(this.#plan)}` : inWords(progress));
  }

  end(): void {
    // Lines stay.
  }
}

function inWords(progress: Progress): string {
  const p99 = p99Now(progress);
  const figures = [rateNow(progress), p99 === '' ? '' : `p99 ${p99}`].filter((each) => each !== '');
  return [stage(progress), ...figures, timeLeft(progress)].join(', ');
}

function outline(plan: BenchPlan): string {
  const { durationMs, roundMs, variants, workers, ratePerSecond, concurrency } = plan;
  const load =
    ratePerSecond === null
      ? `closed loop, ${concurrency ?? 1} in flight`
      : `open loop, ${ratePerSecond} elements a second`;
  return (
    `${durationMs / 1_000} s in rounds of ${roundMs} ms at ${variants.join(', ')}; ${load}, ` +
    `${workers} ${workers === 1 ? 'worker' : 'workers'}`
  );
}
