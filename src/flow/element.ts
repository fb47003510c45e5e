/**
 * One item on its way through a flow: a slot's number and its generation, and nothing else. What is
 * known of an element is in the slot, which is used again when the element has ended; a call on an
 * element that has ended finds another generation there, and is refused and counted.
 */
import type { ActiveSerial } from '../handles/active-serial';
import { NO_BAGGAGE, type Baggage } from '../trace/context/baggage';
import { NO_ENTRY } from '../trace/entry';
import { Origin } from '../trace/origin';
import { ACTIVATE, LOCATE } from '../trace/place';
import type { FlowRecord } from './flow-record';
import { NO_SLOT } from './slots';

/** Where the element is that was asked last. */
const place = new Origin();

/** Why a buffer was copied; see document 000. Any other text is accepted too. */
export type CopyReason = 'MetadataMarshal' | 'PayloadRead' | 'PayloadWrite' | (string & {});

/**
 * An element of a flow. Get it from `flow.begin()`, on the thread that works on it, and end it once
 * with `end()` or `fail()`. No method throws; calls on an element that has ended are counted in
 * `nanometer.elements_refused` and change nothing.
 */
export class Element {
  readonly #record: FlowRecord | null;
  readonly #slot: number;
  readonly #generation: number;

  /** @internal */
  constructor(record: FlowRecord | null, slot: number, generation: number) {
    this.#record = record;
    this.#slot = slot;
    this.#generation = generation;
  }

  /**
   * It is through the flow: counts it, and how long it took from `begin()` to the end of the last
   * component; to now, where it never came there.
   */
  end(): void {
    const record = this.#record;
    if (record === null) return;
    const slot = this.#slot;
    if (record.slots.generations[slot] !== this.#generation) record.refused.inc();
    else record.end(slot);
  }

  /**
   * It was lost to an error: counts it. The component that threw the error has counted it already;
   * where one is at work on the element since `component.start()`, the error is counted there.
   */
  fail(error?: unknown): void {
    const record = this.#record;
    if (record === null) return;
    const slot = this.#slot;
    if (record.slots.generations[slot] !== this.#generation) record.refused.inc();
    else record.fail(slot, error, Element.hasCounted(this, error));
  }

  /** A buffer of it was copied: counts the copy, with its reason, and the bytes. */
  copy(reason: CopyReason, bytes: number): void {
    const record = this.#record;
    if (record === null) return;
    if (record.slots.generations[this.#slot] !== this.#generation) record.refused.inc();
    else record.copied(this.#slot, reason, bytes);
  }

  /** Promotes its trace: what this thread has of it, and what is to come. No limit applies. */
  promote(): void {
    const record = this.#record;
    if (record === null) return;
    const slot = Element.slotIn(this, record);
    if (slot === NO_SLOT) record.refused.inc();
    else if (record.slots.entries[slot] !== NO_ENTRY) {
      record.tracer!.promote(record.slots.entries[slot]!);
    }
  }

  /**
   * Its trace's id, 32 hexadecimal digits, while it is in flight; its caller's, where it records
   * nothing and there is one; else `''`.
   */
  get traceId(): string {
    return this[LOCATE](place)?.traceId ?? '';
  }

  /** The id of its own span, 16 hexadecimal digits, or `''`: as {@link Element.traceId}. */
  get spanId(): string {
    return this[LOCATE](place)?.spanId ?? '';
  }

  /** The header that says where it is, for a request to elsewhere; `''` where it is nowhere. */
  traceparent(): string {
    return this[LOCATE](place)?.traceparent() ?? '';
  }

  /** What other tracing systems sent along, to be sent on; `''` where there is none. */
  tracestate(): string {
    return this[LOCATE](place)?.tracestate ?? '';
  }

  /** What programs sent along, by key. */
  get baggage(): Baggage {
    return this[LOCATE](place)?.baggage ?? NO_BAGGAGE;
  }

  /** Whether it is in flight: begun at a level that records, and not ended. */
  get isInFlight(): boolean {
    return this.#record !== null && Element.slotIn(this, this.#record) !== NO_SLOT;
  }

  /** Where it is in its trace, for what is below it: see `Place`. @internal */
  [LOCATE](into: Origin): Origin | null | undefined {
    if (!(#slot in this)) return undefined;
    const entry = this.#entry;
    if (entry !== NO_ENTRY) {
      into.setOpen(this.#record!.tracer!, entry, 0);
      return into;
    }
    const carried = carriers.get(this);
    if (carried === undefined) return null;
    into.copyFrom(carried);
    return into;
  }

  /** This thread is at work on its local trace: see `ActivePlace`. @internal */
  [ACTIVATE](active: ActiveSerial): boolean {
    if (!(#slot in this)) return false;
    const entry = this.#entry;
    if (entry !== NO_ENTRY) this.#record!.tracer!.activateIn(active, entry);
    return true;
  }

  /** The entry of its local trace, while it is in flight; else {@link NO_ENTRY}. */
  get #entry(): number {
    const record = this.#record;
    const slot = record === null ? NO_SLOT : Element.slotIn(this, record);
    return slot === NO_SLOT ? NO_ENTRY : record!.slots.entries[slot]!;
  }

  /**
   * Its slot, where it is in flight in that flow; else {@link NO_SLOT}.
   *
   * @internal
   */
  static slotIn(element: Element, record: FlowRecord): number {
    try {
      if (element.#record !== record) return NO_SLOT;
      const slot = element.#slot;
      return record.slots.generations[slot] === element.#generation ? slot : NO_SLOT;
    } catch {
      // No element at all. Asking first (`#slot in element`) costs 2 ns a call.
      return NO_SLOT;
    }
  }

  /** Whether a value is an element, and no object that looks like one. @internal */
  static is(value: unknown): value is Element {
    return typeof value === 'object' && value !== null && #slot in value;
  }

  /** Whether nothing is recorded of it. @internal */
  static isInert(value: unknown): boolean {
    return Element.is(value) && value.#record === null;
  }

  /** Has it say where its caller is, since it is not traced itself. @internal */
  static carry(element: Element, caller: Origin): void {
    const carried = new Origin();
    carried.copyFrom(caller);
    carriers.set(element, carried);
  }

  /** Notes an error that a component has counted, and when. @internal */
  static noteError(element: Element, error: unknown, component: unknown, atNs: number): void {
    errors.set(element, { error, component, atNs });
  }

  /**
   * Whether that error is the one that was counted last for it, on its way out or handed on. The
   * component that counted it counts it again where another try of its own throws it again.
   *
   * @internal
   */
  static hasCounted(element: Element, error: unknown, component?: unknown, startNs = 0): boolean {
    const noted = errors.get(element);
    if (noted === undefined || !Object.is(noted.error, error)) return false;
    return component !== noted.component || startNs <= noted.atNs;
  }
}

interface Noted {
  readonly error: unknown;
  readonly component: unknown;
  readonly atNs: number;
}

/**
 * The last error that a component has counted for an element, so that it is counted in one only.
 * Kept apart, since few elements have one, and it may still be on its way when its element has ended.
 */
const errors = new WeakMap<Element, Noted>();

/** Where their callers are, of elements that are not traced themselves: level off, or no tracing. */
const carriers = new WeakMap<Element, Origin>();

/** The element of a flow that does not record: all calls of it do nothing. */
export const INERT = new Element(null, NO_SLOT, 0);
