/**
 * A process with two servers of `node:http`, of which a contender observes the first one. It says where
 * they listen, and then answers each message with the processor time it has used, its answers and its
 * spans; a message may name the way in which the contender is to observe from there on.
 */
import { createRequire } from 'node:module';
import { CONTENDERS } from '../compare/http-contenders.mjs';

// The load keeps its connections while others have their turn.
const KEEP_ALIVE_MS = 300_000;

const contender = await CONTENDERS[process.argv[2]].begin();
if (contender === null) {
  process.send({ url: null });
  process.disconnect();
} else {
  // Only now: what patches modules does it as they are required.
  const http = createRequire(import.meta.url)('node:http');
  const { answer } = await import('../compare/http-work.mjs');
  let answered = 0;
  const serve = async () => {
    const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      answered += 1;
      answer(request, response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  };
  const [observed, other] = [await serve(), await serve()];
  contender.observe(observed);
  process.on('message', async ({ way }) => {
    if (way !== undefined) contender.turn(way);
    const spans = await contender.spans();
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicros: user + system, answered, spans });
  });
  process.send({ url: urlOf(observed), otherUrl: urlOf(other) });
}
process.on('disconnect', () => process.exit());

function urlOf(server) {
  return `http://127.0.0.1:${server.address().port}`;
}
