/**
 * Which local trace this thread is at work on: what a handle reads when it records, so that a
 * bucket or a counter remembers whose value it was. The readers make exemplars of it.
 *
 * A cell for each meter and thread, since a serial is a number of one lane. Whoever runs the code of
 * a local trace puts its serial there, and puts back what was there when that code returns: what
 * runs after an `await` is not part of it.
 */
import { EXEMPLAR_SERIAL, EXEMPLAR_VALUE } from '../generated/layout';

/** A cell that holds the serial of the active local trace, 0 where none is. */
export type ActiveSerial = Float64Array;

/** The cell of one meter, on this thread. */
export function makeActiveSerial(): ActiveSerial {
  return new Float64Array(1);
}

/**
 * Leaves the value that stands in `staged` with the serial that is active, if one is: a reader that
 * sees the same serial before and after the value has the two of them together.
 *
 * @param at - where the exemplar's cells are
 */
export function leaveExemplar(
  active: ActiveSerial,
  cells: Float64Array,
  at: number,
  staged: Float64Array,
): void {
  const serial = active[0]!;
  if (!(serial > 0)) return;
  cells[at + EXEMPLAR_SERIAL] = 0;
  cells[at + EXEMPLAR_VALUE] = staged[0]!;
  cells[at + EXEMPLAR_SERIAL] = serial;
}
