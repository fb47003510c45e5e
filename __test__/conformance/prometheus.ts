/** A real Prometheus, which scrapes one service every second, or what it is told to. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../support/ports';
import { request } from '../support/request';
import { temporaryDirectory, until } from '../support/surroundings';

/** One that runs. */
export class Prometheus {
  readonly #process: ChildProcess;
  readonly #api: string;

  private constructor(process: ChildProcess, api: string) {
    this.#process = process;
    this.#api = api;
  }

  /** Starts it with more arguments, and waits until it answers. Its job is called `judged`. */
  static start(target: string, args: readonly string[] = []): Promise<Prometheus> {
    return Prometheus.configured(configuration(new URL(target).host), args);
  }

  /**
   * Starts it with a configuration, and waits until it answers.
   *
   * @param text - of the configuration
   * @param directory - where it is written: files that it names are looked for there
   */
  static async configured(
    text: string,
    args: readonly string[] = [],
    directory = temporaryDirectory(),
  ): Promise<Prometheus> {
    const [port] = await freePorts(1);
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, text);
    const api = `http://127.0.0.1:${port}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
        ...args,
      ],
      { stdio: 'ignore' },
    );
    await until('Prometheus answers', () => answers(`${api}/-/ready`));
    return new Prometheus(child, api);
  }

  /** What its API answers, parsed. */
  async get<T>(path: string): Promise<T> {
    const answer = await request(this.#api + path);
    if (answer.status !== 200) throw new Error(answer.text);
    return JSON.parse(answer.text) as T;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

function configuration(target: string): string {
  return [
    'global: { scrape_interval: 1s, scrape_timeout: 1s }',
    'scrape_configs:',
    '  - job_name: judged',
    `    static_configs: [{ targets: ['${target}'] }]`,
    '',
  ].join('\n');
}

async function answers(url: string): Promise<boolean> {
  return request(url).then(
    (answer) => answer.status === 200,
    () => false,
  );
}
