/**
 * From what a user says about a type of event to a checked definition. Everything that can be wrong
 * is refused here, with the offending value and what is accepted.
 */
import { NanometerError, show, type Refuse } from '../errors';
import { EVENT_TEXT_BYTES } from '../generated/layout';
import { LEVELS } from '../level';

/** What an event is about. */
export type EventKind = 'lifecycle' | 'performance' | 'error' | 'security' | 'resource';

/** The lowest level at which an event is recorded. */
export type EventLevel = 'production' | 'diagnostic';

/** What an attribute can be: any text, any finite number, true or false, or one of some texts. */
export type AttributeType = 'string' | 'number' | 'boolean' | readonly string[];

/** The attributes of a type of event, by name. */
export type AttributeSpec = Readonly<Record<string, AttributeType>>;

/** No attributes. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- it is meant
export type NoAttributes = Readonly<Record<never, never>>;

/** The values that one attribute takes. */
export type AttributeOf<T extends AttributeType> = T extends 'string'
  ? string
  : T extends 'number'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends readonly string[]
        ? T[number]
        : never;

/** What `emit()` takes, for what the type of event was defined with. */
export type AttributesOf<A extends AttributeSpec> = {
  readonly [Name in keyof A]: AttributeOf<A[Name]>;
};

/** What a type of event is told. */
export interface EventOptions<A extends AttributeSpec = AttributeSpec> {
  /** What it is about. */
  readonly kind: EventKind;
  /** The lowest level at which it is recorded: `production` when left out. */
  readonly level?: EventLevel;
  /** Its attributes; none when left out. */
  readonly attributes?: A;
}

/** A checked definition. */
export interface EventDefinition {
  /** Its name, as it was given. */
  readonly name: string;
  /** What it is about. */
  readonly kind: EventKind;
  /** The lowest level at which it is recorded. */
  readonly level: EventLevel;
  /** What its attributes can be, by name. */
  readonly attributes: AttributeSpec;
}

const KINDS: readonly EventKind[] = ['lifecycle', 'performance', 'error', 'security', 'resource'];
const EVENT_LEVELS: readonly EventLevel[] = LEVELS.filter((level) => level !== 'off');
const KEYS = ['kind', 'level', 'attributes'];
// As for metrics.
const NAME = /^[A-Za-z][A-Za-z0-9_.\-/]{0,254}$/;

/** The longest number in JSON: `-1.2345678901234567e-308`. */
const NUMBER_BYTES = 24;
const BOOLEAN_BYTES = 5;
/** What a text is never cut below, in bytes, its quotes not counted. */
const SHORTEST_TEXT_BYTES = 16;

/**
 * A checked definition from a user's words.
 *
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION`
 */
export function defineEvent(name: unknown, options: unknown): EventDefinition {
  const refuse: Refuse = (what) => {
    throw new NanometerError('NANOMETER_INVALID_DEFINITION', `event ${show(name)}: ${what}`);
  };
  if (typeof name !== 'string' || !NAME.test(name)) {
    return refuse(
      "a name is a letter and then up to 254 letters, digits or any of '_', '.', '-', '/'",
    );
  }
  if (name.startsWith('nanometer.')) {
    return refuse("names that begin with 'nanometer.' are those of the package's own events");
  }
  const given = checkKeys(options, refuse);
  const definition: EventDefinition = {
    name,
    kind: checkWord('kind', given.kind, KINDS, refuse),
    level: checkWord('level', given.level ?? 'production', EVENT_LEVELS, refuse),
    attributes: checkAttributes(given.attributes ?? {}, refuse),
  };
  const bytes = leastBytes(definition);
  if (bytes <= EVENT_TEXT_BYTES) return definition;
  return refuse(
    `its name and attributes take ${bytes} bytes or more; an event has ${EVENT_TEXT_BYTES}`,
  );
}

/**
 * An event's text up to the value of its first attribute, up to that of the second, …, and its end.
 */
export function partsOf({ name, kind, level, attributes }: EventDefinition): string[] {
  const text = JSON.stringify({ name, kind, level, attributes: {} });
  const head = text.slice(0, -2);
  const names = Object.keys(attributes);
  const before = names.map((one, i) => `${i === 0 ? head : ','}${JSON.stringify(one)}:`);
  return names.length === 0 ? [text] : [...before, '}}'];
}

function leastBytes(definition: EventDefinition): number {
  const values = Object.values(definition.attributes).map((type) => {
    if (type === 'string') return SHORTEST_TEXT_BYTES + 2;
    if (type === 'number') return NUMBER_BYTES;
    if (type === 'boolean') return BOOLEAN_BYTES;
    return Math.max(...type.map((word) => Buffer.byteLength(JSON.stringify(word))));
  });
  const parts = partsOf(definition).map((part) => Buffer.byteLength(part));
  return [...parts, ...values].reduce((sum, bytes) => sum + bytes, 0);
}

function checkKeys(options: unknown, refuse: Refuse): Partial<Record<string, unknown>> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return refuse(`options are an object, not ${show(options)}`);
  }
  const stranger = Object.keys(options).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) {
    return refuse(`unknown option ${show(stranger)}; accepted are ${KEYS.join(', ')}`);
  }
  return options;
}

function checkWord<W extends string>(
  what: string,
  word: unknown,
  accepted: readonly W[],
  refuse: Refuse,
): W {
  const known = accepted.find((candidate) => candidate === word);
  return known ?? refuse(`${what} is one of ${accepted.join(', ')}, not ${show(word)}`);
}

function checkAttributes(attributes: unknown, refuse: Refuse): AttributeSpec {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return refuse(`attributes are an object of names and types, not ${show(attributes)}`);
  }
  const checked = Object.entries(attributes).map(([name, type]: [string, unknown]) => {
    if (name === '' || !name.isWellFormed()) {
      return refuse(`${show(name)} is not the name of an attribute, a string with text in it`);
    }
    return [name, checkType(name, type, refuse)] as const;
  });
  return Object.fromEntries(checked);
}

function checkType(name: string, type: unknown, refuse: Refuse): AttributeType {
  if (type === 'string' || type === 'number' || type === 'boolean') return type;
  if (!Array.isArray(type) || type.length === 0) {
    return refuse(
      `the attribute ${show(name)} is 'string', 'number', 'boolean' or a list of texts, ` +
        `not ${show(type)}`,
    );
  }
  const words = new Set<string>();
  for (const word of type as readonly unknown[]) {
    if (typeof word !== 'string' || !word.isWellFormed()) {
      return refuse(`the attribute ${show(name)} cannot be ${show(word)}: give well-formed texts`);
    }
    if (words.has(word)) {
      return refuse(`the attribute ${show(name)} lists ${show(word)} twice`);
    }
    words.add(word);
  }
  return [...words];
}
