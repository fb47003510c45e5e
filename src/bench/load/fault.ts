/** Ways in which a thread that runs a pipeline comes to an end before its time. */

/** A component did what it must not: the run has failed. */
export class ComponentFault extends Error {
  readonly component: string | null;

  constructor(component: string | null, message: string) {
    super(message);
    this.component = component;
  }
}

/** The module, or the input, cannot be run: one line says why. */
export class RefusedPipeline extends Error {}
