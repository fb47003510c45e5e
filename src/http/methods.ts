/** Methods of HTTP, and how spans are named: OpenTelemetry's semantic conventions. */

/** Those that are well-known. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'],
]);

/** What a method is called that is none of the well-known: any text could be one. */
export const OTHER_METHOD = '_OTHER';

/** The method, as it is counted. */
export function methodOf(method: string): string {
  return KNOWN_METHODS.has(method) ? method : OTHER_METHOD;
}

/** The name of a span: with the route, where one is known. */
export function spanName(method: string, route: string): string {
  const first = method === OTHER_METHOD ? 'HTTP' : method;
  return route === '' ? first : `${first} ${route}`;
}
