/** The services under load: what each contender's server does, and what it is asked. */
import { createHmac } from 'node:crypto';

const LINES = 20;
const SECRET = 'of the benchmarks';
const ORDER = JSON.stringify({
  customer: 'C-1042',
  lines: Array.from({ length: LINES }, (_, place) => ({
    sku: `SKU-${100 + place}`,
    quantity: 1 + (place % 4),
  })),
});

/**
 * What is asked, by the service's name: one that answers at once, as none does that is of use, and one
 * that takes an order in, prices each of its lines by an awaited call and signs the receipt.
 */
export const SERVICES = {
  hello: { method: 'GET', path: '/hello' },
  orders: {
    method: 'POST',
    path: '/orders/17',
    headers: { 'content-type': 'application/json' },
    body: ORDER,
  },
};

/** Answers either, as the same handler does with every contender. */
export function answer(request, response) {
  if (request.url === SERVICES.hello.path) response.end('hello');
  else void order(request, response);
}

async function order(request, response) {
  const { customer, lines } = JSON.parse(await bodyOf(request));
  const priced = [];
  for (const line of lines) priced.push({ ...line, cents: await price(line) });
  const total = priced.reduce((sum, { cents }) => sum + cents, 0);
  const receipt = JSON.stringify({ customer, lines: priced, total });
  const signature = createHmac('sha256', SECRET).update(receipt).digest('hex');
  response.writeHead(201, { 'content-type': 'application/json', 'x-signature': signature });
  response.end(receipt);
}

function bodyOf(request) {
  return new Promise((resolve, reject) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => resolve(body));
    request.on('error', reject);
  });
}

async function price({ sku, quantity }) {
  return quantity * Number(sku.slice(4));
}
