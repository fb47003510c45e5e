/** A pipeline in this thread: its module, its meter and its flow, ready to run rounds. */
import { basename } from 'node:path';
import type { Flow } from '../../flow/flow';
import { tellWorkers } from '../../open/options';
import {
  type ComponentFunction,
  isStream,
  type PipelineComponent,
  type PipelineDefinition,
} from '../definition';
import type { BenchPlan } from '../plan';
import { Account } from './account';
import { openBenchMeter } from './bench-meter';
import type { Board } from './board';
import { Elements } from './elements';
import { RefusedPipeline } from './fault';
import { openInput } from './input';
import type { ComponentKind, Ready } from './messages';
import { flowOf, loadPipeline, nanometerOf } from './module';
import { openPipelineMeter } from './pipeline-meter';
import { randomFrom } from '../figures/random';
import { type Passage, Runner } from './runner';
import { Integers, Repeated, type Source } from './source';
import { Streams } from './streams';

/** What is run, and what the main thread is told of it. */
export interface LoadedPipeline {
  readonly runner: Runner;
  readonly ready: Ready;
}

/** Loads the plan's pipeline. Rejects with a `RefusedPipeline`. */
export async function loadPlan(
  plan: BenchPlan,
  worker: number,
  board: Board,
): Promise<LoadedPipeline> {
  const definition = await loadPipeline(plan.file);
  const nanometer = nanometerOf(plan.file);
  const meter = openPipelineMeter(nanometer, definition.service);
  if (typeof (meter as Partial<typeof meter>).flow !== 'function') {
    throw new RefusedPipeline(`${nanometer}, which ${plan.file} gets, is too old to be run`);
  }
  const components = Object.entries(definition.components);
  const isElements = !components.some(([, component]) => isStream(component));
  const names = components.map(([component]) => component);
  const flow = meter.flow(
    flowOf(plan.file),
    isElements ? names : Streams.componentsOf(components),
    {
      maxInFlight: plan.concurrency === null ? 2 ** 20 : Math.min(2 ** 20, plan.concurrency + 1024),
    },
  );
  const source = sourceOf(plan, definition, worker);
  const passage = passageOf({ plan, worker, components, source, flow, board });
  // What a component opens later is the pipeline's too, not the bench's.
  tellWorkers(meter.service);
  return {
    runner: new Runner(passage),
    ready: {
      pipeline: {
        name: basename(plan.file),
        passage: isElements ? 'elements' : 'streams',
        components: names,
        source:
          plan.input !== null
            ? 'input'
            : definition.source === undefined
              ? 'integers'
              : 'definition',
      },
      kinds: components.map(([, component]) => kindOf(component)),
      nanometer,
      service: meter.service,
      named: definition.service,
      flow: flow.id,
    },
  };
}

/** What a passage is made of. */
export interface PassageParts {
  readonly plan: BenchPlan;
  readonly worker: number;
  readonly components: readonly (readonly [name: string, component: PipelineComponent])[];
  readonly source: Source;
  readonly flow: Flow;
  readonly board: Board;
}

/** Elements through functions, or, where there is a stream, through streams. */
export function passageOf({ components, board, ...parts }: PassageParts): Passage {
  const account = new Account(openBenchMeter(), board);
  if (components.some(([, component]) => isStream(component))) {
    return new Streams({ ...parts, components, account, board });
  }
  const functions = components as readonly (readonly [string, ComponentFunction])[];
  return new Elements({ ...parts, components: functions, account, board });
}

function kindOf(component: PipelineComponent): ComponentKind {
  return isStream(component) ? 'stream' : 'function';
}

function sourceOf(plan: BenchPlan, { source }: PipelineDefinition, worker: number): Source {
  if (plan.input !== null) return openInput(plan.input);
  if (source === undefined) return new Integers();
  const random = randomFrom(plan.seed + worker);
  return new Repeated(source, { seed: plan.seed, random, worker, workers: plan.workers });
}
