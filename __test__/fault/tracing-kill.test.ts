/**
 * A process that is killed in mid-span leaves a segment in which each span is whole, each one is
 * counted, and what was in flight has a name. The reader is Rust: it is skipped by name where cargo
 * is missing; spans themselves are read here, by the layout.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenSpanData, SnapshotData } from 'nanometer';
import * as layout from '../../dist/generated/layout';
import { Fixture } from '../support/fixture';
import { expected, ownNs, SPANS_OF_TRACE } from '../support/numbered-spans';
import { buildReader, hasCargo, lastIn, readSegment, segmentIn } from '../support/segment';
import { describeNative, temporaryDirectory } from '../support/surroundings';

const KILLS = 8;
const BATCH = 200;
/** Of the traces that it writes, the first, and every so many after it, fail. */
const FAIL_EVERY = 7;
const title = `kill -9 in mid-span, ${KILLS} times${hasCargo ? '' : ' (cargo is not installed)'}`;

/** Of a block: where its kind, its lane and its number are, and what is a flight ring's. */
const BLOCK_KIND = 0;
const BLOCK_NUMBER = 8;
const KIND_FLIGHT = 5;
const SLOT_BYTES = layout.SPAN_WORDS * 4;

describeNative('the segment', () => {
  (hasCargo ? test : test.skip)(
    title,
    async () => {
      const reader = buildReader();
      for (let kill = 0; kill < KILLS; kill += 1) await expectSpansToOutlive(kill, reader);
    },
    300_000,
  );
});

async function expectSpansToOutlive(round: number, reader: string): Promise<void> {
  const directory = temporaryDirectory();
  const stateDir = join(directory, 'state');
  const log = join(directory, 'log');
  const fixture = Fixture.start('spans-until-killed.cjs', { args: [stateDir, log] });
  const hanging = await fixture.next<Pick<OpenSpanData, 'traceId' | 'spanId'>>();
  // So many batches later: the kill comes at another place each time.
  while (spansIn(log, 'confirmed') < round * 3 * BATCH) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await fixture.kill()).toMatchObject({ signal: 'SIGKILL' });

  const path = segmentIn(stateDir);
  const ring = new FlightRing(readFileSync(path));
  // One component of the element that hangs had ended.
  expect(ring.count(layout.FLIGHT_RECORDED)).toBeGreaterThanOrEqual(spansIn(log, 'confirmed') + 1);
  expect(ring.count(layout.FLIGHT_RECORDED)).toBeLessThanOrEqual(spansIn(log, 'attempted') + 1);
  const spans = ring.spans();
  expect(spans.flatMap(faults)).toEqual([]);
  const kept = spans.filter(({ fate }) => fate === layout.FATE_KEPT).length;
  const gone = ['PROMOTED', 'OVERWRITTEN', 'DROPPED_FULL', 'DROPPED_LIMIT'] as const;
  const left =
    ring.count(layout.FLIGHT_RECORDED) -
    gone.reduce((sum, what) => sum + ring.count(layout[`FLIGHT_${what}`]), 0);
  // It can have been killed between one store and the next.
  expect(Math.abs(kept - left)).toBeLessThanOrEqual(1);

  const { processes } = readSegment<SnapshotData>(reader, path);
  expect(processes).toMatchObject([{ alive: false }]);
  const open = readSegment<OpenSpanData[]>(reader, path, '--open');
  expect(open).toContainEqual(
    expect.objectContaining({ ...hanging, flow: 'hangs', component: 'give' }),
  );
  // And at most the trace that was being written.
  expect(open.length).toBeLessThanOrEqual(2);
}

/** A span as it lies in a segment. */
interface SpanThere {
  readonly fate: number;
  readonly words: Int32Array;
  readonly cells: Float64Array;
  readonly text: string;
}

/** What is wrong with a span: it is one of those that are numbered, or the element's. */
function faults({ words, cells, text }: SpanThere): object[] {
  const form = words[layout.SPAN_FORM]!;
  if ((form & 0xff) === layout.FORM_INVOKE) {
    return text === '' && cells[layout.SPAN_SEQUENCE] === 1 ? [] : [{ form, text }];
  }
  const said = JSON.parse(text) as { attributes: { n: number } };
  const { n } = said.attributes;
  const first = n - (n % SPANS_OF_TRACE);
  const { kind, status, attributes } = expected('killed', n);
  const isRoot = n === first;
  const right = {
    attributes,
    kind: ['internal', 'server', 'client', 'producer', 'consumer'].indexOf(kind),
    status: isRoot && (n / SPANS_OF_TRACE) % FAIL_EVERY === 0 ? 2 : ['unset', 'ok'].indexOf(status),
    ownNs: ownNs(n),
    above: isRoot ? null : n - first,
  };
  let partsNs = 0;
  for (let part = first + 1; isRoot && part < first + SPANS_OF_TRACE; part++)
    partsNs += ownNs(part);
  const found = {
    attributes: said.attributes,
    kind: (form >> 8) & 0xff,
    status: (form >> 16) & 0xff,
    ownNs: cells[layout.SPAN_DURATION]! - partsNs,
    above: isRoot ? null : words[layout.SPAN_ID + 1]! - words[layout.SPAN_PARENT + 1]!,
  };
  return JSON.stringify(found) === JSON.stringify(right) ? [] : [{ found, right }];
}

/** The one flight ring of a segment. */
class FlightRing {
  readonly #blocks: readonly Buffer[];

  constructor(segment: Buffer) {
    const blocks = Array.from({ length: segment.length / layout.BLOCK_BYTES }, (_, i) =>
      segment.subarray(i * layout.BLOCK_BYTES, (i + 1) * layout.BLOCK_BYTES),
    );
    // The first one is the segment's header.
    this.#blocks = blocks
      .slice(1)
      .filter((block) => block.readUInt32LE(BLOCK_KIND) === KIND_FLIGHT)
      .sort((a, b) => a.readUInt32LE(BLOCK_NUMBER) - b.readUInt32LE(BLOCK_NUMBER));
  }

  count(cell: number): number {
    return this.#blocks[0]!.readDoubleLE(cell * 8);
  }

  spans(): SpanThere[] {
    const slots = this.#blocks.length * layout.SPANS_PER_BLOCK;
    return Array.from({ length: slots }, (_, slot) => slot).flatMap((slot) => {
      const bytes = this.#slot(slot);
      const words = new Int32Array(bytes.buffer);
      if (words[layout.SPAN_WORD]! <= 0) return [];
      const texts = Array.from({ length: words[layout.SPAN_TEXT_SLOTS]! }, (_, i) =>
        this.#slot((slot + 1 + i) % slots).subarray(4),
      );
      const text = Buffer.concat(texts).toString('utf8', 0, words[layout.SPAN_TEXT_BYTES]);
      const cells = new Float64Array(bytes.buffer);
      return [{ fate: words[layout.SPAN_FATE]!, words, cells, text }];
    });
  }

  /** A copy. */
  #slot(slot: number): Uint8Array<ArrayBuffer> {
    const block = this.#blocks[Math.floor(slot / layout.SPANS_PER_BLOCK)]!;
    const at = layout.BLOCK_HEADER_CELLS * 8 + (slot % layout.SPANS_PER_BLOCK) * SLOT_BYTES;
    return Uint8Array.from(block.subarray(at, at + SLOT_BYTES));
  }
}

/** Of spans, so many were announced, or done. */
function spansIn(log: string, word: 'attempted' | 'confirmed'): number {
  return lastIn(readFileSync(log, 'utf8'), word);
}
