/**
 * Keeps stores in order, on processors that do not by themselves: x86-64 does, and V8 emits them as
 * they are written (see ARCHITECTURE.md); chosen once, so that V8 leaves the call out there.
 */

/** Whether stores may be seen in another order than that of the program. */
export const IS_WEAK = process.arch !== 'x64' && process.arch !== 'ia32';

const word = new Int32Array(1);

/**
 * What was stored before is seen before what is stored after. No store passes the atomic one
 * downwards, none passes the atomic load upwards, and these two stay in order.
 */
export function fence(): void {
  Atomics.store(word, 0, 0);
  Atomics.load(word, 0);
}
