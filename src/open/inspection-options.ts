/** What `open()` can be told of the inspection server. */
import type { ResolvedInspection } from '../backend/backend';
import { checkKeys, checkWhole, refuse } from './check-option';
import { show } from '../errors';

/** Where the inspection server listens. */
export interface InspectionOptions {
  /** The address to bind; `127.0.0.1` when left out. */
  readonly host?: string;
  /** The TCP port, 0 to 65535, 0 for any that is free; 9464 when left out; `null` for no TCP. */
  readonly port?: number | null;
  /** Whether to listen on `nanometer.sock` in the state directory too; true when left out. */
  readonly socket?: boolean;
  /**
   * Guards every route as a bearer token, and lets its bearer set the level and tracing over TCP,
   * which nobody can without one. 1 to 4,096 visible ASCII characters.
   */
  readonly token?: string | undefined;
}

const KEYS: readonly (keyof InspectionOptions)[] = ['host', 'port', 'socket', 'token'];
// The port of OpenTelemetry's Prometheus exporters.
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9464;
const TOKEN = /^[\x21-\x7e]{1,4096}$/;

/** Complete options; `null` where there is to be no server. Throws `NANOMETER_INVALID_OPTION`. */
export function checkInspection(given: unknown, hasStateDir: boolean): ResolvedInspection | null {
  if (given === false) return null;
  const options = checkKeys('inspection', given ?? {}, KEYS);
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, socket = hasStateDir, token } = options;
  if (typeof host !== 'string' || host === '') {
    return refuse(`inspection.host is an address, not ${show(host)}`);
  }
  if (typeof socket !== 'boolean') {
    return refuse(`inspection.socket is true or false, not ${show(socket)}`);
  }
  if (socket && !hasStateDir) {
    return refuse('inspection.socket needs a state directory, and stateDir is false');
  }
  if (token !== undefined && (typeof token !== 'string' || !TOKEN.test(token))) {
    // The value is a secret: it is not shown.
    return refuse('inspection.token has 1 to 4096 visible ASCII characters');
  }
  return {
    host,
    port: port === null ? null : checkWhole('inspection.port', port, 0, 65_535),
    socket,
    token: token ?? null,
  };
}
