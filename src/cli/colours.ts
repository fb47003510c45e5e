/** Whether a stream gets colours, and the colours. */
import picocolors from 'picocolors';

/** Functions that colour text, or leave it as it is. */
export type Colours = ReturnType<typeof picocolors.createColors>;

/** Whether colours are wanted there: by `NO_COLOR`, else by `FORCE_COLOR`, else on a terminal. */
export function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  // A file has neither, whatever its type says; and a colour that is undecided is picocolors' to
  // decide, which has them wherever CI is set.
  return stream.isTTY ? stream.hasColors() : false;
}

/** The colours for a stream. */
export function coloursOf(stream: NodeJS.WriteStream): Colours {
  return picocolors.createColors(hasColours(stream));
}
