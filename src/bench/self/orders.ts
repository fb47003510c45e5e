/**
 * The pipeline of `nanometer bench --self`: orders of 40 lines come in as JSON, are priced, and go out
 * as JSON with a checksum. Some tens of microseconds of ordinary work an element, of which a budget of
 * 500 ns is about one percent.
 */
import { createHash } from 'node:crypto';

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly cents: number;
}

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly lines: readonly Line[];
}

const ORDERS = 64;
const LINES = 40;
const DISCOUNT_FROM = 10;

/** Orders as they come over a wire; always the same. */
export const orders: readonly string[] = Array.from({ length: ORDERS }, (_, id) =>
  JSON.stringify({
    id,
    customer: `customer-${(id * 7_919) % 1_000}`,
    lines: Array.from({ length: LINES }, (_, line) => ({
      sku: `sku-${(id * LINES + line * 31) % 5_000}`,
      quantity: 1 + ((id + line) % 12),
      cents: 199 + ((id * 37 + line * 101) % 9_000),
    })),
  }),
);

/** Its stages, in order. */
export const stages = {
  parse: (text: string): Order => JSON.parse(text) as Order,

  price: (order: Order) => {
    const lines = order.lines.map(({ sku, quantity, cents }) => {
      const full = quantity * cents;
      return { sku, quantity, total: quantity < DISCOUNT_FROM ? full : Math.floor(full * 0.95) };
    });
    const total = lines.reduce((sum, line) => sum + line.total, 0);
    return { id: order.id, customer: order.customer, lines, total };
  },

  answer: (priced: object): string => {
    const body = JSON.stringify(priced);
    return `${createHash('sha1').update(body).digest('hex')} ${body}`;
  },
} as const;
