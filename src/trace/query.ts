/** What is asked of traces, checked; every refusal is a `NANOMETER_INVALID_OPTION`. */
import { checkKeys, checkWhole, refuse } from '../open/check-option';
import { show } from '../errors';
import type { TraceQuery } from './data';

const TEXTS = ['flow', 'component', 'name'] as const;
const KEYS = [...TEXTS, 'status', 'minDurationMs', 'limit'] as const;
const STATUSES: readonly unknown[] = ['unset', 'ok', 'error'];
const MOST_TRACES = 1_000;

/** Which traces a user asks for, as JSON. */
export function checkQuery(given: unknown): string {
  const query = checkKeys('traces()', given ?? {}, KEYS);
  const { status, minDurationMs, limit } = query;
  for (const key of TEXTS) {
    const text = query[key];
    if (text !== undefined && typeof text !== 'string') {
      return refuse(`${key} is a text, not ${show(text)}`);
    }
  }
  if (status !== undefined && !STATUSES.includes(status)) {
    return refuse(`status is "unset", "ok" or "error", not ${show(status)}`);
  }
  const isDuration = typeof minDurationMs === 'number' && minDurationMs >= 0;
  if (minDurationMs !== undefined && !(isDuration && minDurationMs < Infinity)) {
    return refuse(`minDurationMs is a number of milliseconds from 0, not ${show(minDurationMs)}`);
  }
  if (limit !== undefined) checkWhole('limit', limit, 1, MOST_TRACES);
  const asked: { readonly [Name in keyof TraceQuery]: unknown } = query;
  return JSON.stringify(asked);
}

/** The id of a trace. */
export function checkTraceId(given: unknown): string {
  const isId = typeof given === 'string' && /^[0-9a-f]{32}$/.test(given) && !/^0+$/.test(given);
  if (isId) return given;
  const accepted = '32 hexadecimal digits, in lower case and not all of them 0';
  return refuse(`the id of a trace is ${accepted}, not ${show(given)}`);
}

/** The flow whose open spans are asked for; `null`: all. */
export function checkFlowId(given: unknown): string | null {
  if (given === undefined || given === null) return null;
  return typeof given === 'string'
    ? given
    : refuse(`the id of a flow is a text, not ${show(given)}`);
}
