/** What a service loads with nanometer: nothing of the command line's. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LOADED = `
  require(${JSON.stringify(join(ROOT, 'dist'))}).open({ stateDir: false, inspection: false });
  console.log(JSON.stringify(Object.keys(require.cache)));
  process.exit();
`;

test('requiring and opening loads no dependency and nothing of the bench but its definition', () => {
  const output = execFileSync(process.execPath, ['-e', LOADED], { encoding: 'utf8' });
  const files = (JSON.parse(output) as string[]).map((file) => file.slice(ROOT.length + 1));

  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => file.includes('node_modules'))).toEqual([]);
  expect(files.filter((file) => /^dist\/(bench|cli)\//.test(file))).toEqual([
    'dist/bench/definition.js',
  ]);
});
