/**
 * What is somewhere in a trace, so that something can be put below it: a span, an element of a flow,
 * what a caller sent along. Each says where it is by methods under the symbols here, so that nothing
 * in this folder knows whose they are. An object that only inherits them answers as no place does.
 */
import type { ActiveSerial } from '../handles/active-serial';
import type { Origin } from './origin';

/** The method that says where a place is: see {@link Place}. */
export const LOCATE: unique symbol = Symbol('nanometer.locate');
/** The method that has a thread be at work on a place: see {@link ActivePlace}. */
export const ACTIVATE: unique symbol = Symbol('nanometer.activate');

/** See the file. */
export interface Place {
  /** Looks up where it is. Gives the same origin; `null`: nowhere; `undefined`: it is no place. */
  [LOCATE](into: Origin): Origin | null | undefined;
}

/** A place that code can be part of. */
export interface ActivePlace extends Place {
  /** This thread is at work on its local trace from now on, as that cell says. False: it is none. */
  [ACTIVATE](active: ActiveSerial): boolean;
}
