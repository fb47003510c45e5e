/** Runs what must not throw: Node ends the process for what a subscriber of a channel throws. */
export function guard(work: () => void): void {
  try {
    work();
  } catch {
    // An observation less.
  }
}
