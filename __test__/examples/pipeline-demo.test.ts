import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'acorn';

const DEMO = join(__dirname, '../../demo/pipeline/main.mjs');

const numberIn = (text: string): number => Number(text.replaceAll(',', ''));

it('the pipeline demo counts what its report has', async () => {
  // Colours are also for CI, and in the way here.
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO, '--seconds', '3'], { env });
  const [, counted, reported] = /files +([\d,]+) counted by nanometer, ([\d,]+) in the report/.exec(
    stdout,
  )!;
  const [, identifiers] = /identifiers +([\d,]+), of which/.exec(stdout)!;
  const [, path] = /^ {2}report +(\S+identifiers\.txt)$/m.exec(stdout)!;
  const [files, most] = readFileSync(path!, 'utf8')
    .split('\n\n')
    .map((part) =>
      part
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')),
    );
  rmSync(dirname(path!), { recursive: true });

  expect(numberIn(counted!)).toBe(numberIn(reported!));
  expect(files).toHaveLength(numberIn(counted!));
  expect(files!.length).toBeGreaterThan(10);
  const inFiles = files!.reduce((sum, [times]) => sum + (Number(times) || 0), 0);
  expect(inFiles).toBe(numberIn(identifiers!));
  expect(most!.length).toBe(100);
  expect(stdout).toMatch(/flow +completed/);
  // A row of the table for each component, and a line a second before it.
  for (const component of ['find', 'read', 'parse', 'count', 'report']) {
    expect(stdout).toMatch(new RegExp(`│ ${component} +│ +[\\d,]+ │`));
  }
  // The tree of the run: its own span, and one of each component below it.
  const tree = stdout.slice(stdout.indexOf('The run, trace'));
  expect(tree).toMatch(/^The run, trace [0-9a-f]{32}\n {2}flow:identifiers +\d+ ms {2}━{32}$/m);
  expect(tree.match(/^ {2}[├└]─ component:\w+:invoke:1 +\d+ ms/gm)).toHaveLength(5);
  expect(stdout).toMatch(/^\d+ s running .*files\/s p99 .*\| parse [\d,]+\/s p99 /m);

  // One file that it read, counted anew by other code.
  const [times, file] = files!.find(([count]) => Number(count) > 10)!;
  let names = 0;
  const text = readFileSync(file!, 'utf8');
  const visit = (_: string, value: unknown): unknown => {
    if ((value as { type?: string } | null)?.type === 'Identifier') names += 1;
    return typeof value === 'bigint' ? value.toString() : value;
  };
  JSON.stringify(parseEither(text), visit);
  expect(names).toBe(Number(times));
});

function parseEither(text: string): unknown {
  const options = { ecmaVersion: 'latest', allowHashBang: true } as const;
  try {
    return parse(text, { ...options, sourceType: 'module' });
  } catch {
    return parse(text, { ...options, sourceType: 'script', allowReturnOutsideFunction: true });
  }
}
