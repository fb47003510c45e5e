/**
 * The desk of this thread: where what is to be said of the span that is written next is put, for this
 * package's own writer and for the native one. See `crates/core/src/layout/desk.rs` for the drawing.
 *
 * A number that is passed to a function which V8 does not inline is allocated: these are not. And a
 * buffer that is a constant of its module is stored to without a check, in two instructions.
 */
import { DESK_BYTES } from '../generated/layout';

/** Its numbers, at {@link START} and so on. */
export const stage = new Float64Array(new ArrayBuffer(DESK_BYTES));
/** Its words, at `DESK_ENTRY` and so on. */
export const desk = new Int32Array(stage.buffer);

export {
  /** When it started, nanoseconds of the clock. */
  DESK_START as START,
  /** How long it took, nanoseconds; below 0 counts as 0. */
  DESK_DURATION as DURATION,
  /** Which invocation, transfer or copy it is. */
  DESK_SEQUENCE as SEQUENCE,
  /** Bytes, where its form has some; 0 between two spans. */
  DESK_AMOUNT as AMOUNT,
} from '../generated/layout';
