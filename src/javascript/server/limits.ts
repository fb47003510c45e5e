/** What the inspection server allows; the native server allows about the same. */
export const LIMITS = {
  /** Connections open at once. Each costs the host a file descriptor. */
  connections: 256,
  /** Answers with all series under way at once: each holds what it read of every series. */
  readings: 8,
  /** How long a connection may be idle or take to send a request's head, milliseconds. */
  waitingMs: 8_000,
  /** How long the whole answer may take to be read by the client, milliseconds. */
  answeringMs: 9_000,
  /** How often the two are looked at, milliseconds. */
  checkingMs: 500,
  /** How long a connection that has sent nothing is left alone when room is needed, milliseconds. */
  settlingMs: 1_000,
  /** Connections that are turned away and hear why; past that they are cut off. */
  leaving: 256,
  /** How long such a connection may take to hear it, milliseconds. */
  leavingMs: 1_000,
  /** The longest target of a request line, bytes. */
  uriBytes: 8 * 1_024,
  /** The most bytes of header lines. */
  headerBytes: 8 * 1_024,
  /** The most header lines. */
  headerLines: 100,
  /** The longest body of a request that sets something, bytes. */
  bodyBytes: 1_024,
  /** What is read of a request's head, so that one past the limits is told which it is past. */
  headBytes: 128 * 1_024,
} as const;
