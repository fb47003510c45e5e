/** A real OpenTelemetry Collector, which writes what it is sent to a file and shows it to Prometheus. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from './otlp-receiver';
import { freePorts } from './ports';
import { PROMETHEUS_ACCEPT, request } from './request';
import { temporaryDirectory, until } from './surroundings';

const RECIPE = join(__dirname, '../collector');
const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Where it is to listen. */
export type CollectorPorts = Readonly<Record<'grpc' | 'http' | 'prometheus' | 'health', number>>;

/** How it is configured. */
export interface CollectorSetup {
  /** A path. */
  readonly config: string;
  /** The variables that the configuration reads; the file is what it is to write into. */
  readonly environment: (ports: CollectorPorts, file: string) => Readonly<Record<string, string>>;
}

const OURS: CollectorSetup = {
  config: join(RECIPE, 'config.yaml'),
  environment: ({ grpc, http, prometheus, health }, file) => ({
    ...{ GRPC_PORT: `${grpc}`, HTTP_PORT: `${http}`, PROMETHEUS_PORT: `${prometheus}` },
    ...{ HEALTH_PORT: `${health}`, OUT_FILE: file },
  }),
};

/** The path of the binary, which is built where it is not there. */
export function collectorBinary(): string {
  const { status, stdout, stderr } = spawnSync('node', [join(RECIPE, 'build.mjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** One that runs. */
export class Collector {
  readonly #process: ChildProcess;
  #log = '';

  private constructor(
    process: ChildProcess,
    private readonly ports: CollectorPorts,
    private readonly file: string,
  ) {
    this.#process = process;
    running.add(process);
    process.stderr!.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  /** Starts it, and waits until it says that it is well. */
  static async start(setup: CollectorSetup = OURS): Promise<Collector> {
    const [grpc, http, prometheus, health] = (await freePorts(4)) as [
      number,
      number,
      number,
      number,
    ];
    const ports = { grpc, http, prometheus, health };
    const file = join(temporaryDirectory(), 'told.jsonl');
    const child = spawn(collectorBinary(), ['--config', setup.config], {
      env: setup.environment(ports, file),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const collector = new Collector(child, ports, file);
    await until('the Collector is well', () => {
      if (child.exitCode !== null) throw new Error(`the Collector ended: ${collector.#log}`);
      return isWell(`http://127.0.0.1:${health}/`);
    });
    return collector;
  }

  /** The address at which Prometheus finds it. */
  get address(): string {
    return `127.0.0.1:${this.ports.prometheus}`;
  }

  /** Where a client of that protocol sends to, without a path. */
  endpoint(protocol: Protocol): string {
    return `http://127.0.0.1:${protocol === 'grpc' ? this.ports.grpc : this.ports.http}`;
  }

  /** What it wrote to its file so far, parsed. */
  written(): readonly unknown[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as unknown);
  }

  /** What it shows to Prometheus, in OpenMetrics. */
  async shown(): Promise<string> {
    const url = `http://${this.address}/metrics`;
    return (await request(url, { headers: { accept: PROMETHEUS_ACCEPT } })).text;
  }

  /** Ends it at once. */
  stop(): void {
    running.delete(this.#process);
    this.#process.kill('SIGKILL');
  }
}

function isWell(url: string): Promise<boolean> {
  return request(url).then(
    ({ status }) => status === 200,
    () => false,
  );
}
