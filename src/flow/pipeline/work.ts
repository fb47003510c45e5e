/**
 * What one component of a pipeline is at: the invocation that is open, and where its outputs come
 * from.
 *
 * Lineage: an output belongs to the input that the component is at work on, or else to the one that
 * it worked on last. What it gives out when it flushes belongs to the oldest input that has come
 * since its last output.
 */
import type { ComponentProbe, FlowProbe } from '../probe';
import type { Batch, Batches } from './batch';

/** The work of one component in one pipeline. */
export class Work {
  readonly probe: ComponentProbe;
  readonly isSource: boolean;
  readonly isSink: boolean;
  /** Whether an invocation is open. */
  isOpen = false;
  /** Whether the component's code runs now, called from here. */
  isInside = false;
  // Times begin as what they will be, not as small whole numbers, so that V8 keeps one shape.
  /** Since when the invocation is open, less what is none of its work: nanoseconds. */
  startNs = NaN;
  /** When the element that it works on, or worked on last, left the source. */
  originNs = NaN;
  /** The origin of what it gives out now. */
  outputNs = NaN;
  /** The origin of the oldest input that has come since its last output; NaN where there is none. */
  heldNs = NaN;
  readonly #flow: FlowProbe;
  readonly #durations: Batch;
  readonly #latencies: Batch;

  constructor(flow: FlowProbe, batches: Batches, index: number) {
    const probe = flow.componentProbes[index]!;
    this.#flow = flow;
    this.probe = probe;
    this.isSource = index === 0;
    this.isSink = index === flow.componentProbes.length - 1;
    this.#durations = batches.make((values, count) => {
      probe.invokedAll(values, count);
    });
    this.#latencies = batches.make((values, count) => {
      flow.elementsEnded(values, count);
    });
  }

  /** It takes an element up. */
  begin(originNs: number, startNs: number): void {
    this.isOpen = true;
    this.startNs = startNs;
    this.originNs = originNs;
    this.outputNs = originNs;
    if (this.heldNs !== this.heldNs) this.heldNs = originNs;
  }

  /** It has given something out. */
  gave(): void {
    this.heldNs = NaN;
  }

  /** It has finished with the element. */
  end(nowNs: number): void {
    this.isOpen = false;
    this.#durations.add(nowNs - this.startNs);
    if (this.isSink) this.#latencies.add(nowNs - this.originNs);
  }

  /** It has done a piece of work since its start: it has one such piece after the other. */
  step(nowNs: number): void {
    this.#durations.add(nowNs > this.startNs ? nowNs - this.startNs : 0);
  }

  /** What it gives out from now on is of no one input. */
  settle(): void {
    this.outputNs = Number.isNaN(this.heldNs) ? this.originNs : this.heldNs;
  }

  /** It has failed, with the element that it was at work on, if any. */
  fail(nowNs: number, error: unknown): void {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.probe.failed(wasOpen ? elapsed(this.startNs, nowNs) : 0, error);
    if (wasOpen && !this.isSource) this.#flow.elementFailed(elapsed(this.originNs, nowNs));
  }
}

/** From one time to another, in nanoseconds; 0 where the first is none, or later. */
export function elapsed(fromNs: number, toNs: number): number {
  return toNs > fromNs ? toNs - fromNs : 0;
}
