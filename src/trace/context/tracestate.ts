/**
 * The header `tracestate`, W3C Trace Context level 2: what other tracing systems tell each other, in
 * a list of `key=value`, the newest first. It is carried on, and never changed: this package has no
 * entry of its own.
 */

// What a service should carry at the least, and what all may rely on.
const MOST_CHARACTERS = 512;
const MOST_MEMBERS = 32;
// Entries that are longer than this go first where there is too much.
const LONG_MEMBER = 128;
// 32 of the longest members are 16 KiB; more than four times that is not looked at.
const MOST_TO_READ = 65_536;

const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const BLANKS = /^[ \t]+|[ \t]+$/g;

/**
 * The list to carry on, of the whole header: several lines of it are joined by commas before. `''`
 * where there is nothing to carry on: no member, more than 32, or one that is against the grammar.
 * Of a key that comes twice the first one, which is newer, is kept. Past 512 characters, members
 * are left out whole: those of more than 128 first, then the oldest.
 */
export function checkTracestate(header: string): string {
  if (header === '' || header.length > MOST_TO_READ) return '';
  const members = new Map<string, string>();
  let count = 0;
  for (const raw of header.split(',')) {
    const member = raw.replace(BLANKS, '');
    if (member === '') continue;
    count++;
    if (count > MOST_MEMBERS || !MEMBER.test(member)) return '';
    const key = member.slice(0, member.indexOf('='));
    if (!members.has(key)) members.set(key, member);
  }
  const list = [...members.values()];
  const joined = list.join(',');
  return joined.length <= MOST_CHARACTERS ? joined : shorten(list, joined.length);
}

function shorten(list: string[], length: number): string {
  let left = length;
  while (left > MOST_CHARACTERS) {
    const long = list.findLastIndex((member) => member.length > LONG_MEMBER);
    const [gone] = list.splice(long === -1 ? list.length - 1 : long, 1);
    left -= gone!.length + 1;
  }
  return list.join(',');
}
