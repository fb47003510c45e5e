/** What a pipeline cannot be: refused with the component and what is accepted. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { definePipeline, NanometerError } from 'nanometer';

const define = definePipeline as (definition: unknown) => unknown;
const pass = (value: unknown) => value;
const writable = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const twin = new PassThrough();

test.each<[string, unknown]>([
  ['a function', { components: { pass } }],
  ['an asynchronous function', { components: { pass: async (value: unknown) => value } }],
  [
    'a duplex stream, one of the web, and a writable one at the end',
    {
      components: { a: new PassThrough(), b: new TransformStream(), c: writable() },
    },
  ],
  ['a list for a source', { source: [1, 2], components: { pass } }],
  ['a text for a source', { source: 'abc', components: { pass } }],
  ['a stream for a source', { source: Readable.from([1]), components: { pass } }],
  ['a function for a source', { source: () => [1], components: { pass } }],
  ['a service', { service: 'orders', components: { pass } }],
])('takes %s', (_what, definition) => {
  expect(define(definition)).toBe(definition);
});

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /an object with components, not undefined/],
  ['a list', [pass], /an object with components, not an array/],
  ['an unknown key', { components: { pass }, sources: [] }, /"sources"; accepted are source/],
  ['a number for a source', { source: 7, components: { pass } }, /the source is .*, not 7/],
  [
    'a plain object for a source',
    { source: {}, components: { pass } },
    /the source is .*an object/,
  ],
  ['no name for a service', { service: '', components: { pass } }, /the service .*, not ""/],
  ['no components', {}, /components are an object .*, not undefined/],
  ['a list of components', { components: [pass] }, /components are an object .*, not an array/],
  ['not one component', { components: {} }, /it has 0 components; 1 to 255/],
  [
    'a component that is no function',
    { components: { pass, add: 1 } },
    /"add" is a function.*not 1/,
  ],
  ['a component without a name', { components: { '': pass } }, /a component's name .* not ""/],
  ['a component called source', { components: { source: pass } }, /no component is named "source"/],
  ['a writable stream that is not the last', { components: { sink: writable(), pass } }, /"sink"/],
  ['a readable stream', { components: { pass, read: Readable.from([1]) } }, /"read" is a function/],
  ['one stream twice', { components: { a: twin, b: twin } }, /"a" and "b" are the same stream/],
])('refuses %s', (_what, definition, message) => {
  let refusal: unknown;
  try {
    define(definition);
  } catch (error) {
    refusal = error;
  }
  expect(NanometerError.is(refusal)).toBe(true);
  expect(refusal).toMatchObject({ code: 'NANOMETER_INVALID_DEFINITION' });
  expect(String(refusal)).toMatch(message);
});
