/** What a service loads with nanometer: nothing of the command line's. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LOADED = `
  require(${JSON.stringify(join(ROOT, 'dist'))}).open({ stateDir: false, inspection: false });
  console.log(JSON.stringify(Object.keys(require.cache)));
  process.exit();
`;

test('requiring and opening loads no dependency and nothing of the bench but its definition', () => {
  const output = execFileSync(process.execPath, ['-e', LOADED], { encoding: 'utf8' });
  const loaded = (JSON.parse(output) as string[]).map((file) => file.slice(ROOT.length + 1));
  const scripts = loaded.filter((file) => !file.endsWith('.node'));
  expect(scripts).toEqual(['dist/index.js', 'dist/nanometer.js']);

  const map = readFileSync(join(ROOT, 'dist/nanometer.js.map'), 'utf8');
  const { sources } = JSON.parse(map) as { sources: string[] };
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((file) => file.includes('node_modules'))).toEqual([]);
  expect(sources.filter((file) => /src\/(bench|cli)\//.test(file))).toEqual([
    '../src/bench/definition.ts',
  ]);
});
