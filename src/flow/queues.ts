/** The streams before and behind a component: what they are told as it works. */
import { FORM_BACKPRESSURE, FORM_TRANSFER } from '../generated/layout';
import { DURATION, SEQUENCE, stage, START } from '../trace/stage';
import type { FlowRecord } from './flow-record';
import type { FlowStream } from './stream';

/** Those of one component, in one thread. */
export class Queues {
  readonly #flow: FlowRecord;
  readonly #cell: Float64Array;
  readonly #before: readonly FlowStream[];
  readonly #behind: readonly FlowStream[];

  constructor(flow: FlowRecord, before: readonly FlowStream[], behind: readonly FlowStream[]) {
    this.#flow = flow;
    this.#cell = flow.clock.cell;
    this.#before = before;
    this.#behind = behind;
  }

  /** An element leaves those before the component; the clock has just been read. */
  take(slot: number): void {
    const flow = this.#flow;
    const { numbers } = flow.slots;
    for (const stream of this.#before) {
      const at = flow.queuedAt(slot, stream.index);
      if (numbers[at] === 0) continue;
      stage[START] = numbers[at]!;
      numbers[at] = 0;
      stream.took();
    }
  }

  /**
   * The same where each wait is a span of the invocation, and a backpressure that it ends is one of
   * the element.
   *
   * @param span - the id of the invocation's, less the root's
   * @param component - the number of its id
   */
  takeTraced(slot: number, entry: number, span: number, component: number): void {
    const flow = this.#flow;
    const { numbers } = flow.slots;
    const tracer = flow.tracer!;
    for (const stream of this.#before) {
      const at = flow.queuedAt(slot, stream.index);
      const since = numbers[at]!;
      if (since === 0) continue;
      numbers[at] = 0;
      stage[START] = since;
      stage[DURATION] = this.#cell[0]! - since;
      stage[SEQUENCE] = flow.nextTransfer();
      tracer.note(entry, FORM_TRANSFER, span, 0, component);
      const { pressedNs } = stream;
      stage[START] = since;
      stream.took();
      if (pressedNs === 0 || stream.isPressed) continue;
      stage[START] = pressedNs;
      stage[DURATION] = this.#cell[0]! - pressedNs;
      stage[SEQUENCE] = 0;
      tracer.note(entry, FORM_BACKPRESSURE, 0, 0, stream.text);
    }
  }

  /** An element enters those behind, or leaves the flow; the clock has just been read. */
  put(slot: number): void {
    const flow = this.#flow;
    if (this.#behind.length === 0) {
      flow.exit(slot);
      return;
    }
    const { numbers } = flow.slots;
    for (const stream of this.#behind) {
      const at = flow.queuedAt(slot, stream.index);
      // A component that runs twice on an element queues it once.
      if (numbers[at] === 0) stream.entered();
      numbers[at] = this.#cell[0]! || 1;
    }
  }
}
