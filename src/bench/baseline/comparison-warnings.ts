/** Why a comparison of two runs may be of other things than the program. */
import type { ComparisonLine, Report, ReportWarning } from '../report';

/** A drift above it is told. */
const DRIFT = 0.05;

type Facts = Readonly<Record<string, string | number | null>>;

/** The warnings of a comparison. */
export function comparisonWarnings(
  before: Report,
  after: Report,
  lines: readonly ComparisonLine[],
  drift: number | null,
): ReportWarning[] {
  const told: [code: string, message: string | null][] = [
    ['other-machine', otherMachine(before, after)],
    ['other-pipeline', changed('pipeline', pipelineOf(before), pipelineOf(after))],
    ['other-load', changed('load', loadOf(before), loadOf(after))],
    ['other-software', changed('software', softwareOf(before), softwareOf(after))],
    ['drift', driftMessage(drift)],
    ['no-common-level', noCommonLevel(before, after)],
    ['undecided', undecided(lines)],
  ];
  return told.flatMap(([code, message]) => (message === null ? [] : { code, message }));
}

function otherMachine({ environment: was }: Report, { environment: is }: Report): string | null {
  if (was.machine === is.machine) return null;
  return `The baseline is of another machine (${was.processor}, ${was.cores} cores; this one: ${is.processor}, ${is.cores} cores): what changed may be the machine.`;
}

function pipelineOf({ pipeline, latency }: Report): Facts {
  const { name, passage, components, source } = pipeline;
  return { name, passage, components: components.join(', '), source, latency: latency.of };
}

function loadOf({ load, variant }: Report): Facts {
  const { kind, concurrency, ratePerSecond, workers, input, roundMs } = load;
  return { kind, concurrency, ratePerSecond, workers, input, roundMs, level: variant };
}

function softwareOf({ environment: { node, backend, nanometer } }: Report): Facts {
  return { node, backend, nanometer };
}

/** What is not as it was, named. */
function changed(what: string, was: Facts, is: Facts): string | null {
  const others = Object.keys(is).filter((key) => was[key] !== is[key]);
  if (others.length === 0) return null;
  const pairs = others.map((key) => `${key} ${shown(is[key])}, was ${shown(was[key])}`);
  return `The baseline is of another ${what} (${pairs.join('; ')}): what changed may be that.`;
}

function shown(value: string | number | null | undefined): string {
  return String(value ?? 'none');
}

function driftMessage(drift: number | null): string | null {
  if (drift === null || Math.abs(drift) <= DRIFT) return null;
  const size = Math.round(Math.abs(drift) * 100);
  return `The machine itself was ${size}% ${drift > 0 ? 'slower' : 'faster'} than in the baseline's run: intervals are wider by that.`;
}

function noCommonLevel(before: Report, after: Report): string | null {
  const was = before.levels.map(({ variant }) => variant);
  if (after.levels.some(({ variant }) => was.includes(variant))) return null;
  return `No level was run in both, so nothing is compared: the baseline has ${was.join(', ') || 'none'}.`;
}

function undecided(lines: readonly ComparisonLine[]): string | null {
  const names = lines.filter((line) => line.judgement === 'undecided').map(({ metric }) => metric);
  if (names.length === 0) return null;
  return `These runs do not decide about ${names.join(', ')}: give both a longer --duration, on a machine that does nothing else.`;
}
