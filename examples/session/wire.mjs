/**
 * BitTorrent's peer protocol on one socket: the handshake and messages of BEP 3, and the reject of
 * BEP 6. It keeps a log of what went over it, which is what the example knows by itself.
 */
import { EventEmitter } from 'node:events';

const PROTOCOL = '\x13BitTorrent protocol';
// The bit of BEP 6 in the reserved bytes: both sides know `reject`.
const RESERVED = Buffer.from([0, 0, 0, 0, 0, 0, 0, 4]);
const HANDSHAKE_BYTES = 68;
const TYPES = new Map([
  [0, 'choke'],
  [1, 'unchoke'],
  [2, 'interested'],
  [3, 'not interested'],
  [4, 'have'],
  [5, 'bitfield'],
  [6, 'request'],
  [7, 'piece'],
  [16, 'reject'],
]);
const NUMBERS = new Map([...TYPES].map(([number, type]) => [type, number]));

/** Emits `bytes` with a count, `handshake` with a peer's id, `message` with a type and a payload. */
export class Wire extends EventEmitter {
  #socket;
  #infoHash;
  #pending = Buffer.alloc(0);
  #hasGreeted = false;
  /** Every message, in order: `{ way: 'sent' | 'received', type }`. */
  log = [];

  /** @param {import('node:net').Socket} socket @param {Buffer} infoHash 20 bytes. */
  constructor(socket, infoHash) {
    super();
    this.#socket = socket;
    this.#infoHash = infoHash;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('close', () => this.emit('close'));
  }

  /** What the socket itself says of the bytes that went over it. */
  get bytes() {
    return { sent: this.#socket.bytesWritten, received: this.#socket.bytesRead };
  }

  get isOpen() {
    return !this.#socket.destroyed;
  }

  /** Whether the other side can still be told anything. */
  get canSend() {
    return this.#socket.writable;
  }

  greet(peerId) {
    return this.#write('handshake', [
      Buffer.from(PROTOCOL, 'latin1'),
      RESERVED,
      this.#infoHash,
      peerId,
    ]);
  }

  /**
   * @param {string} type
   * @param {(number | Buffer)[]} [fields] Numbers go as four bytes.
   * @returns {boolean} Whether it was sent: not to somebody who has hung up.
   */
  send(type, fields = []) {
    const payload = fields.map((field) => (typeof field === 'number' ? word(field) : field));
    const length = payload.reduce((sum, { length }) => sum + length, 1);
    return this.#write(type, [word(length), Buffer.from([NUMBERS.get(type)]), ...payload]);
  }

  /** Lets what is under way arrive, and hangs up. */
  hangUp() {
    this.#socket.end();
  }

  #write(type, parts) {
    if (!this.canSend) return false;
    const bytes = Buffer.concat(parts);
    this.log.push({ way: 'sent', type });
    this.emit('bytes', { sent: bytes.length });
    this.#socket.write(bytes);
    return true;
  }

  #read(chunk) {
    this.emit('bytes', { received: chunk.length });
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (let message = this.#take(); message !== null; message = this.#take()) {
      this.log.push({ way: 'received', type: message.type });
      this.emit(message.type === 'handshake' ? 'handshake' : 'message', message);
    }
  }

  /** The next whole message, or `null`. */
  #take() {
    const pending = this.#pending;
    if (!this.#hasGreeted) {
      if (pending.length < HANDSHAKE_BYTES) return null;
      this.#pending = pending.subarray(HANDSHAKE_BYTES);
      if (!pending.subarray(28, 48).equals(this.#infoHash)) this.#socket.destroy();
      this.#hasGreeted = true;
      return { type: 'handshake', payload: pending.subarray(48, HANDSHAKE_BYTES) };
    }
    if (pending.length < 4) return null;
    const end = 4 + pending.readUInt32BE();
    if (pending.length < end) return null;
    this.#pending = pending.subarray(end);
    return { type: TYPES.get(pending[4]), payload: pending.subarray(5, end) };
  }
}

function word(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
