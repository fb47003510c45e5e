/** Which modules are pipelines, and what is said in one line of those that are not. */
import { faultOf, run } from './run-plan';

test.each([
  ['ESM', 'numbers.mjs'],
  ['CommonJS', 'common.cjs'],
  ['CommonJS that a compiler made of ESM', 'compiled.cjs'],
  ['TypeScript', 'typed.ts'],
])('a pipeline is loaded from %s', async (_what, name) => {
  const { pipeline, rounds } = await run(name);
  expect(pipeline).toMatchObject({ name, components: ['double', 'add'] });
  expect(rounds[0]!.elements).toBeGreaterThan(0);
});

test.each([
  ['that does not exist', 'nothing.mjs', /nothing\.mjs does not exist$/],
  ['that is a folder', '.', /is no file: give the module of a pipeline$/],
  ['that exports no pipeline', 'no-pipeline.cjs', /no-pipeline\.cjs does not export a pipeline: /],
  [
    'that throws',
    'throws-at-load.cjs',
    /throws-at-load\.cjs does not load: Error: no configuration$/,
  ],
  ['that is no JavaScript', 'syntax-error.mjs', /does not load: SyntaxError: /],
  ['that ends the process', 'exits-at-load.cjs', /module ended the process: process\.exit\(3\)/],
  ['that defines what is no pipeline', 'no-component.cjs', /the component "add" is a function/],
  ['with a type error', 'type-error.ts', /type-error\.ts:4:7 Type 'string' is not assignable/],
])('a module %s is refused in one line', async (_what, name, message) => {
  const fault = await faultOf(name);
  expect(fault.name).toBe('PipelineFault');
  expect(fault.message).toMatch(message);
  expect(fault.message).not.toMatch(/\n/);
});
