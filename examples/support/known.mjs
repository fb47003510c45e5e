/**
 * What an example knows by its own counting, beside what `/metrics` tells of the same. The two share
 * nothing: a sample is named here as Prometheus names it, and its value comes from the program's own
 * records (bytes that sockets report, files, logs of what happened), never from a metric's handle.
 */

/**
 * @typedef {object} Sample
 * @property {string} name As `/metrics` has it.
 * @property {Record<string, string>} labels
 * @property {number} value In the unit that `/metrics` has it in.
 */
export class Known {
  /** @type {Sample[]} */
  #samples = [];

  /**
   * @param {string} name
   * @param {number} value
   * @param {Record<string, string>} [labels]
   */
  add(name, value, labels = {}) {
    this.#samples.push({ name, labels, value });
  }

  /** In the order in which they were added. */
  get samples() {
    return this.#samples;
  }

  /**
   * Asks `/metrics`, as Prometheus would.
   *
   * @param {string} url Of the inspection server.
   * @returns {Promise<(Sample & { told: number | undefined, equal: boolean })[]>}
   */
  async compare(url) {
    const told = await scrape(`${url}/metrics`);
    return this.#samples.map((sample) => {
      const value = told.get(keyOf(sample.name, sample.labels));
      return { ...sample, told: value, equal: value === sample.value };
    });
  }
}

/** Whole bounds of a histogram's buckets, and how many of the values are at or below each. */
export function addDistribution(known, name, values, bounds, labels = {}) {
  const upTo = (bound) => values.filter((value) => value <= bound).length;
  for (const bound of bounds) {
    known.add(`${name}_bucket`, upTo(bound), { ...labels, le: canonical(bound) });
  }
  known.add(`${name}_bucket`, values.length, { ...labels, le: '+Inf' });
  known.add(`${name}_count`, values.length, labels);
}

async function scrape(url) {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  const lines = (await response.text()).split('\n');
  return new Map(lines.filter((line) => line !== '' && !line.startsWith('#')).map(readSample));
}

/** Label values of these examples need no escapes. */
function readSample(line) {
  const [, name, labels = '', value] = /^([^ {]+)(?:\{(.*)\})? ([^ ]+)$/.exec(line);
  const pairs = [...labels.matchAll(/([^=,]+)="([^"]*)"/g)].map(([, label, text]) => [label, text]);
  return [keyOf(name, Object.fromEntries(pairs)), Number(value)];
}

function keyOf(name, labels) {
  const pairs = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}

/** A bound as the format writes it: `1.0`, `0.25`. */
function canonical(bound) {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}
