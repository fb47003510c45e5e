/** HTTP on each supported Node: what of a trace is whole there, with what is active and by hand. */
import { Fixture } from '../support/fixture';
import { findNode, MAJORS } from './nodes';

interface Seen {
  readonly major: number;
  readonly byDefault: boolean;
  readonly byHand: readonly string[];
  readonly active: readonly string[];
}

const WHOLE = [
  'root (internal)',
  '  GET (client)',
  '    GET /orders (server)',
  '      GET (client)',
  '        GET /fetch (server)',
  '      GET (client)',
  '        GET /node (server)',
];
// Node 20 does not say that node:http makes a request until its headers are sent: what the program
// wrote into them goes out, and nothing else.
const BY_HAND_ON_20 = [...WHOLE.slice(0, 6), '      GET /node (server)'];
const ACTIVE_ON_20 = WHOLE.slice(0, 6);

for (const major of MAJORS) {
  const node = findNode(major);
  if ('path' in node) {
    test(`Node ${major}`, () => judge(node.path));
  } else if (process.env['NANOMETER_REQUIRE_JUDGES'] === '1') {
    test(`Node ${major}`, () => {
      throw new Error(node.missing);
    });
  } else {
    test.skip(`Node ${major} (${node.missing})`, () => undefined);
  }
}

async function judge(execPath: string): Promise<void> {
  const program = Fixture.start('http-tree.cjs', { execPath });
  const { major, byDefault, byHand, active } = await program.next<Seen>();
  const isOld = major === 20;
  expect(byHand).toEqual(isOld ? BY_HAND_ON_20 : WHOLE);
  expect(active).toEqual(isOld ? ACTIVE_ON_20 : WHOLE);
  expect(byDefault).toBe(major >= 24);
  expect(await program.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
}
