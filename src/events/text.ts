/** The text of one type of event: JSON from attributes, made to fit into a slot. */
import { EVENT_TEXT_BYTES } from '../generated/layout';
import { partsOf, type AttributeType, type EventDefinition } from './definition';

/** Attributes as they are given: of any name and type. */
export type GivenAttributes = Readonly<Record<string, unknown>>;

/** One attribute: what precedes its value, and what the value can be. */
interface Attribute {
  readonly name: string;
  readonly before: string;
  readonly type: AttributeType;
  /** The JSON of each accepted text, where only some are accepted. */
  readonly words: ReadonlyMap<unknown, string> | null;
}

/** Anything but what JSON shows as it is. Three times as fast as having JSON look. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
const CUT_MARK = '…';
const CUT_MARK_BYTES = Buffer.byteLength(CUT_MARK);

/** Makes the texts of one type of event. */
export class EventText {
  readonly #attributes: readonly Attribute[];
  readonly #end: string;

  constructor(definition: EventDefinition) {
    const parts = partsOf(definition);
    this.#end = parts.at(-1)!;
    this.#attributes = Object.entries(definition.attributes).map(([name, type], i) => ({
      name,
      before: parts[i]!,
      type,
      words:
        typeof type === 'string' ? null : new Map(type.map((word) => [word, JSON.stringify(word)])),
    }));
  }

  /**
   * The text; empty where an attribute is missing or wrong. Getters of the attributes may throw;
   * their names past those of the definition are not looked at. May be too long for a slot.
   */
  of(given: GivenAttributes): string {
    let text = '';
    for (const { name, before, type, words } of this.#attributes) {
      const value = given[name];
      const json = words === null ? jsonOf(value, type) : words.get(value);
      if (json === undefined) return '';
      text += before + json;
    }
    return text + this.#end;
  }

  /**
   * The same, where it is too long: texts are cut, the longest first, until it fits. A text that was
   * cut ends in `…`. Cold.
   */
  cutOf(given: GivenAttributes): string {
    const texts = this.#attributes
      .filter(({ type }) => type === 'string')
      .map(({ name }) => ({ name, text: String(given[name]) }));
    const without = { ...given, ...Object.fromEntries(texts.map(({ name }) => [name, ''])) };
    const room = EVENT_TEXT_BYTES - Buffer.byteLength(this.of(without));
    const most = fairShare(
      texts.map(({ text }) => escapedBytes(text)),
      room,
    );
    const cut = texts.map(({ name, text }) => [name, cutTo(text, most)] as const);
    return this.of({ ...without, ...Object.fromEntries(cut) });
  }
}

function jsonOf(value: unknown, type: AttributeType): string | undefined {
  if (typeof value !== type) return undefined;
  if (typeof value === 'string') return stringJson(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return String(value);
}

function stringJson(value: string): string {
  // What is longer is cut in any case, and need not be looked at to its end.
  const text = value.length > EVENT_TEXT_BYTES ? value.slice(0, EVENT_TEXT_BYTES + 1) : value;
  return ESCAPED.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}

/** The most that each may have so that all together have no more than there is. */
function fairShare(sizes: readonly number[], room: number): number {
  let left = room;
  const sorted = [...sizes].sort((a, b) => a - b);
  for (const [i, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - i));
    if (size > share) return share;
    left -= size;
  }
  return room;
}

function escapedBytes(text: string): number {
  return Buffer.byteLength(stringJson(text)) - 2;
}

/** The longest beginning of a text that has that many bytes as JSON, with the mark that it is cut. */
function cutTo(text: string, bytes: number): string {
  if (escapedBytes(text) <= bytes) return text;
  let left = bytes - CUT_MARK_BYTES;
  let end = 0;
  for (const character of text) {
    left -= escapedBytes(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end) + CUT_MARK;
}
