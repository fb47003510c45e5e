/**
 * A process that asks servers as quickly as they answer: told a service and where, it answers how many
 * responses a second it had, from the first to the last of a fixed number.
 */
import autocannon from 'autocannon';
import { SERVICES } from '../compare/http-work.mjs';

const CONNECTIONS = 16;

process.on('message', async ({ url, service, amount }) =>
  process.send(await ask(url, service, amount)),
);
process.on('disconnect', () => process.exit());
process.send({ ready: true });

function ask(url, service, amount) {
  return new Promise((resolve, reject) => {
    let responses = 0;
    let first = 0;
    let last = 0;
    const options = { url, connections: CONNECTIONS, amount, requests: [SERVICES[service]] };
    const instance = autocannon(options, (error, result) => {
      if (error) reject(error);
      else if (result['2xx'] !== amount) reject(new Error(`${url}: ${result['2xx']} of ${amount}`));
      else resolve({ perSecond: (responses - 1) / ((last - first) / 1000) });
    });
    instance.on('response', () => {
      last = performance.now();
      first ||= last;
      responses += 1;
    });
  });
}
