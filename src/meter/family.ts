/**
 * A metric with labels, in one thread: label values are looked up once, and what is kept is a
 * handle. A lookup that hits walks a tree of maps, a level for each label, so that no two sets of
 * values can share a key and nothing is allocated.
 *
 *     route ──▶ Map { '/orders' ──▶ status ──▶ Map { '2xx' ──▶ handle, … }, … }
 */
import type { BackendMeter, Placement } from '../backend/backend';
import type { ClosedLabelSpec, Definition, LabelSpec, OpenLabelSpec } from '../definition/define';
import { show } from '../errors';
import type { Counter } from '../handles/counter';
import { warn } from '../warnings';

/** The labels that `with()` takes, for what the family was defined with. */
export type LabelsOf<L extends LabelSpec> = L extends OpenLabelSpec
  ? Readonly<Record<L[number], string>>
  : L extends ClosedLabelSpec
    ? { readonly [Name in keyof L]: L[Name][number] }
    : never;

/** Every series of one name: a handle for each set of label values. */
export interface Family<Handle, Labels> {
  /**
   * The handle of the series with these label values: the same one each time, on this thread. Keep
   * it where you can: a handle never looks labels up again.
   *
   * Never throws. A label that is missing, not a string, or not one of a closed family's values
   * gives the handle of the overflow series, counts one in `nanometer.labels_rejected` and warns
   * once a family; so does what is past the bound of an open family, which is counted in
   * `nanometer.series_overflowed` (at once for new label values, in batches for those that it has
   * refused before). The overflow series is labelled `otel_metric_overflow="true"`,
   * so nothing recorded is lost. Labels that the family does not have are ignored. Lone surrogates
   * count as U+FFFD.
   */
  with(labels: Labels): Handle;
}

/** A family whose label values are all known: every series is allocated, for good. */
export type ClosedFamily<Handle, Labels> = Family<Handle, Labels>;

/** A family whose label values are any strings, up to a bound of series. */
export interface OpenFamily<Handle, Labels> extends Family<Handle, Labels> {
  /**
   * Gives up this thread's hold on a series: its handle records into the overflow series from now
   * on. Where no live thread holds it any more it leaves the output, makes room for another, and
   * the answer is true. False where other threads still hold it, or where there is none.
   */
  remove(labels: Labels): boolean;
}

/** What a metric of these labels is recorded with: a handle, or a family of them. */
export type Recorder<Handle, L extends LabelSpec> = L extends OpenLabelSpec
  ? OpenFamily<Handle, LabelsOf<L>>
  : L extends ClosedLabelSpec
    ? ClosedFamily<Handle, LabelsOf<L>>
    : Handle;

/** Makes and moves the handles of one metric. */
export interface Maker<Handle> {
  /** May map memory, and throw where there is none. */
  make(position: number): Handle;
  redirect(handle: Handle, position: number): void;
}

type Labels = Readonly<Record<string, unknown>>;
/** `null` stands for label values that the full family has refused. */
type Branch<Handle> = Map<unknown, Branch<Handle> | Handle | null>;

/** How many refused label sets a family remembers, so that it need not ask for each of them again. */
const MOST_REFUSED = 1_024;
/** Their uses are counted in batches of so many. */
const USES_IN_BATCH = 1_024;
/** After so many batches it asks again: another thread may have made room. */
const BATCHES_BEFORE_ASKING = 16;

/** The series of a family whose first labels have fixed values. */
export interface FamilyPart {
  /** The values of the definition's first labels; `with()` takes the others. */
  readonly constants: readonly string[];
  /** All values of each of the others, where they are closed; else `null`. */
  readonly values: readonly (readonly string[])[] | null;
}

/** Both kinds of family; see the interfaces above. */
export class LabelledFamily<Handle> implements OpenFamily<Handle, Labels> {
  readonly #root: Branch<Handle> = new Map();
  readonly #names: readonly string[];
  readonly #values: readonly ReadonlySet<string>[] | null;
  readonly #name: string;
  readonly #meter: BackendMeter;
  readonly #placement: Placement;
  readonly #constants: readonly string[];
  readonly #maker: Maker<Handle>;
  readonly #overflow: Handle;
  readonly #rejected: Counter;
  #hasWarned = false;
  #refused = 0;
  #usesOfRefused = 0;
  #batches = 0;

  /**
   * @param part - the part of the family that this one is: see {@link FamilyPart}
   */
  constructor(
    definition: Definition,
    meter: BackendMeter,
    placement: Placement,
    maker: Maker<Handle>,
    rejected: Counter,
    part: FamilyPart = { constants: [], values: definition.values },
  ) {
    this.#name = definition.name;
    this.#constants = part.constants;
    this.#names = definition.labels.slice(part.constants.length);
    this.#values = part.values?.map((list) => new Set(list)) ?? null;
    this.#meter = meter;
    this.#placement = placement;
    this.#maker = maker;
    this.#overflow = maker.make(placement.position);
    this.#rejected = rejected;
  }

  with(labels: Labels): Handle {
    try {
      const names = this.#names;
      let node: Branch<Handle> | Handle | null | undefined = this.#root;
      // eslint-disable-next-line @typescript-eslint/prefer-for-of -- that makes an iterator
      for (let depth = 0; depth < names.length; depth++) {
        node = (node as Branch<Handle>).get(labels[names[depth]!]);
        if (node == null) return node === null ? this.#refuseAgain() : this.#bind(labels);
      }
      return node as Handle;
    } catch (error) {
      return this.#fail(labels, error);
    }
  }

