/** The meter that a pipeline is recorded in, opened alike in all threads of the run. */
import type { Meter } from '../../meter/meter';
import type { open } from '../../open/open';

/**
 * Opens it, of whichever copy of this package the pipeline has.
 *
 * @param nanometer - the path of that copy
 * @param service - as the definition names it: it may be open already, with options of its own.
 * `undefined`: the one that `open()` finds, in memory only; the bench has nothing to do with the
 * segment and the socket of a process that serves
 */
export function openPipelineMeter(nanometer: string, service: string | undefined): Meter {
  const api = require(nanometer) as { open: typeof open };
  return service === undefined
    ? api.open({ stateDir: false, inspection: false })
    : api.open({ service });
}
