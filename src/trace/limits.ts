/** How much one span can say: what is beyond that is left out and counted with the span. */
import { checkKeys } from '../open/check-option';
import type { Environment } from '../open/environment';
import { fromCode, fromVariables, whole } from '../open/setting';

/** How much one span can say. */
export interface SpanLimitOptions {
  /**
   * The most attributes of a span, 0 to 128; else `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, else
   * `OTEL_ATTRIBUTE_COUNT_LIMIT`, else 128.
   */
  readonly attributes?: number;
  /**
   * The most characters of an attribute that is a text, which is cut there, 0 to 2,147,483,647; else
   * `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else only the
   * room that a span has is the limit.
   */
  readonly attributeLength?: number;
  /** The most events of a span, 0 to 128; else `OTEL_SPAN_EVENT_COUNT_LIMIT`, else 128. */
  readonly events?: number;
  /**
   * The most attributes of an event, 0 to 128; else `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, else
   * `OTEL_ATTRIBUTE_COUNT_LIMIT`, else 128.
   */
  readonly eventAttributes?: number;
}

/** The same, complete. */
export type SpanLimits = Readonly<Required<SpanLimitOptions>>;

// More would not fit into the slots of a span's text; while it is open they would only take memory.
const MOST = 128;

/** Those that hold where nobody says otherwise. */
export const DEFAULT_LIMITS: SpanLimits = {
  attributes: MOST,
  attributeLength: Infinity,
  events: MOST,
  eventAttributes: MOST,
};

const COUNT = whole(0, MOST);
const ANY = whole(0);
const KEYS = Object.keys(DEFAULT_LIMITS);
const ATTRIBUTES = 'OTEL_ATTRIBUTE_COUNT_LIMIT';
const VARIABLES: Readonly<Record<keyof SpanLimits, readonly string[]>> = {
  attributes: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', ATTRIBUTES],
  attributeLength: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  events: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
  eventAttributes: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', ATTRIBUTES],
};

/**
 * Complete limits.
 *
 * @param given - the option `tracing.limits`
 * @throws NanometerError `NANOMETER_INVALID_OPTION`
 */
export function resolveLimits(given: unknown, environment: Environment): SpanLimits {
  const options = checkKeys('tracing.limits', given === undefined ? {} : given, KEYS);
  const limit = (key: keyof SpanLimits): number => {
    const setting = key === 'attributeLength' ? ANY : COUNT;
    const inCode = fromCode(setting, `tracing.limits.${key}`, options[key]);
    const said = inCode ?? fromVariables(ANY, environment, VARIABLES[key]);
    return Math.min(said ?? Infinity, DEFAULT_LIMITS[key]);
  };
  return {
    attributes: limit('attributes'),
    attributeLength: limit('attributeLength'),
    events: limit('events'),
    eventAttributes: limit('eventAttributes'),
  };
}