  remove(labels: Labels): boolean {
    // A closed family has its series for good.
    if (this.#values !== null) return false;
    const values = this.#read(labels);
    if (values === undefined) return false;
    const handle = this.#prune(values);
    // Before the cells can be another's.
    if (handle != null) this.#maker.redirect(handle, this.#placement.position);
    const isGone = this.#meter.release(this.#placement.family, this.#whole(values));
    if (isGone) this.#forgetRefused();
    return isGone;
  }

  #bind(labels: Labels): Handle {
    const values = this.#read(labels);
    if (values === undefined) return this.#overflow;
    // Found only where a lone surrogate hid it from the first look.
    const known = this.#find(values);
    if (known === null) return this.#refuseAgain();
    if (known !== undefined) return known;
    const whole = this.#whole(values);
    const position = this.#meter.bind(this.#placement.family, whole);
    if (position < 0) return this.#refuse(values);
    let handle: Handle;
    try {
      handle = this.#maker.make(position);
    } catch (error) {
      this.#meter.release(this.#placement.family, whole);
      throw error;
    }
    this.#keep(values, handle);
    return handle;
  }

  /** The label values in their order; `undefined`, counted, where one cannot be. */
  #read(labels: Labels): string[] | undefined {
    const values: string[] = [];
    for (const [depth, name] of this.#names.entries()) {
      const given = labels[name];
      if (typeof given !== 'string') {
        this.#reject(() => `the label ${show(name)} is ${show(given)}, not a string`);
        return undefined;
      }
      const value = given.toWellFormed();
      const accepted = this.#values?.[depth];
      if (accepted?.has(value) === false) {
        const list = [...accepted].map(show).join(', ');
        this.#reject(() => `the label ${show(name)} is ${show(value)}; accepted are ${list}`);
        return undefined;
      }
      values.push(value);
    }
    return values;
  }

  #whole(values: readonly string[]): readonly string[] {
    return this.#constants.length === 0 ? values : [...this.#constants, ...values];
  }

  #find(values: readonly string[]): Handle | null | undefined {
    let node: Branch<Handle> | Handle | null | undefined = this.#root;
    for (const value of values) {
      node = (node as Branch<Handle>).get(value);
      if (node === undefined) return undefined;
    }
    return node as Handle | null;
  }

  #keep(values: readonly string[], handle: Handle | null): void {
    let branch = this.#root;
    const last = values.length - 1;
    for (const value of values.slice(0, last)) {
      let next = branch.get(value) as Branch<Handle> | undefined;
      if (next === undefined) branch.set(value, (next = new Map()));
      branch = next;
    }
    branch.set(values[last], handle);
  }

  /** Takes a handle out of the tree, and every branch that is empty without it. */
  #prune(values: readonly string[]): Handle | null | undefined {
    const path: Branch<Handle>[] = [];
    let node: Branch<Handle> | Handle | null | undefined = this.#root;
    for (const value of values) {
      if (node === undefined) return undefined;
      path.push(node as Branch<Handle>);
      node = (node as Branch<Handle>).get(value);
    }
    if (node === undefined) return undefined;
    for (let depth = values.length - 1; depth >= 0; depth--) {
      const branch = path[depth]!;
      branch.delete(values[depth]);
      if (branch.size > 0) break;
    }
    return node as Handle | null;
  }

  #refuse(values: readonly string[]): Handle {
    for (const warning of this.#meter.takeWarnings()) warn(warning);
    if (this.#refused >= MOST_REFUSED) this.#forgetRefused();
    this.#keep(values, null);
    this.#refused += 1;
    return this.#overflow;
  }

  /** Asking costs 50 times as much as remembering: 1,700 ns against 30. */
  #refuseAgain(): Handle {
    this.#usesOfRefused += 1;
    if (this.#usesOfRefused === USES_IN_BATCH) {
      this.#countUses();
      this.#batches += 1;
      if (this.#batches === BATCHES_BEFORE_ASKING) this.#forgetRefused();
    }
    return this.#overflow;
  }

  #countUses(): void {
    this.#meter.countOverflow(this.#placement.family, this.#usesOfRefused);
    this.#usesOfRefused = 0;
  }

  #forgetRefused(): void {
    if (this.#refused === 0) return;
    forgetNulls(this.#root);
    this.#countUses();
    this.#refused = 0;
    this.#batches = 0;
  }

  /**
   * Labels that are no object, a getter that throws, or no memory left in this thread. Apart from
   * `with()`, because a closure there would have every call of it allocate what it closes over.
   */
  #fail(labels: Labels, error: unknown): Handle {
    return this.#reject(() => `with(${show(labels)}) failed: ${String(error)}`);
  }

  #reject(why: () => string): Handle {
    this.#rejected.inc();
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      warn({
        code: 'NANOMETER_LABELS_REJECTED',
        message:
          `${this.#name}: ${why()}. It is recorded in the overflow series instead; ` +
          'nanometer.labels_rejected counts how often that happens.',
      });
    }
    return this.#overflow;
  }
}

/** Takes every `null` out of a tree, and every branch that is empty without it. */
function forgetNulls(branch: Branch<unknown>): void {
  for (const [value, node] of branch) {
    if (node instanceof Map) forgetNulls(node as Branch<unknown>);
    if (node === null || (node instanceof Map && node.size === 0)) branch.delete(value);
  }
}
