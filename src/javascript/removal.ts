/** Removes series that no thread holds any more, from every lane that has them. */
import type { Catalogue, LaneContent, LaneSeries } from './catalogue';
import { isHeld, isUnwanted, stateOf } from './directory';
import { type Store, Word } from './store';

interface Place {
  readonly content: LaneContent;
  readonly series: LaneSeries;
}

/** Removes a series from those lanes; false, with nothing done, where a live thread holds it. */
export function vacateUnheld(contents: readonly LaneContent[], name: string, key: string): boolean {
  const places = contents.flatMap((content) =>
    content.families
      .filter(({ definition }) => definition.name === name)
      .flatMap(({ series }) => series.get(key) ?? [])
      .map((series) => ({ content, series })),
  );
  if (places.some(isWanted)) return false;
  for (const { content, series } of places) {
    content.directory.vacate(series.record, series.record.state);
  }
  return true;
}

/** Series that a thread has removed while another one held them. */
export class Removals {
  readonly #store: Store;
  readonly #catalogue: Catalogue;
  #seen = 0;
  #hasPending = false;

  constructor(store: Store, catalogue: Catalogue) {
    this.#store = store;
    this.#catalogue = catalogue;
  }

  /** Removes those whose holders have ended since. Looks at every series where there are any. */
  complete(): void {
    const removals = Atomics.load(this.#store.words, Word.removals);
    if (removals === this.#seen && !this.#hasPending) return;
    this.#seen = removals;
    this.#hasPending = false;
    const contents = this.#catalogue.contents();
    for (const { families } of contents) {
      for (const { definition, series } of families) {
        for (const [key, { record }] of series) {
          if (!isUnwanted(stateOf(record))) continue;
          if (!vacateUnheld(contents, definition.name, key)) this.#hasPending = true;
        }
      }
    }
  }
}

function isWanted({ content, series }: Place): boolean {
  return content.lane.isLive && isHeld(series.record.state);
}
