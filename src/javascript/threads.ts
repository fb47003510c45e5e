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
  if (watchers.size === 0) process.on('worker', watch);
  watchers.add(ended);
  return () => {
    watchers.delete(ended);
    if (watchers.size === 0) process.off('worker', watch);
  };
}

// One listener for all meters: Node warns of more than ten.
const watchers = new Set<(thread: number) => void>();

function watch(worker: Worker): void {
  // An ended worker has lost its id.
  const { threadId } = worker;
  const told = [...watchers];
  worker.prependOnceListener('exit', () => {
    for (const ended of told) ended(threadId);
  });
}
