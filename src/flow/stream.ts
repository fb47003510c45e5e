/**
 * The queue between two components: depth, peak, waiting time, and backpressure with hysteresis.
 *
 *     depth ≥ high water mark ──▶ backpressure on        depth ≤ low water mark ──▶ off
 *
 * Nothing here throws; nothing allocates but the event of a change.
 */
import type { Clock } from '../backend/backend';
import { GATE } from '../generated/layout';
import type { Counter } from '../handles/counter';
import { Gauge } from '../handles/gauge';
import { Histogram } from '../handles/histogram';
import { scratch } from '../handles/search';
import { stage, START } from '../trace/stage';
import { Tally } from '../trace/tally';
import type { FlowEvents } from './events';
import type { FlowMetrics } from './metrics';
import type { WaterMarks } from './options';

// A small high water mark has a stream in backpressure after every element: an event for each would
// cost a microsecond, and push all others out of the ring. The diagnostic level has them all.
const TOLD_EVERY_NS = 100e6;

/**
 * A stream of a flow, as one thread sees it: the queue that elements wait in between two components.
 * Elements that go through `component.run()` or `start()` pass it by themselves; a queue that a
 * program keeps on its own is told of with `enqueue()` and `dequeue()`.
 *
 * Backpressure is counted each time, and told of in events at most once in 100 ms; at the diagnostic
 * level each time.
 */
export class FlowStream {
  /** `producer->consumer`: the label `stream_id`. */
  readonly id: string;
  /** Its place among the flow's streams. @internal */
  readonly index: number;
  /** The number of its id, for spans; 0 where nothing is traced. @internal */
  text = 0;
  /** What it transferred, and how long that waited. @internal */
  readonly tally: Tally;
  readonly #flowId: string;
  readonly #clock: Clock;
  /** Above 1 at the level diagnostic. */
  readonly #gate: Float64Array;
  readonly #cell: Float64Array;
  readonly #high: number;
  readonly #low: number;
  readonly #transferred: Counter;
  readonly #pressures: Counter;
  readonly #pressureNs: Counter;
  readonly #pressureActive: Gauge;
  readonly #currentDepth: Gauge;
  readonly #peakDepth: Gauge;
  readonly #waitTime: Histogram;
  readonly #events: FlowEvents;
  #depth = 0;
  #peak = 0;
  /** When backpressure set in, or how far its time has been counted; 0 while there is none. */
  #pressedNs = 0;
  #sinceNs = 0;
  /** When backpressure was told of last, and whether the one now, or the last one, was. */
  #toldNs = -Infinity;
  #isTold = false;

