/** Paths, indices, labels and kinds that a catalog does not have must not compile. */
import {
  checkIndices,
  defineCatalog,
  open,
  type ClosedFamily,
  type Counter,
  type Gauge,
  type Histogram,
  type OpenFamily,
  type Snapshot,
  type StateSet,
  type Stopwatch,
} from 'nanometer';
import { calimero, flowscope, session, torvyn } from 'nanometer/catalogs';
import { isTrue, type Same } from './same';

const meter = open();

const shop = defineCatalog({
  name: 'shop',
  metrics: {
    'orders.accepted': { index: 0, kind: 'counter', help: 'x' },
    'orders.by_sku': { index: 1, kind: 'counter', help: 'x', labels: ['sku'] },
    'till.state': { index: 2, kind: 'state', states: ['shut', 'open'], help: 'x' },
    'till.rate': {
      index: 3,
      kind: 'derived',
      derive: { numerator: 'orders.accepted', denominator: 'orders.accepted' },
      help: 'x',
    },
    'till.open_for': { index: 4, kind: 'gauge', aggregate: 'elapsed', help: 'x' },
  },
  groups: {
    later: {
      reserved: true,
      metrics: {
        sales: {
          index: 9,
          kind: 'histogram',
          unit: 's',
          help: 'x',
          labels: { way: ['cash', 'card'] },
        },
      },
    },
  },
  events: {
    opened: { kind: 'lifecycle', help: 'x', attributes: { till: 'number', by: ['key', 'code'] } },
    shut: { kind: 'lifecycle', help: 'x' },
  },
  invariants: {
    orderly: { about: 'x', of: (read) => ({ holds: true, orders: read('orders.accepted') }) },
  },
});

// Handles by path, each of its kind and labels.
const stats = meter.catalog(shop, { labels: { town: 'A' }, prefix: 'x_' });
isTrue<Same<typeof stats.orders.accepted, Counter>>();
isTrue<Same<typeof stats.till.state, StateSet<'shut' | 'open'>>>();
isTrue<Same<typeof stats.till.open_for, Stopwatch>>();
const bySku: OpenFamily<Counter, { readonly sku: string }> = stats.orders.by_sku;
const sales: ClosedFamily<Histogram, { readonly way: 'cash' | 'card' }> = stats.later.sales;
bySku.with({ sku: 'A' }).inc();
sales.with({ way: 'cash' }).record(1);
stats.till.state.set('open');
// @ts-expect-error no such path
void stats.orders.refused;
// @ts-expect-error no such branch
void stats.shop;
// @ts-expect-error a branch is no handle
stats.orders.inc();
// @ts-expect-error a derived metric has no handle
void stats.till.rate;
// @ts-expect-error no such state
stats.till.state.set('ajar');
// @ts-expect-error a value outside of the closed set
stats.later.sales.with({ way: 'barter' });
// @ts-expect-error the constant label is given once, when the catalog is taken
stats.orders.by_sku.with({ sku: 'A', town: 'B' });
// @ts-expect-error a stopwatch is not set
stats.till.open_for.set(3);
// @ts-expect-error handles stay
stats.orders = stats.till;

// By index.
isTrue<Same<ReturnType<typeof atZero>, Counter>>();
function atZero() {
  return stats.at(0);
}
const none: undefined = stats.at(7);
const derived: undefined = stats.at(3);
const any = stats.at(Math.floor(Math.random() * 9));
// @ts-expect-error there may be nothing at an index that is computed
any.toString();
// @ts-expect-error at 1 is a family
stats.at(1).inc();

// Only a flat catalog is an array.
// @ts-expect-error labels, states and histograms are no numbers
stats.values();
// @ts-expect-error nor is there a difference of them
meter.catalog(torvyn).since(new Float64Array(35));
const flat = meter.catalog(session);
const values: Float64Array = flat.values(new Float64Array(99));
isTrue<Same<ReturnType<typeof flat.since>, Float64Array>>();
// @ts-expect-error an array of float64
flat.values(new Float32Array(99));
// @ts-expect-error since when?
flat.since();

// The catalogs of the package.
isTrue<Same<typeof flat.net.bytes_sent, Counter>>();
isTrue<Same<typeof flat.net.num_connections, Gauge>>();
// @ts-expect-error a counter is not set
flat.net.bytes_sent.set(1);
// @ts-expect-error a gauge at 2
flat.at(2).reset();
flat.at(98).add(1);
const created = meter.catalog(flowscope).flows_created_total;
created.with({ l4: 'udp' }).inc();
// @ts-expect-error not a protocol of the closed set
created.with({ l4: 'sctp' });
meter.catalog(torvyn).flow.state.with({ flow_id: 'x' }).set('validated');
// @ts-expect-error no state of a flow
meter.catalog(torvyn).flow.state.with({ flow_id: 'x' }).set('paused');
// @ts-expect-error computed when it is read
void meter.catalog(torvyn).pool.reuse_rate;

// Switches.
stats.enable('later');
stats.enable('orders.accepted');
// @ts-expect-error no such group
stats.enable('sooner');

// Events.
stats.events.opened.emit({ till: 3, by: 'key' });
stats.events.shut.emit();
// @ts-expect-error an attribute is missing
stats.events.opened.emit({ till: 3 });
// @ts-expect-error one of two words
stats.events.opened.emit({ till: 3, by: 'force' });
// @ts-expect-error no such event
void stats.events.closed;

// Invariants.
declare const snapshot: Snapshot;
const orders: number = shop.invariants.orderly(snapshot, { prefix: 'x_' }).orders;
const holds: boolean = calimero.invariants.I7(snapshot).holds;
const depth: number = calimero.invariants.channel_accounting(snapshot).depth;
// @ts-expect-error no such invariant
calimero.invariants.I8(snapshot);

// Definitions.
// @ts-expect-error an index is needed
defineCatalog({ name: 'x', metrics: { a: { kind: 'counter', help: 'x' } } });
// @ts-expect-error so is a help text
defineCatalog({ name: 'x', metrics: { a: { index: 0, kind: 'counter' } } });
// @ts-expect-error no such kind
defineCatalog({ name: 'x', metrics: { a: { index: 0, kind: 'meter', help: 'x' } } });
// @ts-expect-error a state has states
defineCatalog({ name: 'x', metrics: { a: { index: 0, kind: 'state', help: 'x' } } });
// @ts-expect-error a label value is a string
meter.catalog(shop, { labels: { town: 7 } });
// @ts-expect-error no such option
meter.catalog(shop, { label: { town: 'A' } });
// @ts-expect-error a catalog is made by defineCatalog()
meter.catalog({ name: 'x', metrics: [] });
// @ts-expect-error a catalog is read only
session.metrics[0] = session.metrics[1];
// @ts-expect-error a list of indices
checkIndices(session, { 0: 'net.bytes_recv' });
checkIndices(session, session.indices());
