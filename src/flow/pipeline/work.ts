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
  /** When the element that it works on, or worked on last, left the source: its outputs' origin. */
  originNs = NaN;
  /** Whether it has given anything out since the oldest input that it may still hold came. */
  hasGiven = true;
  readonly #flow: FlowProbe;
  /** The origin of the oldest input that it may still hold. */
  #heldNs = NaN;
  /** How long its invocations took; of the last component, how long their elements did, too. */
  readonly #figures: Batch;

  constructor(flow: FlowProbe, batches: Batches, index: number) {
    const probe = flow.componentProbes[index]!;
    this.#flow = flow;
    this.probe = probe;
    this.isSource = index === 0;
    this.isSink = index === flow.componentProbes.length - 1;
    this.#figures = this.isSink
      ? batches.makePaired((durations, count, latencies) => {
          probe.invokedAll(durations, count);
          flow.elementsEnded(latencies, count);
        })
      : batches.make((durations, count) => {
          probe.invokedAll(durations, count);
        });
  }

  /** It takes an element up. */
  begin(originNs: number, startNs: number): void {
    this.isOpen = true;
    this.startNs = startNs;
    this.originNs = originNs;
    if (this.hasGiven) {
      this.hasGiven = false;
      this.#heldNs = originNs;
    }
  }

  /** It has finished with the element. */
  end(nowNs: number): void {
    this.isOpen = false;
    if (this.isSink) this.#figures.addPair(nowNs - this.startNs, nowNs - this.originNs);
    else this.#figures.add(nowNs - this.startNs);
  }

  /** It has done a piece of work since its start: it has one such piece after the other. */
  step(nowNs: number): void {
    this.#figures.add(nowNs > this.startNs ? nowNs - this.startNs : 0);
  }

  /** What it gives out from now on is of no one input. */
  settle(): void {
    if (!this.hasGiven) this.originNs = this.#heldNs;
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
