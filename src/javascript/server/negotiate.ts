/** Which format and which coding a scraper gets for what it says it takes. */
import type { Format } from '../prometheus/encode';

/** What `/metrics` is answered with. */
export interface Negotiated {
  readonly format: Format;
  /** The value of `Content-Type`. */
  readonly contentType: string;
}

interface Wish {
  readonly token: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly q: number;
}

// Our names are the same under each of them, but under `dots`, which doubles underscores: who asks
// for it hears what was done instead.
const ESCAPINGS: ReadonlyMap<string | undefined, string> = new Map([
  ['allow-utf-8', 'allow-utf-8'],
  ['underscores', 'underscores'],
  ['values', 'values'],
  ['dots', 'underscores'],
]);
const TYPES = {
  text: { token: 'text/plain', version: '0.0.4' },
  openmetrics: { token: 'application/openmetrics-text', version: '1.0.0' },
} as const;

/**
 * The format for an `Accept` header: the supported one that is wanted most, OpenMetrics where both
 * are wanted equally and it is named; text 0.0.4 where neither is wanted.
 */
export function negotiateFormat(accept: string | undefined): Negotiated {
  const wishes = parse(accept);
  const openmetrics = best(wishes, 'openmetrics');
  const text = best(wishes, 'text');
  const anyText = text ?? find(wishes, 'text/*') ?? find(wishes, '*/*');
  const preferred = openmetrics !== null && openmetrics.q > 0 && openmetrics.q >= (anyText?.q ?? 0);
  const format = preferred ? 'openmetrics' : 'text';
  const escaping = ESCAPINGS.get((preferred ? openmetrics : text)?.parameters.get('escaping'));
  const { token, version } = TYPES[format];
  const echoed = escaping === undefined ? '' : `; escaping=${escaping}`;
  return { format, contentType: `${token}; version=${version}; charset=utf-8${echoed}` };
}

/** Whether an `Accept-Encoding` header wants gzip. */
export function wantsGzip(acceptEncoding: string | undefined): boolean {
  const wishes = parse(acceptEncoding);
  const gzip = find(wishes, 'gzip') ?? find(wishes, 'x-gzip') ?? find(wishes, '*');
  const identity = find(wishes, 'identity');
  return gzip !== null && gzip.q > 0 && gzip.q >= (identity?.q ?? 0);
}

function best(wishes: readonly Wish[], format: Format): Wish | null {
  const { token, version } = TYPES[format];
  const matching = wishes.filter(
    ({ parameters }) => (parameters.get('version') ?? version) === version,
  );
  return find(matching, token);
}

/** The wish for exactly that, the strongest where there are several. */
function find(wishes: readonly Wish[], token: string): Wish | null {
  return wishes
    .filter((wish) => wish.token === token)
    .reduce<Wish | null>((most, wish) => (most !== null && most.q >= wish.q ? most : wish), null);
}

/** The items of a header; those that are not well-formed are left out. */
function parse(header: string | undefined): Wish[] {
  return (header ?? '').split(',').flatMap((item) => {
    const [token = '', ...rest] = item.split(';').map((part) => part.trim().toLowerCase());
    const pairs = rest.map((part) => part.split(/\s*=\s*/));
    if (token === '' || pairs.some((pair) => pair.length !== 2)) return [];
    const parameters = new Map(pairs as [string, string][]);
    const q = parameters.get('q') ?? '1';
    if (!/^(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$/.test(q)) return [];
    return [{ token, parameters, q: Number(q) }];
  });
}
