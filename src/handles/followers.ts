/**
 * Who is told where a handle's cells are, since it writes them too. Apart from the handles, of which
 * there may be very many, and few have one.
 */

/** Is told of a handle's cells, and of the index of the first: now, and whenever they are others. */
export type Follower = (cells: Float64Array, index: number) => void;

const followers = new WeakMap<object, Follower>();

/** The handle has a follower from now on. */
export function setFollower(handle: object, follower: Follower): void {
  followers.set(handle, follower);
}

/** It has none any more. */
export function unfollow(handle: object): void {
  followers.delete(handle);
}

/** The handle has other cells from now on. */
export function tellFollower(handle: object, cells: Float64Array, index: number): void {
  followers.get(handle)?.(cells, index);
}
