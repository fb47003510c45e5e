/**
 * The cases of the W3C's test harness for trace context (test/test.py in w3c/trace-context), level 2,
 * as a table: the headers that come in, one pair a line, and what has to go on.
 */

/** A line of a request. */
export type Line = readonly [name: string, value: string];

/** One request of the harness. */
export interface HarnessCase {
  readonly of: string;
  readonly lines: readonly Line[];
  /** Whether the trace goes on; else it begins anew. */
  readonly goesOn: boolean;
  /** The tracestate that goes on; not judged where left out. */
  readonly tracestate?: string;
}

/** The trace id of all of them. */
export const TRACE_ID = '12345678901234567890123456789012';
/** The parent id of all of them. */
export const PARENT_ID = '1234567890123456';

const PARENT: Line = ['traceparent', `00-${TRACE_ID}-${PARENT_ID}-00`];

function parents(of: string, goesOn: boolean, ...values: string[]): HarnessCase[] {
  return values.map((value) => ({ of, lines: [['traceparent', value]], goesOn }));
}

function states(of: string, tracestate: string, ...values: string[]): HarnessCase {
  const lines = values.map((value): Line => ['tracestate', value]);
  return { of, lines: [PARENT, ...lines], goesOn: true, tracestate };
}

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(2, '0'))
    .map((number) => `bar${number}=${number}`)
    .join(',');
}

function characters(from: number, to: number): string {
  return String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
}

const GOOD = `00-${TRACE_ID}-${PARENT_ID}-01`;
const IDS = `${TRACE_ID}-${PARENT_ID}`;
const ALL_OF_A_KEY = `${characters(0x61, 0x7a)}0123456789_-*/`;
const ALL_OF_A_VALUE = characters(0x20, 0x2b) + characters(0x2d, 0x3c) + characters(0x3e, 0x7e);
const WITH_AT = `${ALL_OF_A_KEY}@a-z0-9_-*/`;

