/**
 * What a span has to say beyond its numbers: UTF-8 JSON, in a bounded number of slots behind its own.
 *
 *     { "name"?, "message"?, "attributes"?: {…},
 *       "events"?: [{ "name", "atNs", "attributes", "dropped"?: how many attributes }],
 *       "dropped"?: [how many attributes, how many events] that did not fit }
 *
 * Nothing here throws.
 */
import { inWords } from '../errors';
import * as layout from '../generated/layout';
import type { AttributeValue } from './data';

const MOST_BYTES = layout.MOST_TEXT_SLOTS * layout.TEXT_SLOT_BYTES;
// So that a name, a message and an exception leave each other room.
const MOST_STRING_BYTES = 1_024;
// Of `,"dropped":`, two numbers, and the brackets that close what is open.
const RESERVED_BYTES = 40;
// Of UTF-8 for a unit of a string.
const MOST_BYTES_A_UNIT = 3;
// Of JSON for the same: \u0000.
const MOST_BYTES_A_CHARACTER = 6;
/** Anything but what JSON shows as it is; looked for in what is short only. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
const MOST_LOOKED = 256;
const CUT_MARK = '…';
const CUT_MARK_BYTES = 3;

/** What happened in a span, at a time of the clock, nanoseconds. */
export interface SpanMoment {
  readonly name: string;
  readonly atNs: number;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** How many attributes were left out already. */
  readonly dropped?: number;
}

/** What is to be said of a span. */
export interface SpanDetails {
  /** The name, where it has no number. */
  readonly name?: string | undefined;
  readonly message?: string | undefined;
  readonly attributes?: ReadonlyMap<string, AttributeValue> | undefined;
  readonly events?: readonly SpanMoment[] | undefined;
  /** How many attributes were left out already. */
  readonly droppedAttributes?: number;
  /** How many events were left out already. */
  readonly droppedEvents?: number;
}

/** No attributes. */
export const NO_ATTRIBUTES: ReadonlyMap<string, AttributeValue> = new Map();

const bytes = new Uint8Array(MOST_BYTES);
/** The text that was encoded last. */
export const staged = new Int32Array(bytes.buffer);
const encoder = new TextEncoder();

/** Whether a value can be an attribute's. */
export function isAttributeValue(value: unknown): value is AttributeValue {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' || typeof value === 'boolean';
}

/** Puts the JSON into {@link staged}, and answers how many bytes it has; 0 where nothing is said. */
export function stageText(details: SpanDetails): number {
  const whole = wholeText(details);
  // Whatever its characters are, it fits: 2.3 µs for three attributes when each was measured.
  if (whole.length * MOST_BYTES_A_UNIT <= MOST_BYTES) {
    return whole === '{}' ? 0 : encoder.encodeInto(whole, bytes).written;
  }
  return encoder.encodeInto(fittingText(details), bytes).written;
}

/** The JSON of everything. */
function wholeText(details: SpanDetails): string {
  const { name, message, attributes, events, droppedAttributes = 0, droppedEvents = 0 } = details;
  let text = '{';
  if (name !== undefined) text += `"name":${stringJson(name)}`;
  if (message !== undefined) text += `${separator(text)}"message":${stringJson(message)}`;
  if (attributes !== undefined) {
    text += `${separator(text)}"attributes":{${attributesJson(attributes)}}`;
  }
  if (events !== undefined) {
    text += `${separator(text)}"events":[${events.map(eventJson).join(',')}]`;
  }
  if (droppedAttributes + droppedEvents > 0) {
    text += separator(text) + droppedJson(droppedAttributes, droppedEvents);
  }
  return text + '}';
}

function droppedJson(attributes: number, events: number): string {
  return `"dropped":[${attributes},${events}]`;
}

function separator(text: string): string {
  return text.length === 1 ? '' : ',';
}

/** The JSON of what the slots can take. Cold. */
function fittingText(details: SpanDetails): string {
  const { name, message, attributes, events } = details;
  let { droppedAttributes = 0, droppedEvents = 0 } = details;
  const budget = new Budget();
  const parts: string[] = [];
  if (name !== undefined) parts.push(budget.spend(`"name":${stringJson(name)}`));
  if (message !== undefined) parts.push(budget.spend(`"message":${stringJson(message)}`));
  const said = attributes === undefined ? [] : budget.attributes(attributes);
  if (said.length > 0) parts.push(`"attributes":{${said.join(',')}}`);
  const happened = events === undefined ? [] : budget.events(events);
  if (happened.length > 0) parts.push(`"events":[${happened.join(',')}]`);
  droppedAttributes += (attributes?.size ?? 0) - said.length;
  droppedEvents += (events?.length ?? 0) - happened.length;
  if (droppedAttributes + droppedEvents > 0) {
    parts.push(droppedJson(droppedAttributes, droppedEvents));
  }
  return `{${parts.join(',')}}`;
}

