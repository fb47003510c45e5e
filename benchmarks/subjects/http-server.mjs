/**
 * A process with a server of `node:http` that one contender observes. It says where it listens, and
 * then answers each message with the processor time it has used, its answers and its spans.
 */
import { createRequire } from 'node:module';
import { CONTENDERS } from '../compare/http-contenders.mjs';

const contender = await CONTENDERS[process.argv[2]]();
if (contender === null) {
  process.send({ url: null });
  process.disconnect();
} else {
  // Only now: what patches modules does it as they are required.
  const http = createRequire(import.meta.url)('node:http');
  const { answer } = await import('../compare/http-work.mjs');
  let answered = 0;
  const server = http.createServer((request, response) => {
    answered += 1;
    answer(request, response);
  });
  contender.observe(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicros: user + system, answered, spans: contender.spans() });
  });
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
}
process.on('disconnect', () => process.exit());
