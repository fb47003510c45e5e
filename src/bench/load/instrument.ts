/** How an element is recorded on its way: what tells the variants of a run apart. */
import type { Element } from '../../flow/element';
import type { Flow } from '../../flow/flow';
import type { Variant } from '../plan';

/**
 * What goes around each element and each call of a component, by index. The functions of a pipeline
 * are the same under each.
 */
export interface Instrument {
  /** An element begins; the token is handed to the other methods. */
  begin(): unknown;
  /** What components get as their second argument. */
  elementOf(token: unknown): Element;
  /** Calls `work` and passes its result, a promise too, and its error on unchanged. */
  run(component: number, token: unknown, work: () => unknown): unknown;
  /** The element is through. */
  end(token: unknown): void;
  /** The element was lost to an error. */
  fail(token: unknown, error: unknown): void;
}

/** The pipeline's flow, at whichever level its meter has. */
export class FlowInstrument implements Instrument {
  readonly #flow: Flow;
  readonly #components: Flow['components'][string][];

  constructor(flow: Flow) {
    this.#flow = flow;
    this.#components = Object.values(flow.components);
  }

  begin(): Element {
    return this.#flow.begin();
  }

  elementOf(token: Element): Element {
    return token;
  }

  run(component: number, token: Element, work: () => unknown): unknown {
    return this.#components[component]!.run(token, work);
  }

  end(token: Element): void {
    token.end();
  }

  fail(token: Element, error: unknown): void {
    token.fail(error);
  }
}

/** Nothing at all. */
export class NoInstrument implements Instrument {
  readonly #inert: Element;

  /** @param inert - an element that does nothing, for components that ask for one */
  constructor(inert: Element) {
    this.#inert = inert;
  }

  begin(): null {
    return null;
  }

  elementOf(): Element {
    return this.#inert;
  }

  run(_component: number, _token: unknown, work: () => unknown): unknown {
    return work();
  }

  end(): void {
    // Nobody is told.
  }

  fail(): void {
    // Nobody is told.
  }
}

/** What the module of another instrument exports: `src/bench/self/opentelemetry.ts`. */
export interface InstrumentModule {
  /** @param inert - an element that does nothing, for `elementOf` */
  makeInstrument(
    flow: string,
    components: readonly string[],
    inert: Element,
  ): Instrument | Promise<Instrument>;
}

/**
 * The instrument of a variant. A meter at the level off is assumed at `none` and `opentelemetry`.
 */
export async function instrumentOf(variant: Variant, flow: Flow): Promise<Instrument> {
  if (variant === 'none') return new NoInstrument(flow.begin());
  if (variant !== 'opentelemetry') return new FlowInstrument(flow);
  const name = '../self/opentelemetry.js';
  const module = (await import(name)) as InstrumentModule;
  return module.makeInstrument(flow.id, Object.keys(flow.components), flow.begin());
}
