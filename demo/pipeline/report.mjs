/** The report: a line for each file, and then the identifiers that are there most often. */
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';

const MOST_LISTED = 100;

export class Report {
  #path;
  #counts = new Map();
  /** How many files are in it. */
  files = 0;
  /** How many identifiers are in them. */
  identifiers = 0;

  constructor(path) {
    this.#path = path;
  }

  /** How many of them differ. */
  get distinct() {
    return this.#counts.size;
  }

  /** Where the counts of files go. */
  stream() {
    const file = createWriteStream(this.#path);
    return new Writable({
      objectMode: true,
      write: ({ path, names }, _encoding, done) => file.write(`${this.#add(path, names)}\n`, done),
      final: (done) => file.end(`\n${this.#most().join('\n')}\n`, done),
      destroy: (error, done) => {
        file.destroy();
        done(error);
      },
    });
  }

  #add(path, names) {
    this.files += 1;
    if (names === null) return `not parsed\t${path}`;
    let inFile = 0;
    for (const [name, times] of names) {
      inFile += times;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
    }
    this.identifiers += inFile;
    return `${inFile}\t${path}`;
  }

  #most() {
    return [...this.#counts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, MOST_LISTED)
      .map(([name, times]) => `${times}\t${name}`);
  }
}
