/** Pipelines of a flow: see `run.ts` for those that it runs, `instrument.ts` for those it does not. */
export { instrumentStream } from './instrument';
export { runPipeline, type PipelineOptions } from './run';
export type { Stage, StageFunction, WebPair } from './stages';
