/** Tells when a worker thread has ended that this thread started. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

type Listener = (thread: number) => void;

// Published by the constructor of `Worker`.
const CHANNEL = 'worker_threads';

const listeners = new Set<Listener>();

/**
 * Calls `ended` with the id of each thread that this one starts from now on, once it has ended,
 * before the listeners of the user's own. Workers of workers are watched by the thread that
 * started them.
 *
 * @returns stops watching
 */
export function watchThreads(ended: Listener): () => void {
  // Not the event `worker` of `process`: a test runner may give its tests another `process`.
  if (listeners.size === 0) subscribe(CHANNEL, watch);
  listeners.add(ended);
  return () => {
    listeners.delete(ended);
    if (listeners.size === 0) unsubscribe(CHANNEL, watch);
  };
}

function watch(message: unknown): void {
  const { worker } = message as { readonly worker: Worker };
  // An ended worker has lost its id.
  const { threadId } = worker;
  worker.prependOnceListener('exit', () => {
    for (const ended of listeners) ended(threadId);
  });
}
