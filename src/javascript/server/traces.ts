/** `/traces` and `/traces/{id}`: which ones are asked for. */
import type { SpanStatus, TraceQuery } from '../../trace/data';
import { parametersOf, refusal } from './query';

const PARAMETERS = ['flow', 'component', 'name', 'status', 'minDurationMs', 'limit'] as const;
const MOST_TRACES = 1_000;

/** What a query asks for. Throws a Refusal where there cannot be such a thing. */
export function traceQueryOf(text: string): TraceQuery {
  const parameters = parametersOf(text, PARAMETERS);
  const query: { -readonly [Name in keyof TraceQuery]: TraceQuery[Name] } = {};
  for (const [name, given] of parameters) {
    switch (name) {
      case 'status':
        query.status = read(name, given, statusOf(given), 'unset, ok or error');
        break;
      case 'minDurationMs': {
        const accepted = 'a number of milliseconds from 0, like 2 or 0.5';
        query.minDurationMs = read(name, given, millisecondsOf(given), accepted);
        break;
      }
      case 'limit': {
        const accepted = `a whole number from 1 to ${MOST_TRACES}`;
        query.limit = read(name, given, limitOf(given), accepted);
        break;
      }
      default:
        query[name] = given;
    }
  }
  return query;
}

/** The id of a trace, as it stands in a path. Throws a Refusal where that is none. */
export function traceIdOf(id: string): string {
  if (/^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)) return id;
  throw refusal('the id of a trace is 32 hexadecimal digits, in lower case and not all of them 0');
}

function read<T>(name: string, given: string, value: T | null, accepted: string): T {
  if (value !== null) return value;
  throw refusal(`${name} is ${JSON.stringify(given)}; accepted is ${accepted}`);
}

function statusOf(given: string): SpanStatus | null {
  return given === 'unset' || given === 'ok' || given === 'error' ? given : null;
}

function millisecondsOf(given: string): number | null {
  const isPlain = /^[0-9]+(\.[0-9]+)?$/.test(given);
  return isPlain && Number.isFinite(Number(given)) ? Number(given) : null;
}

function limitOf(given: string): number | null {
  const isWithin = Number(given) >= 1 && Number(given) <= MOST_TRACES;
  return /^[0-9]+$/.test(given) && isWithin ? Number(given) : null;
}
