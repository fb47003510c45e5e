/**
 * A process that asks servers as quickly as they answer: told a service, where it is and how often to
 * ask, it says how many responses a second it had. It writes the same bytes again and again and counts
 * those that come back, which takes a fraction of what answering does: the server decides.
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { SERVICES } from '../compare/http-work.mjs';

const CONNECTIONS = 16;
const SUCCESS = 'HTTP/1.1 2';
// An answer is whole when nothing has come for so long.
const SILENCE_MS = 100;

/** Connections that are open, and how long an answer is, by the server and what it is asked. */
const known = new Map();

process.on('message', async ({ url, service, amount }) => {
  const key = `${url} ${service}`;
  if (!known.has(key)) known.set(key, await open(url, service));
  const { connections, bytes, request } = known.get(key);
  process.send(await ask(connections, request, bytes, amount));
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });

async function open(url, service) {
  const { hostname, port, host } = new URL(url);
  const { method, path, headers = {}, body = '' } = SERVICES[service];
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) });
  const fields = [['host', host], ...lines].map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`);
  const connections = Array.from({ length: CONNECTIONS }, () => connect(port, hostname));
  await Promise.all(connections.map((connection) => once(connection, 'connect')));
  for (const connection of connections) connection.setNoDelay(true);
  return { connections, request, bytes: await lengthOf(connections[0], request) };
}

/** How many bytes the answer has: the same each time. */
function lengthOf(connection, request) {
  return new Promise((resolve) => {
    let bytes = 0;
    let silence;
    const onData = ({ length }) => {
      bytes += length;
      clearTimeout(silence);
      silence = setTimeout(() => {
        connection.off('data', onData);
        resolve(bytes);
      }, SILENCE_MS);
    };
    connection.on('data', onData);
    connection.write(request);
  });
}

function ask(connections, request, bytes, amount) {
  return new Promise((resolve, reject) => {
    let left = amount;
    let answers = 0;
    const start = performance.now();
    const finish = (settle, value) => {
      for (const connection of connections) connection.removeAllListeners('data');
      settle(value);
    };
    for (const connection of connections) {
      let had = 0;
      connection.on('data', (chunk) => {
        const isRight = had > 0 || chunk.latin1Slice(0, SUCCESS.length) === SUCCESS;
        had += chunk.length;
        if (!isRight || had > bytes) finish(reject, new Error(`answered: ${chunk}`));
        if (had < bytes) return;
        had = 0;
        answers += 1;
        if (answers === amount) {
          finish(resolve, { perSecond: amount / ((performance.now() - start) / 1000) });
        } else if (left > 0) {
          left -= 1;
          connection.write(request);
        }
      });
      left -= 1;
      connection.write(request);
    }
  });
}
