/** Reads capture files of libpcap's format: both byte orders, microseconds and nanoseconds. */

const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
// The magic number as it is read with the right byte order, and the nanoseconds of one fraction.
const FRACTIONS = new Map([
  [0xa1b2c3d4, 1_000],
  [0xa1b23c4d, 1],
]);
const ETHERNET = 1;

/**
 * @param {Buffer} file
 * @yields {{ atNs: bigint, frame: Buffer }} Times are since 1970; too large for a number.
 */
export function* readPcap(file) {
  const isLittle = FRACTIONS.has(file.readUInt32LE());
  const word = (at) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const fractionNs = FRACTIONS.get(word(0));
  if (fractionNs === undefined) throw new Error('this is no capture file in the format of libpcap');
  if (word(20) !== ETHERNET) throw new Error(`link type ${word(20)}: only Ethernet is understood`);
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= file.length;) {
    const atNs = BigInt(word(at)) * 1_000_000_000n + BigInt(word(at + 4) * fractionNs);
    const start = at + RECORD_BYTES;
    at = start + word(at + 8);
    yield { atNs, frame: file.subarray(start, at) };
  }
}
