/** The commands, with what `help` tells of them. What they do is loaded when they are called. */
import { Argument, Command } from 'commander';
import { LEVELS, type Level } from '../level';
import { VERSION } from '../package';
import { type BenchOptions, withBenchOptions } from './bench/options';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code';
import type { LevelOptions } from './level/level';
import type { MetricsOptions } from './metrics/metrics';
import { withPeerOptions } from './peer/options';
import { duration } from './values';

/**
 * The program.
 *
 * @param end - told what to end with by the command that was called
 */
export function makeProgram(end: (code: ExitCode) => void): Command {
  const program = new Command('nanometer')
    .description('Benches pipelines, and looks into processes that use nanometer.')
    .version(VERSION, '-V, --version', 'the version of nanometer')
    .option('--verbose', 'show where an error comes from, as NANOMETER_DEBUG=1 does')
    .helpOption('-h, --help', 'what there is, and how to use it')
    .helpCommand('help [command]', 'what a command does, and its options')
    .addHelpText('afterAll', EXIT_CODES_HELP)
    .configureHelp({ showGlobalOptions: true });
  addBench(program, end);
  addMetrics(program, end);
  addLevel(program, end);
  return program;
}

function addBench(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('bench')
    .summary('a pipeline under sustained load: a report, a verdict')
    .description(
      'Runs a pipeline under sustained load and reports what it did, and what each level costs.',
    )
    .argument(
      '[PIPELINE]',
      'a module, TypeScript or JavaScript, that exports definePipeline({ … })',
    );
  withBenchOptions(command).action(async (pipeline: string | undefined, options: BenchOptions) => {
    const { bench } = await import('./bench/bench.js');
    end(await bench(pipeline, options));
  });
}

function addMetrics(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('metrics')
    .summary("another process's metrics")
    .description("Prints another process's metrics, through its inspection socket.")
    .argument('[TEXT...]', 'only metrics with one of these in their names');
  withPeerOptions(command)
    .option('--json', 'as JSON, in the units of the definitions')
    .option('--prometheus', 'as Prometheus would get them')
    .action(async (texts: string[], options: MetricsOptions) => {
      const { metrics } = await import('./metrics/metrics.js');
      await metrics(texts, options);
      end(EXIT.fine);
    });
}

function addLevel(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('level')
    .summary('how much another process records')
    .description('Prints the level of another process, or sets it, through its inspection socket.')
    .addArgument(new Argument('[LEVEL]', 'what to set it to').choices(LEVELS));
  withPeerOptions(command)
    .option('--for <time>', 'only for so long, such as 60s', duration)
    .option('--json', 'as JSON')
    .action(async (wanted: Level | undefined, options: LevelOptions) => {
      const { level } = await import('./level/level.js');
      await level(wanted, options);
      end(EXIT.fine);
    });
}
