/**
 * A socket between two replicas: frames of JSON behind their length, questions that are answered. Its
 * log of frames is what the example knows by itself.
 */
import { EventEmitter } from 'node:events';

/** Emits `question` with a frame and a function that answers it, and `delta` with what is told. */
export class Line extends EventEmitter {
  #socket;
  #pending = Buffer.alloc(0);
  #asked = new Map();
  /** Every frame: `{ way, protocol, bytes, entities, isQuestion }`; of deltas the protocol is null. */
  log = [];

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
  }

  /** What the socket says. */
  get bytes() {
    return { sent: this.#socket.bytesWritten, received: this.#socket.bytesRead };
  }

  /** Sends what nobody answers. */
  tell(delta) {
    this.#write({ delta, protocol: null });
  }

  /**
   * @param {string | null} protocol What it is counted as.
   * @returns {Promise<object>} The answer's body.
   */
  ask(protocol, type, body = {}) {
    const id = this.#asked.size + 1;
    this.#write({ id, type, protocol, body });
    return new Promise((resolve) => this.#asked.set(id, resolve));
  }

  hangUp() {
    this.#socket.end();
  }

  #read(chunk) {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 4) {
      const end = 4 + this.#pending.readUInt32BE();
      if (this.#pending.length < end) return;
      const frame = JSON.parse(this.#pending.toString('utf8', 4, end));
      this.#pending = this.#pending.subarray(end);
      this.#note('received', frame, end);
      this.#understand(frame);
    }
  }

  #understand(frame) {
    if (frame.delta !== undefined) this.emit('delta', frame.delta);
    else if (frame.answers !== undefined) this.#asked.get(frame.answers)(frame.body);
    else {
      this.emit('question', frame, (body) => {
        this.#write({ answers: frame.id, protocol: frame.protocol, body });
      });
    }
  }

  #write(frame) {
    const body = Buffer.from(JSON.stringify(frame));
    const bytes = Buffer.alloc(4 + body.length);
    bytes.writeUInt32BE(body.length);
    body.copy(bytes, 4);
    this.#note('sent', frame, bytes.length);
    this.emit('sent', frame.protocol, bytes.length);
    this.#socket.write(bytes);
  }

  #note(way, frame, bytes) {
    const { protocol, body, type } = frame;
    const entities = body?.entities?.length ?? 0;
    this.log.push({ way, protocol, bytes, entities, isQuestion: type !== undefined });
  }
}
