/** What all threads share of tracing: settings, the clock's place in time, traces asked for. */
import type { ResolvedTracing, Views } from '../../backend/backend';
import {
  TRACING_ENABLED,
  TRACING_EXEMPLARS,
  TRACING_MOST_PROMOTIONS,
  TRACING_PROMOTE_ERRORS,
  TRACING_PROMOTE_LATENCY_NS,
  TRACING_SAMPLE_RATE,
  TRACING_WALL_MS,
  TRACING_WANTED,
  WANTED_FIRST,
  WANTED_TRACES,
} from '../../generated/layout';
import type { TracingSettings } from '../../trace/options';
import { type Store, Word } from '../store';

const WORDS_PER_ID = 4;
const LOOKS = 1_000_000;

/** Whether spans are recorded at all. */
export function isTracing({ cells }: Views): boolean {
  return cells[TRACING_ENABLED]! > 0;
}

/** Whether counters and histograms have cells for exemplars. */
export function hasExemplars({ cells }: Views): boolean {
  return cells[TRACING_EXEMPLARS]! > 0;
}

/** Begins tracing. */
export function beginTracing(shared: Views, tracing: ResolvedTracing): void {
  writeSettings(shared, tracing);
  if (tracing.exemplars) shared.cells[TRACING_EXEMPLARS] = 1;
  shared.cells[TRACING_ENABLED] = 1;
}

/** The settings now. */
export function readSettings({ cells }: Views): TracingSettings {
  const latencyNs = cells[TRACING_PROMOTE_LATENCY_NS]!;
  const promotions = cells[TRACING_MOST_PROMOTIONS]!;
  return {
    sampleRate: cells[TRACING_SAMPLE_RATE]!,
    promoteErrors: cells[TRACING_PROMOTE_ERRORS] !== 0,
    promoteLatencyMs: Number.isFinite(latencyNs) ? latencyNs / 1e6 : null,
    maxPromotionsPerSecond: Number.isFinite(promotions) ? promotions : null,
  };
}

/** Sets them, in all threads. */
export function writeSettings({ cells }: Views, settings: TracingSettings): void {
  const { promoteLatencyMs, maxPromotionsPerSecond } = settings;
  cells[TRACING_SAMPLE_RATE] = settings.sampleRate;
  cells[TRACING_PROMOTE_ERRORS] = settings.promoteErrors ? 1 : 0;
  cells[TRACING_PROMOTE_LATENCY_NS] = promoteLatencyMs === null ? Infinity : promoteLatencyMs * 1e6;
  cells[TRACING_MOST_PROMOTIONS] = maxPromotionsPerSecond ?? Infinity;
}

/**
 * The Unix time, milliseconds, at which the clock was 0; leaves it where others look for it. The
 * system tells whole milliseconds; what was said before stays until it is wrong by one more, so that
 * what is read twice has one time.
 *
 * @param nowNs - the clock's time
 */
export function keepWallMs({ cells }: Views, nowNs: number): number {
  const least = Date.now() - nowNs / 1e6;
  const told = cells[TRACING_WALL_MS]!;
  if (told >= least - 1 && told <= least + 2) return told;
  const wallMs = least + 0.5;
  cells[TRACING_WALL_MS] = wallMs;
  return wallMs;
}

/**
 * Adds a trace to those that are asked for.
 *
 * @param store - whose header has a word that gives each its place
 */
export function want({ tracing, words }: Store, traceId: string): void {
  const { cells, words: ids } = tracing;
  const number = Atomics.add(words, Word.wanted, 1);
  const first = WANTED_FIRST + (number % WANTED_TRACES) * WORDS_PER_ID;
  for (let word = 0; word < WORDS_PER_ID; word++) {
    const digits = traceId.slice(word * 8, word * 8 + 8);
    Atomics.store(ids, first + word, Number.parseInt(digits, 16) | 0);
  }
  const counts = new BigInt64Array(cells.buffer, cells.byteOffset + TRACING_WANTED * 8, 1);
  // Whoever sees the count reads all ids up to it: the ones before are counted first, but for those
  // of a thread that was killed in between.
  const before = bitsOf(number);
  for (let looks = 0; looks < LOOKS && Atomics.load(counts, 0) !== before; looks++);
  Atomics.store(counts, 0, bitsOf(number + 1));
}

/** A float64 as an integer of the same bits. */
function bitsOf(number: number): bigint {
  return new BigInt64Array(Float64Array.of(number).buffer)[0]!;
}
