/** What can be said of a receiver: a file, headers, an endpoint. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Setting } from '../open/setting';
import { acceptedEndpoints, completeEndpoint, type EndpointUse, shownEndpoint } from './endpoint';
import { ACCEPTED_HEADERS, checkHeaders, parseHeaders, type Headers } from './headers';

/** A file that can be read now. */
export const FILE: Setting<string> = {
  accepted: 'the path of a file that can be read',
  check: readable,
  read: readable,
};

/** Headers of requests. */
export const HEADERS: Setting<Headers> = {
  accepted: `an object of strings; ${ACCEPTED_HEADERS}`,
  acceptedText: `name=value pairs, percent-encoded and with commas between them; ${ACCEPTED_HEADERS}`,
  check: checkHeaders,
  read: parseHeaders,
  shown: () => undefined,
};

/** An endpoint of that use. */
export function endpoint(use: EndpointUse): Setting<string> {
  return {
    accepted: acceptedEndpoints(use.protocol),
    check: (given) => (typeof given === 'string' ? completeEndpoint(given, use) : undefined),
    read: (text) => completeEndpoint(text, use),
    shown: shownEndpoint,
  };
}

function readable(given: unknown): string | undefined {
  if (typeof given !== 'string' || given === '' || given.includes('\0')) return undefined;
  const path = resolve(given);
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory() ? undefined : path;
  } catch {
    return undefined;
  }
}
