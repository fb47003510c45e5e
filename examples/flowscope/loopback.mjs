/**
 * Real conversations over loopback, recorded by a relay that stands between clients and a server: well
 * ended ones, one that is reset, one whose segments are out of order, one that is too long for a line,
 * and more at once than the tracker has room for.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Capture, Conversation } from './capture.mjs';

const LINE = `${'x'.repeat(79)}\n`;
const MANY = 10;

/** @returns {Promise<Buffer>} A capture file. */
export async function recordLoopback() {
  const capture = new Capture();
  const server = await listen(createServer({ allowHalfOpen: true }, serve));
  let isSwapped = false;
  const relay = await listen(
    createServer({ allowHalfOpen: true }, (client) =>
      relayTo(server.address().port, client, capture, () => isSwapped),
    ),
  );
  const { port } = relay.address();

  await sayGoodbye(await say(port, LINE));
  await reset(await say(port, LINE));
  isSwapped = true;
  await sayGoodbye(await say(port, LINE.repeat(100)));
  isSwapped = false;
  await sayGoodbye(await dial(port), 'y'.repeat(100_000));
  const many = [];
  for (let i = 0; i < MANY; i += 1) many.push(await say(port, LINE));
  for (const client of many) await sayGoodbye(client);

  for (const one of [relay, server]) {
    one.close();
    await once(one, 'close');
  }
  return capture.toFile();
}

/** Answers what has a line in it, and says farewell. */
function serve(socket) {
  socket.on('data', (chunk) => {
    if (chunk.includes('\n')) socket.write(`${chunk.length} bytes, thank you\n`);
  });
  socket.on('end', () => socket.end('farewell\n'));
  socket.on('error', () => undefined);
}

/** Passes everything on, both ways, and writes it down. */
async function relayTo(port, client, capture, isSwapped) {
  client.pause();
  const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(server, 'connect');
  const conversation = new Conversation(capture, {
    client: { address: client.remoteAddress, port: client.remotePort },
    server: { address: server.remoteAddress, port: server.remotePort },
  });
  for (const [from, source, target] of [
    ['client', client, server],
    ['server', server, client],
  ]) {
    source.on('data', (chunk) => {
      conversation.data(from, chunk, from === 'client' && isSwapped());
      target.write(chunk);
    });
    source.on('end', () => {
      conversation.end(from);
      target.end();
    });
    source.on('error', () => {
      conversation.reset(from);
      target.resetAndDestroy();
    });
  }
  client.resume();
}

async function say(port, text) {
  const client = await dial(port);
  client.write(text);
  await once(client, 'data');
  return client;
}

async function sayGoodbye(client, text = '') {
  client.resume();
  client.end(text);
  await once(client, 'close');
}

/** Hangs up as a program that dies does. */
async function reset(client) {
  client.resetAndDestroy();
  await once(client, 'close');
}

async function dial(port) {
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  return client;
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
