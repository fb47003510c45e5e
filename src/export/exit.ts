/**
 * The end of the process: what is recorded leaves before it, within a bound. `process.exit()`, an
 * uncaught exception and a loop that has run dry all come by `exit`, where nothing can be awaited; a
 * signal ends a process at once, unless the program asked for it to be listened to.
 *
 * Main thread only. Nothing here throws.
 */

/** What has something to export when the process ends. */
export interface Leaving {
  /** The most milliseconds that it may take. */
  readonly flushMs: number;
  /** The signals before which it is exported. */
  readonly signals: readonly NodeJS.Signals[];
  /** Whether some of it needs the event loop. */
  readonly needsLoop: boolean;
  flushLast(): Promise<unknown>;
  flushNow(timeoutMs: number): void;
}

const leaving = new Set<Leaving>();
const heard = new Map<NodeJS.Signals, () => void>();
let isListening = false;
let hasRunDry = false;

/** Flushes it when the process ends, until what this returns is called. */
export function flushAtExit(one: Leaving): () => void {
  leaving.add(one);
  if (!isListening) {
    isListening = true;
    process.on('exit', atExit);
    process.on('beforeExit', atEnd);
  }
  for (const signal of one.signals) hear(signal);
  return () => {
    leaving.delete(one);
    for (const signal of one.signals) stopHearing(signal);
  };
}

function atExit(): void {
  // One after the other, but no longer in all than the one that may take longest.
  const deadline = performance.now() + Math.max(0, ...[...leaving].map(({ flushMs }) => flushMs));
  for (const one of leaving) {
    const left = Math.min(one.flushMs, deadline - performance.now());
    try {
      if (left > 0) one.flushNow(left);
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** The loop has run dry: a last time for what needs it. */
function atEnd(): void {
  if (hasRunDry) return;
  hasRunDry = true;
  for (const one of leaving) if (one.needsLoop) void one.flushLast();
}

function hear(signal: NodeJS.Signals): void {
  if (heard.has(signal)) return;
  let isFlushing = false;
  const onSignal = (): void => {
    if (isFlushing) {
      // Whoever sends it again does not want to wait.
      die(signal, onSignal);
      return;
    }
    isFlushing = true;
    const flushes = [...leaving]
      .filter(({ signals }) => signals.includes(signal))
      .map((one) => one.flushLast());
    void Promise.allSettled(flushes).then(() => {
      isFlushing = false;
      die(signal, onSignal);
    });
  };
  heard.set(signal, onSignal);
  process.on(signal, onSignal);
}

function stopHearing(signal: NodeJS.Signals): void {
  const onSignal = heard.get(signal);
  const isWanted = [...leaving].some(({ signals }) => signals.includes(signal));
  if (onSignal === undefined || isWanted) return;
  heard.delete(signal);
  process.off(signal, onSignal);
}

/** As the signal would have had it, unless the program has a listener of its own, which decides. */
function die(signal: NodeJS.Signals, onSignal: () => void): void {
  if (process.listeners(signal).some((listener) => listener !== onSignal)) return;
  process.off(signal, onSignal);
  heard.delete(signal);
  process.kill(process.pid, signal);
}
