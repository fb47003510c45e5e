/** A pipeline that is observed does what it does bare, whatever it is made of. */
import fc from 'fast-check';
import { pipeline } from 'node:stream/promises';
import { viewOf } from '../support/flow';
import { quietMeter } from '../support/meter';
import { MIDDLES, Run, SINKS, SOURCES, type PipelinePlan, type StagePlan } from '../support/stages';

const meter = quietMeter();
let made = 0;

interface Outcome {
  readonly value: unknown;
  readonly error: unknown;
  readonly isOwnError: boolean;
}

type Pipeline = (...args: readonly unknown[]) => Promise<unknown>;

const HUNG: Outcome = { value: null, error: ['hung'], isOwnError: false };

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** What comes of a run: some hang, bare or not, and are brought to an end. */
async function outcome(run: Run, result: Promise<unknown>): Promise<Outcome> {
  let found: Outcome | undefined;
  const settled = result.then(
    (value) => {
      run.finishedInTime = [...run.finished];
      found = { value, error: null, isOwnError: false };
    },
    (error: Error & { code?: string }) => {
      const told = [error.name, error.code, error.message];
      found = { value: null, error: told, isOwnError: error === run.error };
    },
  );
  for (let seen = -1; found === undefined && seen !== run.log.length;) {
    seen = run.log.length;
    await turns(30);
  }
  if (found === undefined) {
    run.controller.abort();
    await Promise.race([settled, turns(30)]);
    return HUNG;
  }
  // What is still under way, or was destroyed, comes to its end.
  await turns(10);
  return found;
}

const stage = (kinds: readonly string[]): fc.Arbitrary<StagePlan> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    paces: fc.array(fc.constantFrom('now', 'now', 'microtask', 'tick', 'immediate'), {
      minLength: 1,
      maxLength: 4,
    }) as fc.Arbitrary<StagePlan['paces']>,
    highWaterMark: fc.constantFrom(0, 1, 2, 3, 16, 100),
    outputs: fc.array(fc.constantFrom(1, 1, 1, 0, 2, 3), { minLength: 1, maxLength: 3 }),
    atEnd: fc.constantFrom(0, 0, 1, 3),
  });

const stages = (middles: number): fc.Arbitrary<StagePlan[]> =>
  fc
    .tuple(
      stage(SOURCES),
      fc.array(stage(MIDDLES), { minLength: 0, maxLength: middles }),
      stage(SINKS),
    )
    .map(([source, middle, sink]) => [source, ...middle, sink]);

const PUMPED = ['array', 'generator', 'function', 'web'];
const NODE = ['transform', 'flushing', 'duplex', 'writable', 'final', 'writev'];

/** Whoever throws out of a Node stream's method which a stream calls ends the process. */
function withoutCrash(plan: PipelinePlan): PipelinePlan {
  const { fault, stages } = plan;
  // Nobody listens any more to what can still be read when a pipeline has ended well.
  const isLast = fault?.stage === stages.length - 1;
  if (fault?.how === 'twice' && isLast && stages.at(-1)!.kind === 'transform') {
    return { ...plan, fault: null };
  }
  if (fault?.how !== 'throw' || fault.stage === 0) return plan;
  const { kind } = stages[fault.stage] ?? { kind: '' };
  const isCaught = fault.stage === 1 && fault.at === 0 && PUMPED.includes(stages[0]!.kind);
  if (!NODE.includes(kind) || isCaught) return plan;
  return { ...plan, fault: { ...fault, how: 'answer' } };
}

const plans: fc.Arbitrary<PipelinePlan> = fc
  .record({
    stages: stages(3),
    count: fc.nat(40),
    isBytes: fc.boolean(),
    fault: fc.option(
      fc.record({
        stage: fc.nat(4),
        at: fc.nat(8),
        how: fc.constantFrom('throw', 'answer', 'twice', 'destroy', 'end'),
      }) as fc.Arbitrary<NonNullable<PipelinePlan['fault']>>,
      { freq: 2 },
    ),
    abortAt: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 1, max: 60 })),
  })
  .map(withoutCrash);

