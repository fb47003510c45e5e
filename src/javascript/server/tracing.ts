/** `/tracing`: which traces are promoted. */
import { TRACING_CHECKS, type TracingSettings } from '../../trace/options';
import { refusal } from './query';

/** What is said where nothing is traced: nothing is promoted either. */
const NONE: TracingSettings = {
  sampleRate: 0,
  promoteErrors: false,
  promoteLatencyMs: null,
  maxPromotionsPerSecond: null,
};

/** In words what `TRACING_CHECKS` accepts. */
const ACCEPTED: Readonly<Record<keyof TracingSettings, string>> = {
  sampleRate: 'a number from 0 to 1',
  promoteErrors: 'true or false',
  promoteLatencyMs: 'a number of milliseconds above 0, or null for none',
  maxPromotionsPerSecond: 'a whole number from 0, or null for no limit',
};
const ALL = `accepted are ${Object.keys(ACCEPTED).join(', ')}`;

/** What is shown of settings; `null`: nothing is traced. */
export function shownSettings(
  settings: TracingSettings | null,
): TracingSettings & { readonly isEnabled: boolean } {
  return { isEnabled: settings !== null, ...(settings ?? NONE) };
}

/**
 * The settings, with those changed that the body of a request names.
 *
 * @throws Refusal where something is wrong with the body
 */
export function changedSettings(body: string, settings: TracingSettings | null): TracingSettings {
  const object = objectOf(body);
  if (object === null) throw refusal(`the body is an object like {"sampleRate":0.1}; ${ALL}`);
  const wishes = Object.entries<unknown>({ ...object });
  if (wishes.length === 0) throw refusal(`the body names no setting; ${ALL}`);
  const changed = { ...(settings ?? NONE) };
  for (const [name, value] of wishes) {
    if (!isSetting(name)) throw refusal(`there is no setting ${JSON.stringify(name)}; ${ALL}`);
    if (!isAccepted(name, value)) {
      throw refusal(`${name} is ${JSON.stringify(value)}; accepted is ${ACCEPTED[name]}`);
    }
    Object.assign(changed, { [name]: value });
  }
  return changed;
}

function objectOf(body: string): object | null {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? parsed : null;
  } catch {
    return null;
  }
}

function isSetting(name: string): name is keyof TracingSettings {
  return Object.hasOwn(ACCEPTED, name);
}

function isAccepted(name: keyof TracingSettings, value: unknown): boolean {
  try {
    TRACING_CHECKS[name](value);
    return true;
  } catch {
    return false;
  }
}