/** What the harness sends. */
export const HARNESS: readonly HarnessCase[] = [
  { of: 'both missing', lines: [], goesOn: false },
  ...parents('traceparent included', true, GOOD),
  {
    of: 'traceparent duplicated',
    lines: [
      ['traceparent', `00-12345678901234567890123456789011-${PARENT_ID}-01`],
      ['traceparent', GOOD],
    ],
    goesOn: false,
  },
  ...['trace-parent', 'trace.parent'].map((name): HarnessCase => {
    return { of: 'traceparent, wrong name', lines: [[name, GOOD]], goesOn: false };
  }),
  ...['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name): HarnessCase => {
    return { of: 'traceparent, casing', lines: [[name, GOOD]], goesOn: true };
  }),
  ...parents(
    'version 00, more after it',
    false,
    `${GOOD}.`,
    `${GOOD}-what-the-future-will-be-like`,
  ),
  ...parents('version cc', true, `cc-${IDS}-01`, `cc-${IDS}-01-what-the-future-will-be-like`),
  ...parents('version cc, no dash', false, `cc-${IDS}-01.what-the-future-will-not-be-like`),
  ...parents('version ff', false, `ff-${IDS}-01`),
  ...parents('version, illegal characters', false, `.0-${IDS}-01`, `0.-${IDS}-01`),
  ...parents('version, too long', false, `000-${IDS}-01`, `0000-${IDS}-01`),
  ...parents('version, too short', false, `0-${IDS}-01`),
  ...parents('trace id, all zero', false, `00-${'0'.repeat(32)}-${PARENT_ID}-01`),
  ...parents(
    'trace id, illegal characters',
    false,
    `00-.${TRACE_ID.slice(1)}-${PARENT_ID}-01`,
    `00-${TRACE_ID.slice(0, -1)}.-${PARENT_ID}-01`,
  ),
  ...parents('trace id, too long', false, `00-${TRACE_ID}3-${PARENT_ID}-01`),
  ...parents('trace id, too short', false, `00-${TRACE_ID.slice(0, -1)}-${PARENT_ID}-01`),
  ...parents('parent id, all zero', false, `00-${TRACE_ID}-0000000000000000-01`),
  ...parents(
    'parent id, illegal characters',
    false,
    `00-${TRACE_ID}-.234567890123456-01`,
    `00-${TRACE_ID}-123456789012345.-01`,
  ),
  ...parents('parent id, too long', false, `00-${TRACE_ID}-${PARENT_ID}7-01`),
  ...parents('parent id, too short', false, `00-${TRACE_ID}-123456789012345-01`),
  ...parents('flags, illegal characters', false, `00-${IDS}-.0`, `00-${IDS}-0.`),
  ...parents('flags, too long', false, `00-${IDS}-001`),
  ...parents('flags, too short', false, `00-${IDS}-1`),
  ...parents('optional white space', true, ` ${GOOD}`, `\t${GOOD}`, `${GOOD} `, `${GOOD}\t`),
  ...parents('optional white space', true, `\t ${GOOD} \t`),
  { of: 'tracestate alone', lines: [['tracestate', 'foo=1,bar=2']], goesOn: false },
  states('both included', 'foo=1,bar=2', 'foo=1,bar=2'),
  ...['trace-state', 'trace.state'].map((name): HarnessCase => {
    return {
      of: 'tracestate, wrong name',
      lines: [PARENT, [name, 'foo=1']],
      goesOn: true,
      tracestate: '',
    };
  }),
  ...['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name): HarnessCase => {
    return {
      of: 'tracestate, casing',
      lines: [PARENT, [name, 'foo=1']],
      goesOn: true,
      tracestate: 'foo=1',
    };
  }),
  states('tracestate, empty', '', ''),
  states('tracestate, empty line after', 'foo=1', 'foo=1', ''),
  states('tracestate, empty line before', 'foo=1', '', 'foo=1'),
  states(
    'tracestate in several lines',
    'foo=1,bar=2,rojo=1,congo=2,baz=3',
    'foo=1,bar=2',
    'rojo=1,congo=2',
    'baz=3',
  ),
  states('duplicated key', 'foo=1', 'foo=1,foo=1'),
  states('duplicated key', 'foo=1', 'foo=1,foo=2'),
  states('duplicated key in two lines', 'foo=1', 'foo=1', 'foo=1'),
  states('duplicated key in two lines', 'foo=1', 'foo=1', 'foo=2'),
  states(
    'all characters',
    `${ALL_OF_A_KEY}=${ALL_OF_A_VALUE}`,
    `${ALL_OF_A_KEY}=${ALL_OF_A_VALUE}`,
  ),
  states('all characters, with @', `${WITH_AT}=${ALL_OF_A_VALUE}`, `${WITH_AT}=${ALL_OF_A_VALUE}`),
  states('white space', 'foo=1,bar=2,baz=3', 'foo=1 \t , \t bar=2, \t baz=3'),
  states('white space', 'foo=1,bar=2,baz=3', 'foo=1\t \t,\t \tbar=2,\t \tbaz=3'),
  ...[' foo=1', '\tfoo=1', 'foo=1 ', 'foo=1\t', '\t foo=1 \t'].map((value) =>
    states('white space around', 'foo=1', value),
  ),
  ...['foo =1', 'FOO=1', 'foo.bar=1'].map((value) => states('key, illegal', '', value)),
  ...['foo@=1,bar=2', 'foo@@bar=1,bar=2', 'foo@bar@baz=1,bar=2'].map((value) =>
    states('key with @', value, value),
  ),
  states('key that begins with @', '', '@foo=1,bar=2'),
  states(
    '32 members',
    numbered(1, 32),
    numbered(1, 10),
    numbered(11, 20),
    numbered(21, 30),
    numbered(31, 32),
  ),
  states('33 members', '', numbered(1, 10), numbered(11, 20), numbered(21, 30), numbered(31, 33)),
  ...['z'.repeat(256), `${'t'.repeat(241)}@${'v'.repeat(14)}`, `${'t'.repeat(242)}@v`].map((key) =>
    states('key of 256', `foo=1,${key}=1`, 'foo=1', `${key}=1`),
  ),
  states('key of 257', '', 'foo=1', `${'z'.repeat(257)}=1`),
  states('short key with @', `foo=1,t@${'v'.repeat(15)}=1`, 'foo=1', `t@${'v'.repeat(15)}=1`),
  states('value, illegal', '', 'foo=bar=baz'),
  states('value, empty', '', 'foo=,bar=3'),
  ...parents('random flag', true, `00-${IDS}-02`),
];
