export type Stage = unknown;
export interface PipelineOptions {
  readonly signal?: AbortSignal;
}
export function runPipeline(..._: any[]): Promise<unknown> {
  throw new Error('no');
}
export function instrumentStream(..._: any[]): any {
  throw new Error('no');
}
