/** Writes `benchmarks/README.md` from the results that are kept. Nobody edits that file by hand. */
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { BUDGETS } from './budgets.mjs';
import { kept } from './harness/report.mjs';
import { table } from './markdown.mjs';
import { SECTIONS } from './sections.mjs';

const FILE = new URL('./README.md', import.meta.url);
// In this order.
const QUESTIONS = Object.keys(SECTIONS);

/** Makes the file anew. */
export async function writeReadme() {
  const results = Object.fromEntries(QUESTIONS.map((question) => [question, kept(question)]));
  const sections = [introduction(), machines(results), budgets(results)];
  for (const question of QUESTIONS) {
    if (results[question]) sections.push(SECTIONS[question](results[question]));
  }
  const text = sections.join('\n\n');
  const options = await resolveConfig(FILE.pathname);
  writeFileSync(FILE, await format(text, { ...options, parser: 'markdown' }));
}

function introduction() {
  return `# Benchmarks

Made by \`npm run bench\`; do not edit. \`npm run bench -- recording scrape\` asks some of the questions only.

A figure says little on another machine, so what is claimed is a ratio: candidates run in turn, round by round, in one process where they can, and a ratio is taken inside each round before the median over the rounds is taken. Noise is half the distance between the quartiles over the median; ± is how far chance may have moved a difference, in 19 of 20 runs. Loops over handles take 16 in turn where nothing else is said, and what a loop counted is checked afterwards.`;
}

function machines(results) {
  const seen = new Map();
  for (const [question, result] of Object.entries(results)) {
    if (!result) continue;
    const { cpu, cpus, memoryGiB, system, node, v8, date } = result.machine;
    const line = `${cpu}, ${cpus} processors, ${memoryGiB} GiB, ${system}; Node ${node} (V8 ${v8}); ${date}`;
    seen.set(line, [...(seen.get(line) ?? []), question]);
  }
  const busy = Math.max(...Object.values(results).map((result) => result?.machine.load ?? 0));
  return [
    '## Machine',
    ...[...seen].map(([line, questions]) => `- ${line} (${questions.join(', ')})`),
    `\nThe highest load when a question began was ${busy} runnable tasks a processor; the benchmarks that ran just before are part of it.`,
  ].join('\n');
}

const VERDICTS = new Map([
  [true, 'yes'],
  [false, '**no**'],
  [null, 'cannot tell'],
]);

function budgets(results) {
  const rows = BUDGETS.flatMap(({ what, limit, question, judge }) => {
    if (!results[question]) return [];
    const { measured, met } = judge(results[question]);
    return [[what, limit, measured, VERDICTS.get(met)]];
  });
  const count = (met) => rows.filter((row) => row[3] === VERDICTS.get(met)).length;
  return [
    '## Budgets',
    `${count(true)} of ${rows.length} hold, ${count(false)} do not, and of ${count(null)} this run cannot tell: the noise reaches over the budget.`,
    table(['', 'budget', 'measured', 'holds'], rows),
  ].join('\n\n');
}
