/** Single values, read without a snapshot: where the series of this thread's lane are in all lanes. */
import type { Definition } from '../definition/define';
import { NanometerError } from '../errors';
import type { Catalogue, Part } from './catalogue';
import type { Lane } from './lanes';
import { mergeNumber } from './merge';

interface Found {
  /** The number of its family in this lane. */
  readonly family: number;
  readonly definition: Definition;
  readonly parts: readonly Part[];
}

/** Values of series that this thread has defined or bound. */
export class Values {
  readonly #lane: Lane;
  readonly #catalogue: Catalogue;
  /** By the position in this lane. */
  #found = new Map<number, Found>();
  #version = -1;

  constructor(lane: Lane, catalogue: Catalogue) {
    this.#lane = lane;
    this.#catalogue = catalogue;
  }

  /**
   * See `BackendMeter.readValues`. Allocates nothing, except when something has been defined, bound
   * or removed since the call before.
   *
   * @param nowNs - the time on the clock of the threads
   * @throws NanometerError `NANOMETER_INVALID_OPTION` where `into` is too short, or a pair not whole
   */
  read(pairs: Uint32Array, into: Float64Array, nowNs: number): void {
    const count = pairs.length / 2;
    if (!Number.isInteger(count) || into.length < count) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `${Math.floor(count)} values do not fit into ${into.length}, or a pair is not whole`,
      );
    }
    if (this.#version !== this.#catalogue.version) this.#find();
    for (let i = 0; i < count; i++) {
      const found = this.#found.get(pairs[i * 2 + 1]!);
      const isIt = found !== undefined && found.family === pairs[i * 2];
      into[i] = isIt ? mergeNumber(found.definition, found.parts, nowNs) : NaN;
    }
  }

  #find(): void {
    const { version } = this.#catalogue;
    const numbers = new Map(
      this.#catalogue
        .content(this.#lane)
        .families.map(({ definition: { name } }, number) => [name, number]),
    );
    this.#found = new Map();
    for (const { definition, series, overflow } of this.#catalogue.families()) {
      const family = numbers.get(definition.name);
      if (family === undefined) continue;
      // Series past the bound are shown as parts of the overflow: they read as that.
      for (const { parts } of overflow === null ? series : [...series, overflow]) {
        for (const { lane, position } of parts) {
          if (lane.number !== this.#lane.number) continue;
          this.#found.set(position, { family, definition, parts });
        }
      }
    }
    this.#version = version;
  }
}