  /** @internal */
  constructor(
    id: string,
    index: number,
    flowId: string,
    metrics: FlowMetrics,
    events: FlowEvents,
    clock: Clock,
    gate: Float64Array,
    marks: WaterMarks,
  ) {
    const labels = { flow_id: flowId, stream_id: id };
    this.id = id;
    this.index = index;
    this.#flowId = flowId;
    this.#clock = clock;
    this.#gate = gate;
    this.#cell = clock.cell;
    this.#high = marks.high;
    this.#low = marks.low;
    this.#transferred = metrics.counter('stream.elements.transferred', labels);
    this.#pressures = metrics.counter('stream.backpressure.events', labels);
    this.#pressureNs = metrics.counter('stream.backpressure.duration_ns', labels);
    this.#pressureActive = metrics.gauge('stream.backpressure.active', labels);
    this.#currentDepth = metrics.gauge('stream.queue.current_depth', labels);
    this.#peakDepth = metrics.gauge('stream.queue.peak_depth', labels);
    this.#waitTime = metrics.histogram('stream.queue.wait_time', labels);
    this.tally = new Tally(this.#transferred, this.#waitTime);
    this.#events = events;
  }

  /** How many elements wait in it now, of this thread's. */
  get depth(): number {
    return this.#depth;
  }

  /** Since when it has been in backpressure, in this thread: nanoseconds; 0 while it is not. @internal */
  get pressedNs(): number {
    return this.#pressedNs;
  }

  /** Whether it is in backpressure, in this thread. */
  get isPressed(): boolean {
    return this.#pressedNs !== 0;
  }

  /**
   * An element has entered.
   *
   * @returns the time, for `dequeue`: nanoseconds of the meter's clock
   */
  enqueue(): number {
    // This little, V8 always puts into its caller: a number that a function returns is allocated.
    this.enteredNow();
    return this.#cell[0]!;
  }

  /**
   * An element has left to the consumer.
   *
   * @param enqueuedNs - what `enqueue` gave; its waiting time is recorded
   */
  dequeue(enqueuedNs: number): void {
    // This little: see enqueue.
    scratch[0] = enqueuedNs;
    this.tookStaged();
  }

  /** An element has entered; reads the clock. @internal */
  enteredNow(): void {
    this.entered();
    this.#clock.tick();
  }

  /** The element that has waited since the time that stands in `scratch` leaves. @internal */
  tookStaged(): void {
    this.#clock.tick();
    const waitNs = this.#cell[0]! - scratch[0]!;
    scratch[0] = waitNs;
    this.#transferred.inc();
    if (Number.isFinite(waitNs)) Histogram.recordStaged(this.#waitTime);
    else this.#waitTime.record(NaN);
    this.left();
  }

  /** An element has entered. @internal */
  entered(): void {
    const depth = this.#depth + 1;
    this.setDepth(depth);
    if (depth >= this.#high && this.#pressedNs === 0) this.pressed();
  }

  /** An element has left, to the consumer or to nowhere. @internal */
  left(): void {
    // More may leave than came where a program keeps the queue: it is empty then.
    const depth = this.#depth === 0 ? 0 : this.#depth - 1;
    this.setDepth(depth);
    if (this.#pressedNs !== 0 && depth <= this.#low) this.released();
  }

  /** See `StreamProbe`. @internal */
  setDepth(depth: number): void {
    this.#depth = depth;
    Gauge.put(this.#currentDepth, depth);
    if (depth > this.#peak) {
      this.#peak = depth;
      Gauge.raise(this.#peakDepth, depth);
    }
  }

  /**
   * The element that has waited since the time that is staged leaves to the consumer; the clock has
   * just been read. Takes no times: see `Histogram.recordStaged`.
   *
   * @internal
   */
  took(): void {
    scratch[0] = this.#cell[0]! - stage[START]!;
    this.tally.recordStaged();
    this.left();
  }

  /** See `StreamProbe`. @internal */
  transferred(waitNs: number): void {
    this.#transferred.inc();
    this.#waitTime.record(waitNs);
  }

  /** See {@link StreamProbe}. @internal */
  passed(count: number): void {
    this.#transferred.add(count);
    Histogram.recordZeros(this.#waitTime, count);
  }

  /** See `StreamProbe`. @internal */
  transferredAll(waitsNs: Float64Array, count: number): void {
    this.#transferred.add(count);
    Histogram.recordAll(this.#waitTime, waitsNs, count);
  }

  /** See `StreamProbe`. @internal */
  pressed(): void {
    if (this.#pressedNs !== 0) return;
    this.#pressedNs = this.#sinceNs = this.#now() || 1;
    this.#pressures.inc();
    Gauge.put(this.#pressureActive, 1);
    this.#isTold = this.#pressedNs - this.#toldNs >= TOLD_EVERY_NS || this.#gate[GATE]! > 1;
    if (!this.#isTold) return;
    this.#toldNs = this.#pressedNs;
    this.#events.pressed(this.#flowId, this.id, this.#depth);
  }

  /** See `StreamProbe`. @internal */
  released(): void {
    if (this.#pressedNs === 0) return;
    this.accrue();
    const durationNs = this.#sinceNs - this.#pressedNs;
    this.#pressedNs = 0;
    Gauge.put(this.#pressureActive, 0);
    if (this.#isTold) this.#events.released(this.#flowId, this.id, durationNs);
  }

  /** Counts the time in backpressure so far, so that a long one shows before it ends. @internal */
  accrue(): void {
    if (this.#pressedNs === 0) return;
    const now = this.#now();
    const durationNs = now - this.#sinceNs;
    if (!(durationNs > 0)) return;
    this.#pressureNs.add(durationNs);
    this.#sinceNs = now;
  }

  #now(): number {
    const clock = this.#clock;
    clock.tick();
    return clock.cell[0]!;
  }
}
