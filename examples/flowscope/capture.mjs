/**
 * A capture file of TCP conversations whose bytes are known, without the rights that capturing takes:
 * addresses, ports, times and payload are what a relay saw; the headers around them (Ethernet, IP,
 * sequence numbers, acknowledgements) are written as a network card would have seen them.
 */

const SEGMENT_BYTES = 1_448;
const FIN = 1;
const SYN = 2;
const RST = 4;
const PUSH = 8;
const ACK = 16;

/** Packets of all conversations, in the order in which they happened. */
export class Capture {
  #records = [];

  /** @param {Buffer} frame */
  add(frame) {
    const atUs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
    const head = Buffer.alloc(16);
    head.writeUInt32LE(Number(atUs / 1_000_000n), 0);
    head.writeUInt32LE(Number(atUs % 1_000_000n), 4);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    this.#records.push(head, frame);
  }

  /** The file: microseconds, little-endian, Ethernet. */
  toFile() {
    const head = Buffer.alloc(24);
    head.writeUInt32LE(0xa1b2c3d4, 0);
    head.writeUInt16LE(2, 4);
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(65_535, 16);
    head.writeUInt32LE(1, 20);
    return Buffer.concat([head, ...this.#records]);
  }
}

/** One conversation. Sides are `client` and `server`; `ends` are their addresses and ports. */
export class Conversation {
  #capture;
  #ends;
  #next = { client: 1_000, server: 2_000_000 };

  /**
   * @param {Capture} capture
   * @param {Record<'client' | 'server', { address: string, port: number }>} ends
   */
  constructor(capture, ends) {
    this.#capture = capture;
    this.#ends = ends;
    this.#send('client', SYN);
    this.#send('server', SYN | ACK);
    this.#send('client', ACK);
  }

  /** @param {'client' | 'server'} from @param {boolean} [isSwapped] The last two segments come in the wrong order. */
  data(from, chunk, isSwapped = false) {
    const segments = [];
    for (let at = 0; at < chunk.length; at += SEGMENT_BYTES) {
      const payload = chunk.subarray(at, at + SEGMENT_BYTES);
      segments.push(this.#make(from, PUSH | ACK, payload));
    }
    if (isSwapped && segments.length > 1) segments.push(...segments.splice(-2).reverse());
    for (const segment of segments) this.#capture.add(segment);
    this.#send(other(from), ACK);
  }

  end(from) {
    this.#send(from, FIN | ACK);
    this.#send(other(from), ACK);
  }

  reset(from) {
    this.#send(from, RST | ACK);
  }

  #send(from, flags) {
    this.#capture.add(this.#make(from, flags, Buffer.alloc(0)));
  }

  #make(from, flags, payload) {
    const [source, target] = [this.#ends[from], this.#ends[other(from)]];
    const frame = Buffer.alloc(54 + payload.length);
    frame.writeUInt16BE(0x0800, 12);
    frame[14] = 0x45;
    frame.writeUInt16BE(40 + payload.length, 16);
    frame[22] = 64;
    frame[23] = 6;
    Buffer.from(source.address.split('.').map(Number)).copy(frame, 26);
    Buffer.from(target.address.split('.').map(Number)).copy(frame, 30);
    frame.writeUInt16BE(source.port, 34);
    frame.writeUInt16BE(target.port, 36);
    frame.writeUInt32BE(this.#next[from], 38);
    frame.writeUInt32BE((flags & ACK) === 0 ? 0 : this.#next[other(from)], 42);
    frame[46] = 5 << 4;
    frame[47] = flags;
    frame.writeUInt16BE(65_535, 48);
    payload.copy(frame, 54);
    const taken = payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    this.#next[from] = (this.#next[from] + taken) >>> 0;
    return frame;
  }
}

function other(side) {
  return side === 'client' ? 'server' : 'client';
}
