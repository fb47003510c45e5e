/** The slowest trace of the last seconds, looked for from time to time. */

/** What nobody promotes is overwritten within seconds, so what has been found is remembered. */
export class Slowest {
  #meter;
  #seconds;
  #found = [];

  /** @param {import('nanometer').Meter} meter @param {number} seconds How far it looks back. */
  constructor(meter, seconds) {
    this.#meter = meter;
    this.#seconds = seconds;
  }

  /**
   * Looks for slow traces, and answers the slowest that ended within the last seconds; null if none.
   *
   * @param {import('nanometer').TraceQuery} query
   * @returns {import('nanometer').TraceData | null}
   */
  look(query) {
    const sinceMs = Date.now() - this.#seconds * 1000;
    const ended = ({ startMs, durationNs }) => startMs + durationNs / 1e6;
    const all = [...this.#meter.traces(query), ...this.#found];
    // A slower one hides all that ended before it.
    this.#found = all
      .filter((trace) => ended(trace) >= sinceMs)
      .sort((one, other) => other.durationNs - one.durationNs)
      .reduce((kept, trace) => {
        const last = kept.at(-1);
        return !last || ended(trace) > ended(last) ? [...kept, trace] : kept;
      }, []);
    return this.#found[0] ?? null;
  }
}
