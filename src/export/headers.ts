/** Headers of requests: checked, and read from a variable. Their values are secrets. */

/** By their names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** What is accepted, in words. */
export const ACCEPTED_HEADERS =
  'names are those of HTTP headers, but none that says how a request itself is made, and values ' +
  'printable ASCII';

const NAME = /^[\w!#$%&'*+\-.^`|~]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
// Those that whoever sends a request says for itself.
const TAKEN: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Headers that a program gives; `undefined` where one of them is wrong. */
export function checkHeaders(given: unknown): Headers | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  return headersOf(Object.entries(given));
}

/** Those of `key=value,key=value`, percent-encoded; `undefined` where any of it is malformed. */
export function parseHeaders(text: string): Headers | undefined {
  const pairs: [string, string][] = [];
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 0) return undefined;
    try {
      const value = decodeURIComponent(pair.slice(equals + 1).trim());
      pairs.push([decodeURIComponent(pair.slice(0, equals).trim()), value]);
    } catch {
      return undefined;
    }
  }
  return headersOf(pairs);
}

function headersOf(pairs: readonly (readonly [string, unknown])[]): Headers | undefined {
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const isName = NAME.test(key) && !TAKEN.has(key) && !key.startsWith('grpc-');
    if (!isName || typeof value !== 'string' || !VALUE.test(value)) return undefined;
    headers.set(key, value.trim());
  }
  return Object.fromEntries(headers);
}
