/** Another process, seen through its inspection socket. */
import type { Level } from '../../level';
import type { SnapshotData } from '../../snapshot/snapshot-data';
import { CommandError } from '../command-error';
import { ask, type Question } from './request';

/** What `/level` answers. */
export interface LevelAnswer {
  readonly level: Level;
  /** When a leased level ends; `null` where it is for good. */
  readonly revertsInMs: number | null;
}

/** Why a socket gave nothing. */
export type Obstacle =
  /** There is no such file. */
  | 'missing'
  /** Its process has ended, and left it. */
  | 'dead'
  /** It is another user's. */
  | 'forbidden'
  /** It answered otherwise than it should, or not at all. */
  | 'unwell';

/** A socket gave nothing. */
export class PeerError extends Error {
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PeerError';
    this.obstacle = obstacle;
  }
}

/** A process, by its socket. */
export class Peer {
  readonly socketPath: string;
  readonly #token: string | undefined;
  #snapshot: Promise<string> | undefined;

  constructor(socketPath: string, environment: NodeJS.ProcessEnv = process.env) {
    this.socketPath = socketPath;
    this.#token = environment.NANOMETER_TOKEN;
  }

  /** The JSON of its snapshot, as it came; the same one each time. */
  snapshotText(): Promise<string> {
    this.#snapshot ??= this.#ask({ path: '/snapshot' });
    return this.#snapshot;
  }

  /** Its snapshot; the same one each time. */
  async snapshot(): Promise<SnapshotData> {
    return this.#parse(await this.snapshotText()) as SnapshotData;
  }

  /** Its service and process id. */
  async identity(): Promise<{ readonly service: string; readonly pid: number }> {
    const { service, processes } = await this.snapshot();
    return { service, pid: processes[0]?.pid ?? 0 };
  }

  /** What it answers to Prometheus. */
  prometheus(): Promise<string> {
    return this.#ask({ path: '/metrics' });
  }

  /** Its level. */
  async level(): Promise<LevelAnswer> {
    return this.#parse(await this.#ask({ path: '/level' })) as LevelAnswer;
  }

  /** Sets its level, for a time or for good. */
  async setLevel(level: Level, forMs: number | undefined): Promise<LevelAnswer> {
    const body = JSON.stringify({ level, forMs });
    return this.#parse(await this.#ask({ method: 'PUT', path: '/level', body })) as LevelAnswer;
  }

  async #ask(question: Omit<Question, 'token'>): Promise<string> {
    const reply = await ask(this.socketPath, { ...question, token: this.#token }).catch(
      (error: unknown) => {
        throw inTheWay(this.socketPath, error as NodeJS.ErrnoException);
      },
    );
    if (reply.status === 200) return reply.body;
    if (reply.status === 401) {
      const wanted = `${this.socketPath} wants its inspection token: set NANOMETER_TOKEN to it`;
      throw new PeerError('unwell', wanted);
    }
    throw new PeerError(
      'unwell',
      `${this.socketPath} answered ${reply.status}: ${told(reply.body)}`,
    );
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const what = `what answers on ${this.socketPath} is not nanometer: its answer is no JSON`;
      throw new PeerError('unwell', what, { cause });
    }
  }
}

/** The error of a command that needed what a socket did not give. */
export function asCommandError(error: unknown): unknown {
  return error instanceof PeerError ? CommandError.failed(error.message, { cause: error }) : error;
}

function inTheWay(path: string, cause: NodeJS.ErrnoException): PeerError {
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new PeerError('missing', `there is no socket at ${path}`, { cause });
    case 'ECONNREFUSED':
      return new PeerError('dead', `nobody listens on ${path}: its process has ended`, { cause });
    case 'EACCES':
    case 'EPERM': {
      const what = `permission denied on ${path}: only its process' user may ask it`;
      return new PeerError('forbidden', what, { cause });
    }
    case 'ETIMEDOUT':
      return new PeerError('unwell', `${path} gave ${cause.message}: its process is stuck`, {
        cause,
      });
    default:
      return new PeerError('unwell', `${path} cannot be asked: ${cause.message}`, { cause });
  }
}

/** The message of an error's JSON, or the text itself, short. */
function told(body: string): string {
  try {
    return (JSON.parse(body) as { error: { message: string } }).error.message;
  } catch {
    return JSON.stringify(body.slice(0, 100));
  }
}