const names = (count: number) => Array.from({ length: count }, (_, i) => `component ${i}`);

async function runBoth(plan: PipelinePlan) {
  const bare = new Run(plan);
  const bareOutcome = await outcome(
    bare,
    (pipeline as unknown as Pipeline)(...bare.stages, { signal: bare.controller.signal }),
  );
  const observed = new Run(plan);
  const id = `flow ${String((made += 1))}`;
  const components = names(plan.stages.length);
  const flow = meter.flow(id, components);
  const record = Object.fromEntries(components.map((name, i) => [name, observed.stages[i]]));
  const observedOutcome = await outcome(
    observed,
    flow.pipeline(record as never, { signal: observed.controller.signal }),
  );
  return { bare, bareOutcome, observed, observedOutcome, flow, id, components };
}

const parameters = { numRuns: Number(process.env['RUNS'] ?? 200), endOnFailure: false };

describe.each(['off', 'production', 'diagnostic'] as const)('at the level %s', (level) => {
  beforeEach(() => {
    meter.level = level;
  });

  test('the same happens, in the same order, with the same chunks and the same error', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { bare, bareOutcome, observed, observedOutcome, flow } = await runBoth(plan);
        expect(observed.log).toEqual(bare.log);
        expect(observedOutcome).toEqual(bareOutcome);
        if (observedOutcome !== HUNG) flow.remove();
      }),
      parameters,
    );
  }, 120_000);
});

test('what has been done is counted, and an error once', async () => {
  meter.level = 'production';
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { observed, observedOutcome, flow, id, components } = await runBoth(plan);
      if (observedOutcome === HUNG) return;
      const { value, times } = viewOf(meter, id);
      const isAborted =
        observed.controller.signal.aborted &&
        (observedOutcome.error as string[] | null)?.[0] === 'AbortError';
      const errors = components.map((name) => value('component.errors', name));
      const total = errors.reduce((sum, count) => sum! + count!, 0);
      expect(total).toBe(observedOutcome.error === null ? 0 : 1);
      expect(flow.state).toBe(
        observedOutcome.error === null ? 'completed' : isAborted ? 'cancelled' : 'failed',
      );
      if (observedOutcome.isOwnError) {
        expect(errors[plan.fault!.stage]).toBe(1);
      }
      if (observedOutcome.error === null) {
        components.forEach((name, i) => {
          const { kind } = plan.stages[i]!;
          const isSeen = kind !== 'pass' && kind !== 'from' && kind !== 'array';
          const count = value('component.invocations', name)!;
          // What answers twice may still be at work when its run is over.
          const early = plan.fault?.how === 'twice' ? observed.finishedInTime : observed.finished;
          const [least, most] = isSeen ? [early[i]!, observed.finished[i]!] : [count, count];
          expect([name, count >= least, count <= most]).toEqual([name, true, true]);
          expect(times('component.processing_time', name).count).toBe(count);
          if (i === 0) return;
          const stream = `${components[i - 1]!}->${name}`;
          const taken = isSeen ? observed.taken[i] : count;
          expect([stream, value('stream.elements.transferred', stream)]).toEqual([stream, taken]);
          expect(times('stream.queue.wait_time', stream).count).toBe(taken);
        });
        const ended = value('component.invocations', components.at(-1));
        expect(value('flow.elements.total')).toBe(ended);
        expect(times('flow.latency').count).toBe(ended);
      }
      for (const [i, name] of components.entries()) {
        if (i === 0) continue;
        const stream = `${components[i - 1]!}->${name}`;
        expect(value('stream.queue.current_depth', stream)).toBe(0);
        expect(value('stream.backpressure.active', stream)).toBe(0);
      }
      flow.remove();
    }),
    parameters,
  );
}, 120_000);