/** An error's name and message; what a program throws can be anything, and throw when looked at. */
export function describeError(error: unknown): { readonly type: string; readonly message: string } {
  try {
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const { name, message } = error as { name?: unknown; message: unknown };
      return { type: typeof name === 'string' ? name : 'Error', message: String(message) };
    }
  } catch {
    // Its getters throw.
  }
  return { type: error === null ? 'null' : typeof error, message: inWords(error) };
}

/** Puts the text of a failure into {@link staged}; see {@link stageText}. */
export function stageError(error: unknown, atNs: number): number {
  if (error === undefined) return 0;
  const { message } = describeError(error);
  return stageText({ message, events: [exceptionOf(error, atNs)] });
}

/** An event of a failure, by OpenTelemetry's conventions for exceptions. */
export function exceptionOf(error: unknown, atNs: number): SpanMoment {
  const { type, message } = describeError(error);
  const attributes = new Map<string, AttributeValue>([
    ['exception.type', cut(type)],
    ['exception.message', cut(message)],
  ]);
  return { name: 'exception', atNs, attributes };
}

/** The bytes that are left of those that slots can take. */
class Budget {
  #left = MOST_BYTES - RESERVED_BYTES;

  /** Takes a part that fits in any case. */
  spend(part: string): string {
    this.#left -= Buffer.byteLength(part) + 1;
    return part;
  }

  /** Those that fit. */
  attributes(attributes: ReadonlyMap<string, AttributeValue>): string[] {
    const parts: string[] = [];
    this.#left -= '"attributes":{},'.length;
    for (const [name, value] of attributes) this.#add(parts, attributeJson(name, value));
    return parts;
  }

  /** Those that fit. */
  events(events: readonly SpanMoment[]): string[] {
    const parts: string[] = [];
    this.#left -= '"events":[],'.length;
    for (const event of events) this.#add(parts, eventJson(event));
    return parts;
  }

  #add(parts: string[], part: string): void {
    const size = part.length > this.#left ? Infinity : Buffer.byteLength(part) + 1;
    if (size > this.#left) return;
    this.#left -= size;
    parts.push(part);
  }
}

function eventJson({ name, atNs, attributes, dropped = 0 }: SpanMoment): string {
  const said = `"attributes":{${attributesJson(attributes)}}`;
  const left = dropped > 0 ? `,"dropped":${dropped}` : '';
  return `{"name":${stringJson(name)},"atNs":${atNs},${said}${left}}`;
}

function attributesJson(attributes: ReadonlyMap<string, AttributeValue>): string {
  let text = '';
  for (const [name, value] of attributes) {
    text += text === '' ? attributeJson(name, value) : `,${attributeJson(name, value)}`;
  }
  return text;
}

function attributeJson(name: string, value: AttributeValue): string {
  return `${json(name)}:${typeof value === 'string' ? json(value) : String(value)}`;
}

/** A text that is cut where it is long. */
function stringJson(text: string): string {
  return json(cut(text));
}

function json(text: string): string {
  if (text.length <= MOST_LOOKED && !ESCAPED.test(text)) return `"${text}"`;
  // What is longer is left out in any case, and need not be looked at to its end.
  const looked = text.length > MOST_BYTES ? text.slice(0, MOST_BYTES + 1) : text;
  return JSON.stringify(looked.toWellFormed());
}

/** The longest beginning of a text that is short as JSON, with the mark that it is cut. */
function cut(text: string): string {
  if (text.length * MOST_BYTES_A_CHARACTER <= MOST_STRING_BYTES) return text.toWellFormed();
  const looked = text.slice(0, MOST_STRING_BYTES + 1).toWellFormed();
  if (looked.length === text.length && jsonBytes(looked) <= MOST_STRING_BYTES) return looked;
  let left = MOST_STRING_BYTES - CUT_MARK_BYTES;
  let end = 0;
  for (const character of looked) {
    left -= jsonBytes(character);
    if (left < 0) break;
    end += character.length;
  }
  return looked.slice(0, end) + CUT_MARK;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
