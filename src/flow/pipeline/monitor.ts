/** Looks at a Node stream's errors and its closing, and takes them from nobody. */
import { errorMonitor } from 'node:events';
import type { NodeStream } from './node-stream';
import type { Watch } from './watch';
import type { Work } from './work';

/** Tells the pipeline's watch of a stream's errors, and when it closes before its end. */
export function monitor(watch: Watch, target: NodeStream, work: Work): void {
  const failed = (error: unknown): void => {
    watch.suspect(work, error);
  };
  const closed = (): void => {
    const isReadable = target._readableState !== undefined && target.readableEnded === false;
    const isWritable = target._writableState !== undefined && target.writableFinished === false;
    if ((isReadable || isWritable) && !target.errored) watch.closedEarly(work);
  };
  if (target.errored) watch.suspect(work, target.errored);
  target.on(errorMonitor, failed);
  target.on('close', closed);
  watch.onEnd(() => {
    target.removeListener(errorMonitor, failed);
    target.removeListener('close', closed);
  });
}
