/** What can be seen to be wrong with a plan before a thread is started. */
import { statSync } from 'node:fs';
import type { BenchPlan } from '../plan';
import { PipelineFault } from './faults';

/** @throws PipelineFault for a module that is not there, and where nothing can be recorded */
export function checkBefore({ file }: BenchPlan): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw new PipelineFault(`${file} does not exist`);
  if (!status.isFile()) {
    throw new PipelineFault(`${file} is no file: give the module of a pipeline`);
  }
  if (process.env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') {
    throw new PipelineFault('OTEL_SDK_DISABLED=true switches all recording off: unset it');
  }
}
