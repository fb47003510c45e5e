/** Tells when a worker thread has ended that this thread started. */
import type { Worker } from 'node:worker_threads';

/**
 * Calls `ended` with the id of each thread that this one starts from now on, once it has ended,
 * before the listeners of the user's own. Workers of workers are watched by the thread that
 * started them.
 *
 * @returns stops watching for new threads; those that are watched stay so
 */
export function watchThreads(ended: (thread: number) => void): () => void {
  const started = (worker: Worker): void => {
    // An ended worker has lost its id.
    const { threadId } = worker;
    worker.prependOnceListener('exit', () => {
      ended(threadId);
    });
  };
  process.on('worker', started);
  return () => {
    process.off('worker', started);
  };
}
