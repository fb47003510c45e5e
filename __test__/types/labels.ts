/** Label names and values that a family does not have must not compile. */
import { open, type ClosedFamily, type Counter, type Histogram, type OpenFamily } from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open();

// Without labels: a handle.
const plain = meter.counter('plain', { help: 'Plain.' });
isTrue<Same<typeof plain, Counter>>();
isTrue<Same<ReturnType<typeof bare>, Counter>>();
function bare() {
  return meter.counter('bare');
}
// @ts-expect-error a handle is not a family
plain.with({});

// A list of names: an open family, any strings.
const open2 = meter.counter('open', { labels: ['sku', 'shop'] });
isTrue<Same<typeof open2, OpenFamily<Counter, { readonly sku: string; readonly shop: string }>>>();
open2.with({ sku: 'A-1', shop: String(Math.random()) }).inc();
isTrue<Same<ReturnType<typeof open2.remove>, boolean>>();
// @ts-expect-error a family is not a handle
open2.inc();
// @ts-expect-error a label is missing
open2.with({ sku: 'A-1' });
// @ts-expect-error a label is misspelt
open2.with({ sku: 'A-1', shpo: 'x' });
// @ts-expect-error there is no such label
open2.with({ sku: 'A-1', shop: 'x', colour: 'red' });
// @ts-expect-error values are strings
open2.with({ sku: 1, shop: 'x' });
// @ts-expect-error labels are an object
open2.with('A-1');
// @ts-expect-error a label is missing in remove(), too
open2.remove({ sku: 'A-1' });

// An object of lists: a closed family, these strings only.
const requests = meter.counter('closed', {
  labels: { route: ['/orders', '/health'], status: ['2xx', '4xx', '5xx'] },
});
type Requests = {
  readonly route: '/orders' | '/health';
  readonly status: '2xx' | '4xx' | '5xx';
};
isTrue<Same<Parameters<typeof requests.with>[0]['status'], Requests['status']>>();
const typed: ClosedFamily<Counter, Requests> = requests;
typed.with({ route: '/health', status: '5xx' });
requests.with({ route: '/orders', status: '2xx' }).inc();
// @ts-expect-error a value that the family does not have
requests.with({ route: '/orders', status: '3xx' });
// @ts-expect-error any string is not enough
requests.with({ route: String(Math.random()), status: '2xx' });
// @ts-expect-error a label is missing
requests.with({ route: '/orders' });
// @ts-expect-error a closed family keeps its series
requests.remove({ route: '/orders', status: '2xx' });

// Lists that are declared elsewhere.
const ROUTES = ['/a', '/b'] as const;
const elsewhere = meter.histogram('elsewhere', { labels: { route: ROUTES } });
elsewhere.with({ route: '/a' }).record(1);
// @ts-expect-error not one of the list
elsewhere.with({ route: '/c' });

// Names that are only known when it runs: any of them.
const names: string[] = ['a', 'b'];
const dynamic = meter.histogram('dynamic', { labels: names });
isTrue<Same<ReturnType<typeof dynamic.with>, Histogram>>();
dynamic.with({ a: 'x', b: 'y' }).record(1);
