import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(__dirname, '../../examples');

it('has every program in the list, with a test of its own', () => {
  const programs = readdirSync(EXAMPLES).filter((file) => file.endsWith('.mjs'));
  const listed = [
    ...readFileSync(join(EXAMPLES, 'README.md'), 'utf8').matchAll(/\]\((\w+\.mjs)\)/g),
  ];
  expect(listed.map(([, program]) => program).sort()).toEqual(programs.sort());
  const tests = readdirSync(__dirname);
  for (const program of programs) expect(tests).toContain(program.replace('.mjs', '.test.ts'));
});
