/**
 * The header `baggage`, W3C Baggage: what a program sends along with a request, key by key, for all
 * services on the way. It is read for the program, and carried on as it came, properties included.
 */

/** What a request brought along, by its keys. */
export type Baggage = ReadonlyMap<string, string>;

/** No baggage. */
export const NO_BAGGAGE: Baggage = new Map();

// The limits of the specification, up to which everything has to be carried on.
const MOST_MEMBERS = 64;
const MOST_BYTES = 8_192;
// Far past what may be carried: not looked at.
const MOST_TO_READ = 65_536;

const KEY = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Anything printable but quotes, commas, semicolons and backslashes.
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const BLANKS = /^[ \t]+|[ \t]+$/g;
const ENCODED = /(?:%[0-9A-Fa-f]{2})+/g;

/** The header that a baggage came from, in order: properties and repeated keys are only there. */
const headers = new WeakMap<Baggage, string>();

/**
 * Reads the whole header: several lines of it are joined by commas before. Members that are against
 * the grammar are left out, and whole members past 64, or past 8,192 bytes. Of a key that comes
 * twice, the map has the last value; both are carried on.
 */
export function parseBaggage(header: string): Baggage {
  if (header === '' || header.length > MOST_TO_READ) return NO_BAGGAGE;
  const baggage = new Map<string, string>();
  const kept = new Members();
  for (const raw of header.split(',')) {
    const pairs = raw.split(';').map(trimPair);
    const { key, value } = pairs[0]!;
    if (value === null || !pairs.every(isPair)) continue;
    if (kept.add(pairs.map(pairText).join(';'))) baggage.set(key, decode(value));
  }
  if (baggage.size === 0) return NO_BAGGAGE;
  headers.set(baggage, kept.text);
  return baggage;
}

/**
 * The header for a baggage: as it came, where it came in one; else its members, as many as the
 * limits take, those that are no text left out. `''` where there is none.
 */
export function formatBaggage(baggage: Baggage): string {
  const header = headers.get(baggage);
  if (header !== undefined) return header;
  const kept = new Members();
  for (const [key, value] of baggage) {
    if (typeof key !== 'string' || typeof value !== 'string' || !KEY.test(key)) continue;
    kept.add(`${key}=${encodeURIComponent(value.toWellFormed())}`);
  }
  return kept.text;
}

/** A list that keeps the limits. */
class Members {
  text = '';
  #count = 0;

  /** False where the member does not fit. */
  add(member: string): boolean {
    const length = this.text.length + member.length + (this.#count === 0 ? 0 : 1);
    if (this.#count === MOST_MEMBERS || length > MOST_BYTES) return false;
    this.text = this.#count === 0 ? member : `${this.text},${member}`;
    this.#count++;
    return true;
  }
}

/** A key with its value; `null` where it has none, as properties may. */
interface Pair {
  readonly key: string;
  readonly value: string | null;
}

function trimPair(text: string): Pair {
  const at = text.indexOf('=');
  if (at === -1) return { key: text.replace(BLANKS, ''), value: null };
  return {
    key: text.slice(0, at).replace(BLANKS, ''),
    value: text.slice(at + 1).replace(BLANKS, ''),
  };
}

function isPair(pair: Pair): boolean {
  return KEY.test(pair.key) && (pair.value === null || VALUE.test(pair.value));
}

function pairText(pair: Pair): string {
  return pair.value === null ? pair.key : `${pair.key}=${pair.value}`;
}

/** What a value says: bytes that are no UTF-8 become U+FFFD, as the specification has it. */
function decode(value: string): string {
  return value.replace(ENCODED, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
