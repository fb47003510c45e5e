/** Which modules are pipelines, and what is said in one line of those that are not. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  ['that ends the process', 'exits-at-load.cjs', /module ended the process: process\.exit\(3\)/],
  ['that defines what is no pipeline', 'no-component.cjs', /the component "add" is a function/],
])('a module %s is refused in one line', async (_what, name, message) => {
  const fault = await faultOf(name);
  expect(fault.name).toBe('PipelineFault');
  expect(fault.message).toMatch(message);
  expect(fault.message).not.toMatch(/\n/);
});

describe('a module that no tool of this repository is to read', () => {
  // Where TypeScript is found, and its compiler, the linter and the formatter do not look.
  const cache = join(__dirname, '..', '..', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    [
      'type error',
      'wrong.ts',
      "const width: number = 'seven';\nexport default { components: { pad: () => width } };\n",
      /wrong\.ts:1:7 Type 'string' is not assignable to type 'number'\.$/,
    ],
    [
      'syntax error in TypeScript',
      'broken.ts',
      'export default { components: {\n',
      /broken\.ts:2:1 '}' expected\.$/,
    ],
    [
      'syntax error in JavaScript',
      'broken.mjs',
      'export default { components: {\n',
      /broken\.mjs.* does not load: SyntaxError: /,
    ],
  ])('and that has a %s is refused in one line', async (_what, name, content, message) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    const fault = await faultOf('', { file });
    expect(fault.name).toBe('PipelineFault');
    expect(fault.message).toMatch(message);
    expect(fault.message).not.toMatch(/\n/);
  });
});
