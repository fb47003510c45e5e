/**
 * The steps of `npm run build`, `npm test` and `npm run check`, each written once.
 *
 * A step of Rust is skipped, by name, where Rust is not installed: the JavaScript backend is then
 * what there is to judge.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FAILED, inTurn, PASSED, skipped } from './step-runner.mjs';
import { hasCommand, npmTool, ROOT, run } from './tools.mjs';
import { clearReport, Totals } from './totals.mjs';

const HAS_CARGO = hasCommand('cargo');
const NO_CARGO = skipped('cargo is not installed (https://rustup.rs)');

/** What the runners counted in this process. */
export const totals = new Totals();

/** A step that is one command. */
function command(name, line, options = {}) {
  return { name, run: async () => outcome(await run(line, options)), fix: options.fix };
}

/** A step that is one command of cargo. */
function cargo(name, args, options = {}) {
  const step = command(name, ['cargo', ...args], options);
  return { ...step, run: () => (HAS_CARGO ? step.run() : NO_CARGO) };
}

/** A step of `cargo test`, counted. A run in which no test ran has judged nothing: it fails. */
function cargoTest(name, args, options = {}) {
  let printed = '';
  const step = cargo(name, args, { ...options, onOutput: (text) => (printed += text) });
  return {
    ...step,
    run: async () => {
      const result = await step.run();
      if (result === NO_CARGO) return result;
      const before = totals.passed;
      totals.addCargo(printed);
      return totals.passed > before ? result : FAILED;
    },
  };
}

// What no backend has a part in is tried once.
const WITHOUT_BACKEND =
  '/__test__/(trace/context/(harness|hostile|rules)|export/receiver-itself|(bench|cli)/(?!smoke))';
// A third of the native suite's time: apart, so that both cores are at work to the end.
const WORKERS = '/__test__/worker/';

/** A jest suite over one backend, counted. */
function jest(name, backend, args) {
  const report = join(ROOT, 'target', `jest-${name.replaceAll(' ', '-')}.json`);
  const line = [...npmTool('jest'), '--json', `--outputFile=${report}`, ...args];
  return {
    name: `jest: ${name}`,
    run: async (isHeld) => {
      if (backend === 'native' && !hasNativeBinary()) return skipped('no native binary was built');
      clearReport(report);
      const code = await run(line, { env: { NANOMETER_BACKEND: backend }, isHeld });
      totals.addJest(report);
      return outcome(code);
    },
  };
}

/** All suites, as they run at the same time: each takes little more than one core. */
function suites(filter) {
  const ignoring = (path) => `--testPathIgnorePatterns=${path}`;
  const javascript = jest('the JavaScript backend', 'javascript', [
    ...filter,
    ignoring(WITHOUT_BACKEND),
    // A filter may be of such tests only; without one, no test is a failure.
    ...(filter.length > 0 ? ['--passWithNoTests'] : []),
  ]);
  if (filter.length > 0) return [jest('the native backend', 'native', filter), javascript];
  return [
    jest('the native backend', 'native', [ignoring(WORKERS)]),
    inTurn(javascript, jest('the native backend, its workers', 'native', [WORKERS])),
  ];
}

function hasNativeBinary() {
  return readdirSync(join(ROOT, 'native')).some((file) => file.endsWith('.node'));
}

function outcome(code) {
  return code === 0 ? PASSED : FAILED;
}

const tsc = npmTool('typescript', 'tsc');
const prettier = npmTool('prettier');
// Private items are documented for those who work on them, and may be linked to.
const DENY_WARNINGS = { RUSTDOCFLAGS: '-D warnings -A rustdoc::private_intra_doc_links' };
const CATALOG_PAGES = [process.execPath, 'scripts/catalog-pages.mjs'];
// Of the whole workspace, as its tests are: for one package alone, dependencies are built anew.
const LAYOUT_TEST = ['test', '--workspace', '--test', 'layout_ts'];
const LOOM_TESTS = 'test -p nanometer-core --release --lib --target-dir target/loom loom'.split(
  ' ',
);
const LOOM = { RUSTFLAGS: '--cfg loom', LOOM_MAX_PREEMPTIONS: '2' };

/** Makes `dist/` and the native binary. */
export const build = [
  command('the native binary', [process.execPath, 'scripts/build-native.mjs']),
  command('the TypeScript package', tsc),
  command('one file of it', [process.execPath, 'scripts/bundle.mjs']),
];

/** Makes the reference: of the API, and of the catalogs. */
export const docs = [
  command('the API', npmTool('typedoc')),
  command('the pages of the catalogs', CATALOG_PAGES),
];

/** What judges behaviour. `filter` is handed to jest. */
export function tests(filter = []) {
  const rust = cargoTest('Rust tests', ['test', '--workspace', '--quiet']);
  const types = [
    command('type tests: mistakes must not compile', [...tsc, '-p', '__test__/types']),
    command('types of the other tests', [...tsc, '-p', '__test__']),
  ];
  return filter.length > 0 ? [suites(filter)] : [rust, ...types, suites(filter)];
}

// Apart from what tests build, whose lock it would hold for minutes while a test waits for it.
const CHECKED = ['--target-dir', join('target', 'check')];

/** What judges the sources and what is made from them. */
export const lints = [
  command('prettier', [...prettier, '--check', '.'], { fix: 'npm run format' }),
  command('eslint', [...npmTool('eslint'), '.', '--max-warnings=0']),
  cargo('rustfmt', ['fmt', '--all', '--check'], { fix: 'npm run format' }),
  cargo('clippy', ['clippy', ...CHECKED, '--workspace', '--all-targets', '--', '-D', 'warnings']),
  cargo('rustdoc', ['doc', ...CHECKED, '--workspace', '--no-deps', '--document-private-items'], {
    env: DENY_WARNINGS,
  }),
  command('typedoc', [...npmTool('typedoc'), '--treatWarningsAsErrors']),
  command('the pages of the catalogs are not stale', [...CATALOG_PAGES, '--check'], {
    fix: 'npm run docs',
  }),
  cargo('the generated layout is not stale', LAYOUT_TEST, { fix: 'npm run layout' }),
  cargoTest('loom: what two threads share', LOOM_TESTS, { env: LOOM }),
];

/** Counts of bytes and crossings of recording calls, against those that are kept. */
export const allocations = command('allocations are those that are kept', [
  process.execPath,
  'benchmarks/check-allocations.mjs',
]);
