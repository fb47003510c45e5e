/** What is shared: bytes that are always the same, cut into pieces, with their hashes. */
import { createHash } from 'node:crypto';

export const PIECE_BYTES = 65_536;
export const BLOCK_BYTES = 16_384;

/** @typedef {{ content: Buffer, hashes: Buffer[], infoHash: Buffer }} Torrent */

/** @param {number} pieces @returns {Torrent} */
export function makeTorrent(pieces) {
  const content = Buffer.alloc(pieces * PIECE_BYTES);
  for (let at = 0; at < content.length; at += 20) sha1(`bytes from ${at}`).copy(content, at);
  const hashes = Array.from({ length: pieces }, (_, piece) =>
    sha1(content.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
  );
  return { content, hashes, infoHash: sha1(Buffer.concat(hashes)) };
}

/** Where the blocks of a piece begin. */
export function blocks() {
  return Array.from({ length: PIECE_BYTES / BLOCK_BYTES }, (_, block) => block * BLOCK_BYTES);
}

/** Which pieces somebody has: one bit each, the first the highest. */
export function bitfieldOf(have, pieces) {
  const bits = Buffer.alloc(Math.ceil(pieces / 8));
  for (const piece of have) bits[piece >> 3] |= 0x80 >> (piece & 7);
  return bits;
}

/** The numbers of the bits that are set. */
export function piecesIn(bits) {
  return [...bits].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => at * 8 + bit),
  );
}

function sha1(data) {
  return createHash('sha1').update(data).digest();
}
