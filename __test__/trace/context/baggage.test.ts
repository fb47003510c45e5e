/** The header `baggage`: what is read out of it, what is carried on, and its limits. */
import { formatBaggage, parseBaggage } from '../../../dist/trace/context/baggage';

function read(header: string): Record<string, string> {
  return Object.fromEntries(parseBaggage(header));
}

/** What goes on of a header. */
function carried(header: string): string {
  return formatBaggage(parseBaggage(header));
}

test.each([
  // The examples of the specification.
  [
    'key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue',
    { key1: 'value1', key2: 'value2', key3: 'value3' },
    'key1=value1;property1;property2,key2=value2,key3=value3;propertyKey=propertyValue',
  ],
  [
    'userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false',
    { userId: 'Amélie', serverNode: 'DF 28', isProduction: 'false' },
    'userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false',
  ],
  ['userId =   alice', { userId: 'alice' }, 'userId=alice'],
  // Values with equals signs, empty ones, bytes that are no UTF-8, percent signs that are only that.
  ['a=b=c==', { a: 'b=c==' }, 'a=b=c=='],
  ['a=', { a: '' }, 'a='],
  ['a=%ff%C3%A9', { a: '\ufffdé' }, 'a=%ff%C3%A9'],
  ['a=100%', { a: '100%' }, 'a=100%'],
  ['a=%00%0d%0a', { a: '\0\r\n' }, 'a=%00%0d%0a'],
  // Keys are not decoded, and may come twice.
  ['%41=1', { '%41': '1' }, '%41=1'],
  ['a=1,a=2', { a: '2' }, 'a=1,a=2'],
  // What is against the grammar goes, the rest stays.
  ['a=1,b,=2,c c=3,d="4",e=5\\,f=\u00e9,g=7', { a: '1', g: '7' }, 'a=1,g=7'],
  ['a=1;=x,b=2;p=" ",c=3;p', { c: '3' }, 'c=3;p'],
  [
    '__proto__=x,constructor=y',
    { ['__proto__']: 'x', constructor: 'y' },
    '__proto__=x,constructor=y',
  ],
  ['', {}, ''],
  [',, ,;,=', {}, ''],
])('%j', (header, values, goesOn) => {
  expect(Object.entries(read(header))).toEqual(Object.entries(values));
  expect(carried(header)).toBe(goesOn);
});

test('64 members go on, and no more', () => {
  const members = Array.from({ length: 70 }, (_, i) => `k${i}=v`);
  expect(carried(members.slice(0, 64).join(','))).toBe(members.slice(0, 64).join(','));
  expect(carried(members.join(','))).toBe(members.slice(0, 64).join(','));
  expect(parseBaggage(members.join(',')).size).toBe(64);
});

test('8,192 bytes go on, and only whole members', () => {
  const exact = `a=${'x'.repeat(8_000)},b=${'y'.repeat(187)}`;
  expect(exact).toHaveLength(8_192);
  expect(carried(exact)).toBe(exact);
  expect(carried(`${exact}z`)).toBe(`a=${'x'.repeat(8_000)}`);
  expect(carried(`big=${'x'.repeat(9_000)},a=1`)).toBe('a=1');
});

test('a map of the program is written in what is allowed', () => {
  const baggage = new Map([
    ['who', 'Amélie, "x"; \\ 100%'],
    ['no key', 'x'],
    ['', 'x'],
    ['lone', '\ud800'],
    ['crlf', '\r\n'],
  ]);
  const header = formatBaggage(baggage);
  expect(header).toBe('who=Am%C3%A9lie%2C%20%22x%22%3B%20%5C%20100%25,lone=%EF%BF%BD,crlf=%0D%0A');
  expect(read(header)).toEqual({ who: 'Amélie, "x"; \\ 100%', lone: '\ufffd', crlf: '\r\n' });
});

test('what is past all limits is not looked at', () => {
  const startMs = performance.now();
  for (let i = 0; i < 20; i++) parseBaggage('a=1;'.repeat(1_000_000));
  for (let i = 0; i < 20; i++) parseBaggage('a=1;'.repeat(16_000));
  expect(performance.now() - startMs).toBeLessThan(3_000);
});
