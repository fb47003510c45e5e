/** Meters that export spans and nothing else, and the account of what became of these. */
import type { Meter, OpenOptions, OtlpOptions, SignalStatus } from 'nanometer';
import { quietMeter, watchWarnings } from './meter';
import { until } from './surroundings';

const IN_TURN = 50;
/** Longer than it takes until what is recorded at once is in one queue. */
const DELAY_MS = 300;
const open: Meter[] = [];

// Each sender has one, and none of them is news.
beforeAll(() => {
  watchWarnings();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((meter) => meter.close()));
});

/** What became of what was recorded: all but what is not yet known. */
export interface Account {
  readonly exported: number;
  readonly queued: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** One that exports. It is closed after the test. */
export class Sender {
  readonly meter: Meter;

  /** Sends spans as these options say, soon after they are recorded: all that are recorded at once. */
  constructor(otlp: OtlpOptions, options: OpenOptions = {}) {
    this.meter = quietMeter({
      tracing: { sampleRate: 1, maxPromotionsPerSecond: null },
      otlp: { metrics: false, delayMs: DELAY_MS, ...otlp },
      flush: { timeoutMs: 100 },
      ...options,
    });
    open.push(this.meter);
  }

  /** Records so many spans, all promoted, with that many characters of text each. */
  record(count: number, padding = 0, name = 'sent'): this {
    for (let i = 0; i < count; i += 1) {
      const span = this.meter.span(name, null);
      if (padding > 0) span.setAttribute('padding', 'x'.repeat(padding));
      span.end();
    }
    return this;
  }

  /** Records as many, a few at a time: larger spans than the ring of promoted ones could hold at once. */
  async recordInTurns(count: number, padding: number): Promise<void> {
    const before = this.status.recorded;
    for (let done = 0; done < count; done += IN_TURN) {
      this.record(Math.min(IN_TURN, count - done), padding);
      await this.recorded(before + Math.min(done + IN_TURN, count));
    }
  }

  /** How it stands. Fails where the account is not even: it is so at every moment. */
  get status(): SignalStatus {
    const status = this.meter.exporters().find(({ name }) => name === 'otlp')!.signals.traces!;
    const dropped = Object.values(status.dropped).reduce((sum, count) => sum + count, 0);
    expect(status.exported + status.queued + dropped).toBe(status.recorded);
    return status;
  }

  /** What became of what was recorded, reasons for which nothing was dropped left out. */
  get account(): Account {
    const { exported, queued, dropped } = this.status;
    const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
    return { exported, queued, dropped: Object.fromEntries(reasons) };
  }

  /** Waits until so many are recorded and none waits; the account. */
  async settled(recorded: number): Promise<Account> {
    await until(`${recorded} spans are settled`, () => {
      const { status } = this;
      return status.recorded >= recorded && status.queued === 0;
    });
    return this.account;
  }

  /** The same, without the pauses before what failed is tried again, where no receiver asked for one. */
  async settledSoon(recorded: number): Promise<Account> {
    const hurrying = setInterval(() => {
      if (this.status.nextTryMs !== null) void this.meter.flush({ timeoutMs: 50 });
    }, 100);
    try {
      return await this.settled(recorded);
    } finally {
      clearInterval(hurrying);
    }
  }

  /** Waits until so many are recorded. */
  async recorded(count: number): Promise<void> {
    await until(`${count} spans are recorded`, () => this.status.recorded >= count);
  }

  /** Waits until an attempt has failed; why. */
  async failed(): Promise<NonNullable<SignalStatus['lastError']>> {
    await until('an attempt has failed', () => this.status.lastError !== null);
    return this.status.lastError!;
  }
}
