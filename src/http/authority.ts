/** Host and port, as requests say them. */

/** Where a request goes. */
export interface Authority {
  /** Without the brackets of IPv6; `''` where it is not said. */
  readonly address: string;
  /** `0` where it is not said, and the scheme has none. */
  readonly port: number;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

// Whoever sends a request says what it likes.
const MOST_CHARACTERS = 255;

/** Reads `host:port`. */
export function parseAuthority(text: string | undefined, scheme: string): Authority {
  const byDefault = DEFAULT_PORTS[scheme] ?? 0;
  if (text === undefined || text.length > MOST_CHARACTERS) return { address: '', port: byDefault };
  const colon = text.indexOf(':', text.lastIndexOf(']') + 1);
  const host = colon === -1 ? text : text.slice(0, colon);
  const port = colon === -1 ? byDefault : Number(text.slice(colon + 1));
  const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535;
  const isBracketed = host.startsWith('[') && host.endsWith(']');
  return { address: isBracketed ? host.slice(1, -1) : host, port: isPort ? port : byDefault };
}
