/**
 * Writes spans into the memory of a thread as `crates/core/src/layout/spans.rs` says, with nothing of
 * the package's own writers: so that readers are judged by the layout and not by its other users.
 */
import type { SpanData, TraceData } from 'nanometer';
import type { TraceMemory, Views } from '../../dist/backend/backend';
import * as layout from '../../dist/generated/layout';

const { BLOCK_HEADER_CELLS, EXPORT_HEAD, EXPORT_TAIL, FLIGHT_CURSOR } = layout;
const { SPAN_WORDS, SPANS_PER_BLOCK, TEXT_SLOT_BYTES } = layout;
const WRITING = -1;

/** A span to be written. What is left out is 0, or empty. */
export interface WrittenSpan {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parent?: string;
  readonly form?: number;
  readonly kind?: number;
  readonly status?: number;
  readonly name?: number;
  readonly flow?: number;
  readonly component?: number;
  readonly startNs?: number;
  readonly durationNs?: number;
  readonly sequence?: number;
  readonly amount?: number;
  readonly text?: string;
  readonly traceFlags?: number;
}

/** An entry of the open table. */
export interface WrittenEntry {
  readonly trace: string;
  readonly id: string;
  readonly name?: number;
  readonly flow?: number;
  readonly component?: number;
  readonly startNs?: number;
  readonly componentStartNs?: number;
}

/**
 * A trace without its Unix times: where its clock was 0 is found out anew each time that spans are
 * taken out of memory.
 */
export function timeless(trace: TraceData): object {
  return { ...trace, startMs: 0, spans: trace.spans.map(timelessSpan) };
}

/** The same of one span. */
export function timelessSpan<S extends SpanData>(span: S): S {
  return { ...span, startMs: 0, events: span.events.map((event) => ({ ...event, atMs: 0 })) };
}

/** The words of an id. */
export function idWords(digits: string): number[] {
  return (digits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 16) | 0);
}

/** Writes the spans of one thread. */
export class SpanWriter {
  readonly memory: TraceMemory;
  #word = 0;

  constructor(memory: TraceMemory) {
    this.memory = memory;
  }

  /** How many slots the flight ring has. */
  get flightSlots(): number {
    return this.memory.flight.length * SPANS_PER_BLOCK;
  }

  /** How many slots the export ring has. */
  get exportSlots(): number {
    return this.memory.exports.length * SPANS_PER_BLOCK;
  }

  /** Writes a span into the flight ring, and answers its slot. */
  record(span: WrittenSpan): number {
    const head = this.memory.flight[0]!.cells;
    const slot = head[FLIGHT_CURSOR]! % this.flightSlots;
    head[FLIGHT_CURSOR]! += this.#write(this.memory.flight, slot, span, 0);
    return slot;
  }

  /** Writes a span into the export ring. False where it is full. */
  promote(span: WrittenSpan, reason: number): boolean {
    const { exports } = this.memory;
    const head = exports[0]!.cells[EXPORT_HEAD]!;
    const slots = 1 + textSlots(span);
    if (head - exports[1]!.cells[EXPORT_TAIL]! + slots > this.exportSlots) return false;
    this.#write(exports, head, span, reason);
    exports[0]!.cells[EXPORT_HEAD] = head + slots;
    return true;
  }

  /** Sets the word of a slot of the flight ring. */
  setWord(slot: number, word: number): void {
    const { words, at } = place(this.memory.flight, slot);
    words[at + layout.SPAN_WORD] = word;
  }

  /** Writes an entry of the open table, in place of what is there. */
  open(index: number, entry: WrittenEntry, generation = 1): void {
    const { words, cells, at } = place([this.memory.open], index);
    words[at + layout.OPEN_WORD] = 0;
    words.set(idWords(entry.trace), at + layout.OPEN_TRACE);
    words.set(idWords(entry.id), at + layout.OPEN_ID);
    words[at + layout.OPEN_NAME] = entry.name ?? 0;
    words[at + layout.OPEN_FLOW] = entry.flow ?? 0;
    words[at + layout.OPEN_COMPONENT] = entry.component ?? 0;
    cells[at / 2 + layout.OPEN_START] = entry.startNs ?? 0;
    cells[at / 2 + layout.OPEN_COMPONENT_START] = entry.componentStartNs ?? 0;
    words[at + layout.OPEN_WORD] = generation;
  }

  /** @returns how many slots it took */
  #write(blocks: readonly Views[], first: number, span: WrittenSpan, reason: number): number {
    const { words, cells, at } = place(blocks, first);
    words[at + layout.SPAN_WORD] = WRITING;
    const { form = 0, kind = 0, status = 0, parent = '0'.repeat(16), text = '' } = span;
    words[at + layout.SPAN_FATE] = layout.FATE_KEPT;
    words.set(idWords(span.trace), at + layout.SPAN_TRACE);
    words.set(idWords(span.id), at + layout.SPAN_ID);
    words.set(idWords(parent), at + layout.SPAN_PARENT);
    words[at + layout.SPAN_FORM] = form | (kind << 8) | (status << 16) | (reason << 24);
    words[at + layout.SPAN_NAME] = span.name ?? 0;
    words[at + layout.SPAN_FLOW] = span.flow ?? 0;
    words[at + layout.SPAN_COMPONENT] = span.component ?? 0;
    cells[at / 2 + layout.SPAN_START] = span.startNs ?? 0;
    cells[at / 2 + layout.SPAN_DURATION] = span.durationNs ?? 0;
    cells[at / 2 + layout.SPAN_SEQUENCE] = span.sequence ?? 0;
    cells[at / 2 + layout.SPAN_AMOUNT] = span.amount ?? 0;
    words[at + layout.SPAN_TRACE_FLAGS] = span.traceFlags ?? 0;
    const slots = textSlots(span);
    words[at + layout.SPAN_TEXT_BYTES] = Buffer.byteLength(text);
    words[at + layout.SPAN_TEXT_SLOTS] = slots;
    const bytes = Buffer.from(text);
    for (let index = 0; index < slots; index++) {
      const part = bytes.subarray(index * TEXT_SLOT_BYTES, (index + 1) * TEXT_SLOT_BYTES);
      const behind = place(blocks, first + 1 + index);
      behind.words[behind.at] = WRITING;
      const start = behind.words.byteOffset + (behind.at + 1) * 4;
      new Uint8Array(behind.words.buffer, start, part.length).set(part);
    }
    this.#word += 1;
    words[at + layout.SPAN_WORD] = this.#word;
    return 1 + slots;
  }
}

function textSlots({ text = '' }: WrittenSpan): number {
  return Math.ceil(Buffer.byteLength(text) / TEXT_SLOT_BYTES);
}

function place(blocks: readonly Views[], slot: number): Views & { readonly at: number } {
  const inRing = slot % (blocks.length * SPANS_PER_BLOCK);
  const at = BLOCK_HEADER_CELLS * 2 + (inRing % SPANS_PER_BLOCK) * SPAN_WORDS;
  return { ...blocks[Math.floor(inRing / SPANS_PER_BLOCK)]!, at };
}
