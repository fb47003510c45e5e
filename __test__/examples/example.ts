/**
 * Runs a program of `examples/` as a reader would, reads what it says that it knows, and asks its
 * `/metrics` while it waits: what is compared is what came over HTTP with what the program counted by
 * itself, by a parser that the program does not have.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readLines } from '../conformance/exposition-lines';
import { request } from '../support/request';

/** A sample, as the example says that it must be. */
export interface KnownSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The line of JSON that an example prints. */
export interface Told {
  readonly url: string;
  readonly known: readonly KnownSample[];
}

const EXAMPLES = join(__dirname, '../../examples');
const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** An example that has done its work, and waits with its server up. */
export class Example<T extends Told> {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    /** What it said. */
    readonly told: T,
  ) {}

  /** Starts it, and waits until it has said what it knows. */
  static async run<T extends Told>(
    name: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Example<T>> {
    const child = start(name, ['--json', '--wait', ...args], env);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`${name} said nothing: see its standard error above`);
    return new Example(child, lines, JSON.parse(first.value) as T);
  }

  /** All samples of `/metrics`, by name and labels. */
  async scrape(): Promise<Map<string, number>> {
    const { text } = await request(new URL('/metrics', this.told.url));
    const samples = readLines(text).flatMap((line) => {
      if (line.kind === 'malformed') throw new Error(`line ${line.number}: ${line.reason}`);
      return line.kind === 'sample' ? [line.sample] : [];
    });
    return new Map(
      samples.map(({ name, labels, valueText }) => [
        keyOf({ name, labels: Object.fromEntries(labels) }),
        Number(valueText.replace('Inf', 'Infinity')),
      ]),
    );
  }

  /** Another path of its server. */
  async get(path: string): Promise<unknown> {
    return JSON.parse((await request(new URL(path, this.told.url))).text);
  }

  /** Lets it end; answers what it said then, and its exit code. */
  async finish(): Promise<{ readonly code: number | null; readonly last: string[] }> {
    const exited = once(this.child, 'exit');
    this.child.stdin!.end();
    const last: string[] = [];
    for (let line = await this.lines.next(); !line.done; line = await this.lines.next()) {
      last.push(line.value);
    }
    const [code] = (await exited) as [number | null];
    running.delete(this.child);
    return { code, last };
  }
}

/** Runs an example for people to its end. */
export async function runForPeople(
  name: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = start(name, [], {});
  child.stdin!.end();
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  return { code, output };
}

/** A sample's name and labels, in any order of labels and however a bound is written. */
export function keyOf({ name, labels }: Omit<KnownSample, 'value'>): string {
  const pairs = Object.entries(labels)
    .map(([label, value]) => [label, label === 'le' ? bound(value) : value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}

function bound(text: string): string {
  return String(Number(text.replace('Inf', 'Infinity')));
}

/**
 * Everything that the example knows is in `/metrics`, with that value, and nothing else of these
 * families has counted anything.
 *
 * @param except - families whose values only a clock knows
 */
export async function expectAsKnown(
  example: Example<Told>,
  families: RegExp,
  except: RegExp = /^$/,
): Promise<void> {
  const told = await example.scrape();
  const known = new Map(example.told.known.map((sample) => [keyOf(sample), sample.value]));
  expect(known.size).toBe(example.told.known.length);
  const wanted = Object.fromEntries(known);
  expect(Object.fromEntries([...known.keys()].map((key) => [key, told.get(key)]))).toEqual(wanted);
  const others = [...told].filter(([key, value]) => {
    const [name] = JSON.parse(key) as [string];
    if (name === 'target_info') return false;
    return value !== 0 && families.test(name) && !except.test(name) && !known.has(key);
  });
  expect(others).toEqual([]);
}

function start(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(process.execPath, [join(EXAMPLES, name), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  return child;
}
