/** The parameters of a query, decoded, each of them known and there once. */
import { Refusal } from './answers';
import { percentDecoded } from './requests';

/**
 * Reads a query.
 *
 * @param accepted - all parameters that there are
 * @throws Refusal where one is unknown, is given twice, has no value, or is not what an encoder writes
 */
export function parametersOf<Name extends string>(
  query: string,
  accepted: readonly Name[],
): ReadonlyMap<Name, string> {
  const parameters = new Map<Name, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
    const name = pair.slice(0, end);
    const known = accepted.find((each) => formDecoded(name) === each);
    if (known === undefined) {
      const all = accepted.join(', ');
      throw refusal(`there is no parameter ${JSON.stringify(name)}; accepted are ${all}`);
    }
    const value = formDecoded(pair.slice(end + 1));
    if (value === null) throw refusal(`the value of ${known} is not percent-encoded UTF-8`);
    if (value === '') throw refusal(`${known} has no value; leave it out, or give it one`);
    if (parameters.has(known)) throw refusal(`${known} is given twice; accepted is one`);
    parameters.set(known, value);
  }
  return parameters;
}

/** 400, with that message. */
export function refusal(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}

/** In a query, a plus is a space: so forms and `URLSearchParams` write it. */
function formDecoded(text: string): string | null {
  return percentDecoded(text.replaceAll('+', ' '));
}
