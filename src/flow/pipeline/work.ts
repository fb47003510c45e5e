/**
 * What one component of a pipeline is at: the invocation that is open, and where its outputs come
 * from.
 *
 * Lineage: an output belongs to the input that the component is at work on. Between two inputs, and
 * when it flushes, it belongs to the oldest input that has given no output since the last one that
 * did, or else to the last input.
 */
import type { ComponentProbe, FlowProbe } from '../probe';

/** The work of one component in one pipeline. */
export class Work {
  readonly probe: ComponentProbe;
  readonly isSource: boolean;
  readonly isSink: boolean;
  /** Whether an invocation is open. */
  isOpen = false;
  /** Since when, less what is none of its work: nanoseconds. */
  startNs = 0;
  /** When the element that it works on, or worked on last, left the source. */
  originNs = 0;
  /** The origin of what it puts out now. */
  outputNs = 0;
  /** Whether it has put anything out since its last input came. */
  hasOutput = false;
  readonly #flow: FlowProbe;
  /** The origin of the oldest input without an output since; 0 where there is none. */
  #heldNs = 0;

  constructor(flow: FlowProbe, index: number) {
    this.#flow = flow;
    this.probe = flow.componentProbes[index]!;
    this.isSource = index === 0;
    this.isSink = index === flow.componentProbes.length - 1;
  }

  /** It takes an element up. */
  begin(originNs: number, startNs: number): void {
    if (this.hasOutput) this.#heldNs = 0;
    else if (this.#heldNs === 0) this.#heldNs = this.originNs;
    this.hasOutput = false;
    this.isOpen = true;
    this.startNs = startNs;
    this.originNs = originNs;
    this.outputNs = originNs;
  }

  /** It has finished with the element. */
  end(nowNs: number): void {
    this.isOpen = false;
    this.probe.invoked(elapsed(this.startNs, nowNs));
    if (this.isSink) this.#flow.elementEnded(elapsed(this.originNs, nowNs));
  }

  /** What it puts out from now on, and before its next input, is of no input that it works on. */
  settle(): void {
    this.outputNs = this.hasOutput || this.#heldNs === 0 ? this.originNs : this.#heldNs;
  }

  /** It has failed, with the element that it was at work on, if any. */
  fail(nowNs: number, error: unknown): void {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.probe.failed(wasOpen ? elapsed(this.startNs, nowNs) : 0, error);
    if (wasOpen && !this.isSource) this.#flow.elementFailed(elapsed(this.originNs, nowNs));
  }
}

/** From one time to another, in nanoseconds; never below 0. */
export function elapsed(fromNs: number, toNs: number): number {
  return toNs > fromNs ? toNs - fromNs : 0;
}
