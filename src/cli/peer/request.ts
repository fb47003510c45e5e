/** One request over a Unix socket, and its whole answer. */
import { request } from 'node:http';

const LIMIT_MS = 5_000;

/** What is asked. */
export interface Question {
  readonly method?: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: string;
  /** The inspection token, where the process may want one. */
  readonly token: string | undefined;
}

/** What was answered. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks the server of a socket.
 *
 * @throws Error of Node's, with its `code`; `ETIMEDOUT` where nothing came for five seconds
 */
export function ask(socketPath: string, question: Question): Promise<Reply> {
  const { method = 'GET', path, body, token } = question;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.setTimeout(LIMIT_MS, () => {
      const silent = new Error(`no answer for ${LIMIT_MS / 1_000} s`);
      asked.destroy(Object.assign(silent, { code: 'ETIMEDOUT' }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
