/** Writing a context into headers of every kind, in place of what is there. */
import { request as httpRequest } from 'node:http';
import { extract, inject } from '../../../dist/trace/context/carrier';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const all = extract({ traceparent, tracestate: 'a=1', baggage: 'who=me;p' })!;
const bare = extract({ traceparent })!;

test('an object', () => {
  const headers = { accept: '*/*' };
  expect(inject(all, headers)).toBe(true);
  expect(headers).toEqual({ accept: '*/*', traceparent, tracestate: 'a=1', baggage: 'who=me;p' });
});

test('Headers, a Map, and a request that has not been sent', () => {
  const headers = new Headers({ tracestate: 'old=1' });
  expect(inject(bare, headers)).toBe(true);
  expect([...headers]).toEqual([['traceparent', traceparent]]);

  const map = new Map<string, unknown>([
    ['TraceState', 'old=1'],
    ['Traceparent', 'old'],
  ]);
  expect(inject(bare, map)).toBe(true);
  expect([...map]).toEqual([['traceparent', traceparent]]);

  const request = httpRequest({ host: '127.0.0.1', port: 1, headers: { TraceParent: 'old' } });
  request.on('error', () => undefined);
  expect(inject(all, request)).toBe(true);
  expect(request.getHeader('traceparent')).toBe(traceparent);
  expect(request.getHeader('tracestate')).toBe('a=1');
  request.destroy();
});

test('headers of another trace are replaced, whatever their case; baggage stays', () => {
  const headers = { TraceParent: 'old', traceState: 'old=1', Baggage: 'who=me' };
  expect(inject(bare, headers)).toBe(true);
  expect(headers).toEqual({ traceparent, Baggage: 'who=me' });
});

test('what is read again is the same', () => {
  const again = extract(write(all))!;
  expect(again.traceparent()).toBe(traceparent);
  expect(again.tracestate).toBe('a=1');
  expect([...again.baggage]).toEqual([['who', 'me']]);
});

test.each([
  ['null', null],
  ['a string', 'traceparent'],
  ['an array', []],
  ['frozen headers', Object.freeze({})],
  [
    'set() that throws',
    {
      set: () => {
        throw new Error('hostile');
      },
    },
  ],
  [
    'a proxy',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('hostile');
        },
      },
    ),
  ],
])('%s cannot be written to: false, and nothing is thrown', (_, headers) => {
  expect(inject(all, headers)).toBe(false);
});

test.each([null, undefined, 7, {}, { traceparent: () => 7 }])(
  'from %p nothing is written',
  (source) => {
    const headers = {};
    expect(inject(source, headers)).toBe(false);
    expect(headers).toEqual({});
  },
);

test('from what is nowhere nothing is written, and that is right', () => {
  const headers = { traceparent: 'theirs' };
  const nowhere = { traceparent: () => '', tracestate: () => '', baggage: new Map() };
  expect(inject(nowhere, headers)).toBe(true);
  expect(headers).toEqual({ traceparent: 'theirs' });
});

function write(source: unknown): Record<string, string> {
  const headers = {};
  inject(source, headers);
  return headers;
}
