/** How the gateway's view looks: a picture for terminals, a line for anything else. */
import Table from 'cli-table3';
import pc from 'picocolors';
import { bytes, milliseconds, whole } from './figures.mjs';
import { tree } from './tree.mjs';

/** @param {object} view What `readings()` gives, and more. */
export function picture(view) {
  const { rates, delays, scrapes } = view;
  const table = new Table({
    head: ['route', 'req/s', 'p50', 'p99', 'p99.9', '4xx/s', '5xx/s'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    colWidths: [18, 9, 10, 10, 10, 7, 7],
    style: { head: ['bold'], border: ['gray'], compact: true },
  });
  for (const rate of rates) {
    table.push([
      rate.isTotal ? pc.bold(rate.route) : rate.route,
      whole(rate.perSecond),
      ...rate.quantiles.map(milliseconds),
      whole(rate.clientErrors),
      rate.serverErrors > 0 ? pc.red(whole(rate.serverErrors)) : whole(rate.serverErrors),
    ]);
  }
  return [
    `${pc.bold('nanometer')}  ${view.backend} backend, ${view.phase}`,
    ...view.addresses.map((address) => pc.dim(address)),
    table.toString(),
    `event loop late    p50 ${milliseconds(delays.p50)}   p99 ${milliseconds(delays.p99)}   max ${milliseconds(delays.max)}`,
    `pricing thread     ${whole(view.pricing.perSecond)} orders/s   p99 ${milliseconds(view.pricing.p99)}   queue ${whole(view.pricing.queue)}`,
    `articles           ${view.articles.map(([sku, rate]) => `${sku} ${whole(rate)}/s`).join('   ')}`,
    `last scrape        ${scrapes.last ? `${milliseconds(scrapes.last.tookMs * 1e6)}   ${bytes(scrapes.last.bytes)}` : 'none yet'}   ${whole(scrapes.answered)} answered${scrapes.pending > 0 ? pc.yellow(`   ${scrapes.pending} waiting`) : ''}`,
    ...view.notes.map((note) => pc.cyan(note)),
    '',
    ...(view.slowestOrder
      ? [pc.bold('the slowest order of the last seconds'), tree(view.slowestOrder), '']
      : []),
  ].join('\n');
}

/** @param {object} view As for `picture()`. */
export function line(view) {
  const total = view.rates.find(({ isTotal }) => isTotal);
  const [p50, p99, p999] = total.quantiles.map(milliseconds);
  const { last, answered, pending } = view.scrapes;
  return [
    view.phase.padEnd(24),
    `${whole(total.perSecond)} req/s`,
    `p50 ${p50}`,
    `p99 ${p99}`,
    `p99.9 ${p999}`,
    `4xx ${whole(total.clientErrors)}/s`,
    `5xx ${whole(total.serverErrors)}/s`,
    `loop late p99 ${milliseconds(view.delays.p99)}`,
    `scrape ${last ? `${milliseconds(last.tookMs * 1e6)}, ${bytes(last.bytes)}` : 'none yet'}`,
    `${answered} scrapes answered${pending > 0 ? `, ${pending} waiting` : ''}`,
  ].join('  ');
}
