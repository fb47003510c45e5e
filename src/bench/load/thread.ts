/** The entry of a thread that runs a pipeline, or measures the harness: does what it is asked. */
import { parentPort, workerData } from 'node:worker_threads';
import { inWords } from '../../errors';
import { ComponentFault, RefusedPipeline } from './fault';
import { measureHarness } from './harness';
import type { Reply, Request, ThreadData } from './messages';
import { type LoadedPipeline, loadPlan } from './pipeline';
import { referenceNs } from './reference';

const { plan, board, worker, kinds } = workerData as ThreadData;
const port = parentPort!;
let loaded: LoadedPipeline | null = null;

function say(reply: Reply): void {
  port.postMessage(reply);
}

async function answer(request: Request): Promise<unknown> {
  if (request.ask === 'reference') return referenceNs();
  if (request.ask === 'harness') {
    return measureHarness(plan, board, kinds, request.variants, request.eachMs);
  }
  return loaded!.runner.round(request.variant, request.durationMs);
}

function sayFault(error: unknown): void {
  if (error instanceof ComponentFault) {
    say({ say: 'fault', component: error.component, message: error.message });
  } else if (error instanceof RefusedPipeline) say({ say: 'refused', message: error.message });
  else if (loaded === null) say({ say: 'refused', message: `${plan.file}: ${inWords(error)}` });
  else say({ say: 'fault', component: null, message: inWords(error) });
}

port.on('message', (request: Request) => {
  answer(request).then((given) => say({ say: 'answer', answer: given }), sayFault);
});

if (worker !== null) {
  loadPlan(plan, worker, board).then((pipeline) => {
    loaded = pipeline;
    say({ say: 'ready', ready: pipeline.ready });
  }, sayFault);
}
