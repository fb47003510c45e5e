/** Why there is nothing to report: errors that are told in one line, and never as a stack. */

/** The run has failed: a component did what it must not, or nothing came through at all. */
export class BenchFault extends Error {
  /** Where; `null` where that is not known. */
  readonly component: string | null;

  constructor(component: string | null, message: string) {
    super(message);
    this.name = 'BenchFault';
    this.component = component;
  }
}

/** There is nothing to run: no such module, no pipeline in it, a type error, an unreadable input. */
export class PipelineFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PipelineFault';
  }
}
