/** Noise as a machine makes it, from numbers that are the same in each run of the tests. */

/** Makes noise. */
export interface Noise {
  /** A value of the standard normal distribution. */
  readonly normal: () => number;
  /**
   * Such values one after another.
   *
   * @param likeness - the correlation of neighbours, 0 to 1
   */
  readonly series: (count: number, likeness: number) => number[];
}

/** @param random - gives numbers from 0 to 1 */
export function noiseFrom(random: () => number): Noise {
  // Box and Muller.
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return {
    normal,
    series(count, likeness) {
      let last = normal();
      return Array.from({ length: count }, () => {
        const value = last;
        last = likeness * last + Math.sqrt(1 - likeness ** 2) * normal();
        return value;
      });
    },
  };
}
