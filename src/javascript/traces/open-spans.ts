/** What is open: the tables of live lanes, read while their threads write them. */
import {
  BLOCK_HEADER_CELLS,
  OPEN_COMPONENT,
  OPEN_COMPONENT_START,
  OPEN_FLOW,
  OPEN_ID,
  OPEN_NAME,
  OPEN_START,
  OPEN_TRACE,
  OPEN_WORD,
  SPAN_WORDS,
  SPANS_PER_BLOCK,
} from '../../generated/layout';
import type { OpenSpanData } from '../../trace/data';
import { fence } from '../../trace/order';
import type { Lane, Lanes } from '../lanes';
import { spanBlocks } from './blocks';
import { cellsOf, idDigits } from './slots';
import { UNNAMED } from './spans';
import type { Texts } from './texts';

const MOST_OPEN = 100;

/** An entry as it was at one time. */
interface Entry {
  readonly words: Int32Array;
  readonly cells: Float64Array;
  readonly lane: number;
}

/**
 * The oldest of what is open.
 *
 * @param flow - the only flow that is wanted; `null`: all, and what is of none
 * @param wallMs - the Unix time, milliseconds, at which the clock was 0
 */
export function openSpans(
  lanes: Lanes,
  texts: Texts,
  flow: string | null,
  { wallMs, nowNs }: { readonly wallMs: number; readonly nowNs: number },
): OpenSpanData[] {
  const entries = lanes
    .all()
    .filter(({ isLive }) => isLive)
    .flatMap(entriesOf)
    .filter(({ words }) => flow === null || texts.text(words[OPEN_FLOW]!) === flow)
    .sort((a, b) => a.cells[OPEN_START]! - b.cells[OPEN_START]!)
    .slice(0, MOST_OPEN);
  return entries.map(({ words, cells, lane }) => {
    const text = (word: number): string | null => texts.text(words[word]!);
    const ageNs = (cell: number): number => Math.max(0, nowNs - cells[cell]!);
    const ofFlow = text(OPEN_FLOW);
    const component = text(OPEN_COMPONENT);
    return {
      traceId: idDigits(words, OPEN_TRACE, 4),
      spanId: idDigits(words, OPEN_ID, 2),
      name: text(OPEN_NAME) ?? (ofFlow === null ? UNNAMED : `flow:${ofFlow}`),
      flow: ofFlow,
      component,
      componentAgeNs: component === null ? null : ageNs(OPEN_COMPONENT_START),
      startMs: cells[OPEN_START]! / 1e6 + wallMs,
      ageNs: ageNs(OPEN_START),
      lane,
    };
  });
}

function entriesOf(lane: Lane): Entry[] {
  const table = spanBlocks(lane)?.open.words;
  if (table === undefined) return [];
  const entries: Entry[] = [];
  for (let index = 0; index < SPANS_PER_BLOCK; index++) {
    const at = BLOCK_HEADER_CELLS * 2 + index * SPAN_WORDS;
    const word = Atomics.load(table, at + OPEN_WORD);
    if (word === 0) continue;
    const words = table.slice(at, at + SPAN_WORDS);
    fence();
    if (Atomics.load(table, at + OPEN_WORD) !== word) continue;
    entries.push({ words, cells: cellsOf(words), lane: lane.number });
  }
  return entries;
}
