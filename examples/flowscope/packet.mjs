/** What an Ethernet frame says of its flow. IPv4 only. */

const ETHERNET_BYTES = 14;
const IPV4 = 0x0800;
const TCP = 6;
const UDP = 17;
const FRAGMENT = 0x1fff;

/**
 * @typedef {object} Packet
 * @property {'tcp' | 'udp' | 'other'} l4
 * @property {string} source Address, and port where there are ports.
 * @property {string} target
 * @property {number} bytes Of the IP packet.
 * @property {{ seq: number, ack: number, flags: Flags, payload: Buffer } | null} tcp
 *
 * @typedef {{ fin: boolean, syn: boolean, rst: boolean, ack: boolean }} Flags
 *
 * @param {Buffer} frame
 * @returns {Packet | null} Null where it cannot be made out, or was not captured whole.
 */
export function readPacket(frame) {
  if (frame.length < ETHERNET_BYTES + 20 || frame.readUInt16BE(12) !== IPV4) return null;
  const bytes = frame.readUInt16BE(ETHERNET_BYTES + 2);
  const ip = frame.subarray(ETHERNET_BYTES, ETHERNET_BYTES + bytes);
  const headerBytes = (ip[0] & 15) * 4;
  if (ip[0] >> 4 !== 4 || headerBytes < 20 || ip.length < bytes || bytes < headerBytes) return null;
  if ((ip.readUInt16BE(6) & FRAGMENT) !== 0) return null;
  const [from, to] = [ip.subarray(12, 16).join('.'), ip.subarray(16, 20).join('.')];
  const body = ip.subarray(headerBytes);
  if (ip[9] !== TCP && ip[9] !== UDP) {
    return { l4: 'other', source: `${from}/${ip[9]}`, target: `${to}/${ip[9]}`, bytes, tcp: null };
  }
  if (body.length < (ip[9] === TCP ? 20 : 8)) return null;
  const source = `${from}:${body.readUInt16BE(0)}`;
  const target = `${to}:${body.readUInt16BE(2)}`;
  if (ip[9] === UDP) return { l4: 'udp', source, target, bytes, tcp: null };
  return { l4: 'tcp', source, target, bytes, tcp: readSegment(body) };
}

function readSegment(body) {
  const bits = body[13];
  return {
    seq: body.readUInt32BE(4),
    ack: body.readUInt32BE(8),
    flags: {
      fin: (bits & 1) !== 0,
      syn: (bits & 2) !== 0,
      rst: (bits & 4) !== 0,
      ack: (bits & 16) !== 0,
    },
    payload: body.subarray((body[12] >> 4) * 4),
  };
}
