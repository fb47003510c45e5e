/** A connection of an observed server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** See the file. */
export class Connection {
  readonly isSecure: boolean;
  /** How many of its requests have come, and have not been answered. */
  open = 0;
  /** Those that came before others had been answered; `null` where there never were any. */
  waiting: Map<IncomingMessage, ServerResponse> | null = null;

  constructor(socket: Socket) {
    this.isSecure = 'encrypted' in socket;
  }
}
