/** What is asked of a request that sets something, whatever it sets. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './answers';
import { LIMITS } from './limits';

/**
 * The body of a request that may set `what`, as text.
 *
 * @param mayWrite - whether who sent it may set anything
 * @throws Refusal where it may not, or says too much
 */
export async function bodyToSet(
  what: string,
  request: IncomingMessage,
  response: ServerResponse,
  mayWrite: boolean,
): Promise<string> {
  if (!mayWrite) {
    const message = `setting ${what} over TCP needs the option inspection.token; the Unix socket needs none`;
    throw new Refusal('FORBIDDEN', message);
  }
  const body = await bodyOf(request, response);
  if (body !== null) return body;
  throw new Refusal('BODY_TOO_LARGE', `the body has at most ${LIMITS.bodyBytes} bytes`);
}

/** The body of a request as text; `null` where it is too large, or the client went away. */
async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<string | null> {
  const promised = Number(request.headers['content-length'] ?? 0);
  if (promised > LIMITS.bodyBytes) {
    response.setHeader('Connection', 'close');
    return null;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > LIMITS.bodyBytes) {
        response.setHeader('Connection', 'close');
        return null;
      }
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}
