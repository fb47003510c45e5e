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

/** The samples of a histogram that holds these values: values are added up in their order. */
export function addDistribution(known, name, values, bounds, labels = {}) {
  const upTo = (bound) => values.filter((value) => value <= bound).length;
  for (const bound of bounds) {
    known.add(`${name}_bucket`, upTo(bound), { ...labels, le: String(bound) });
  }
  known.add(`${name}_bucket`, values.length, { ...labels, le: '+Inf' });
  known.add(`${name}_count`, values.length, labels);
  known.add(
    `${name}_sum`,
    values.reduce((sum, value) => sum + value, 0),
    labels,
  );
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

/** The same for labels in any order, and for bounds however they are written. */
function keyOf(name, labels) {
  const pairs = Object.entries(labels)
    .map(([label, value]) => [
      label,
      label === 'le' ? String(Number(value.replace('Inf', 'Infinity'))) : value,
    ])
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}
