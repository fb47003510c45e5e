/** Whether two types are one; `Same<A, B>` is `true` or does not compile where it is asserted. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles for `true` only. */
export function isTrue<_T extends true>(): void {
  // The types are the test.
}
