/** Bytes to a server and bytes back, for requests that no HTTP client would send. */
import { connect, type Socket } from 'node:net';

const PATIENCE_MS = 15_000;

/** Everything that the server sends until it closes the connection. */
export function exchange(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const patience = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server kept the connection open for ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset is how some answers end: what came before it is what counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
}

/** A request as text, `Connection: close` unless the headers say otherwise. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  const closes = headers.some((header) => /^connection:/i.test(header));
  const all = ['Host: localhost', ...headers, ...(closes ? [] : ['Connection: close'])];
  return `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

/** The status codes of all answers in a stream of them. */
export function statuses(answers: string): number[] {
  return [...answers.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]));
}

/** Opens a connection; resolves when it stands. */
export function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
