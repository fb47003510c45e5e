/** Tells when a worker thread has ended that this thread started. */
import type { Worker } from 'node:worker_threads';

type Listener = (thread: number) => void;

const listeners = new Set<Listener>();

/**
 * Calls `ended` with the id of each thread that this one starts from now on, once it has ended,
 * before the listeners of the user's own. Workers of workers are watched by the thread that
 * started them.
 *
 * @returns stops watching
 */
export function watchThreads(ended: Listener): () => void {
  // One listener for all meters: Node takes many on one event for a leak.
  if (listeners.size === 0) process.on('worker', watch);
  listeners.add(ended);
  return () => {
    listeners.delete(ended);
    if (listeners.size === 0) process.off('worker', watch);
  };
}

function watch(worker: Worker): void {
  // An ended worker has lost its id.
  const { threadId } = worker;
  worker.prependOnceListener('exit', () => {
    for (const ended of listeners) ended(threadId);
  });
}
