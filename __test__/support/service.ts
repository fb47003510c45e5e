/** The obedient service of `fixtures/service.cjs`, with its commands typed. */
import { Fixture, type Ending, type FixtureOptions } from './fixture';

/** A warning that the process gave. */
export interface GivenWarning {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
}

/** Where it is inspected. */
export interface Inspected {
  readonly url: string | null;
  readonly port: number | null;
  readonly socketPath: string | null;
}

/** Options of `open()` that survive JSON. */
export type OpenOptions = Readonly<Record<string, unknown>>;

/** TCP on a port of its choosing, no socket, no state directory. */
export const ON_TCP: OpenOptions = {
  stateDir: false,
  inspection: { host: '127.0.0.1', port: 0, socket: false },
};

/** A service in a process of its own. */
export class Service {
  private constructor(
    private readonly fixture: Fixture,
    /** Where it was inspected when it had opened. */
    readonly inspection: Inspected | null,
  ) {}

  /** Starts it, and waits until its meter is open. */
  static async start(options: OpenOptions = ON_TCP, how: FixtureOptions = {}): Promise<Service> {
    const fixture = Fixture.start('service.cjs', { ...how, args: [JSON.stringify(options)] });
    const { inspection } = await fixture.next<{ inspection: Inspected | null }>();
    return new Service(fixture, inspection);
  }

  /** The process id. */
  get pid(): number {
    return this.fixture.pid;
  }

  /** `http://host:port`. */
  get url(): string {
    if (this.inspection?.url == null) throw new Error('the service listens on no port');
    return this.inspection.url;
  }

  /** The TCP port. */
  get port(): number {
    if (this.inspection?.port == null) throw new Error('the service listens on no port');
    return this.inspection.port;
  }

  /** Tells it to do something and waits for the answer. */
  tell<T>(command: string, details: object = {}): Promise<T> {
    return this.fixture.ask<T>({ do: command, ...details });
  }

  /** Blocks its loop; resolves when the block begins. */
  async block(forMs: number): Promise<{ readonly over: Promise<{ readonly level: string }> }> {
    await this.tell('block', { forMs });
    return { over: this.fixture.next<{ level: string }>() };
  }

  /** The warnings that it gave so far. */
  async warnings(): Promise<readonly GivenWarning[]> {
    return (await this.tell<{ warnings: GivenWarning[] }>('warnings')).warnings;
  }

  /** Leaves it alone: a service whose test is gone ends itself only if nothing else holds it. */
  hangUp(): void {
    this.fixture.hangUp();
  }

  /** Waits for its end. */
  ended(): Promise<Ending> {
    return this.fixture.ended();
  }

  /** Ends it at once. */
  kill(): Promise<Ending> {
    return this.fixture.kill();
  }
}
