/**
 * Counts the calls that cross from JavaScript into addons loaded after `countCrossings()`.
 *
 * It stands between `process.dlopen` and whoever requires an addon, and replaces each function of
 * the addon's exports, and each method of its classes, by one that counts. So it needs no word
 * from the package that is measured, and sees crossings that the package does not know it makes.
 */

/** @returns {{ count: number, addons: number }} Grows as calls are made. */
export function countCrossings() {
  const tally = { count: 0, addons: 0 };
  const dlopen = process.dlopen;
  process.dlopen = function (module, ...rest) {
    dlopen.call(this, module, ...rest);
    tally.addons += 1;
    wrapMembers(module.exports, tally);
  };
  return tally;
}

function wrapMembers(object, tally) {
  for (const [key, { value, writable, configurable }] of Object.entries(
    Object.getOwnPropertyDescriptors(object),
  )) {
    if (typeof value !== 'function' || key === 'constructor') continue;
    if (value.prototype) wrapMembers(value.prototype, tally);
    if (writable || configurable)
      Object.defineProperty(object, key, { value: counted(value, tally) });
  }
}

function counted(original, tally) {
  return new Proxy(original, {
    apply(target, self, args) {
      tally.count += 1;
      return Reflect.apply(target, self, args);
    },
    construct(target, args, newTarget) {
      tally.count += 1;
      return Reflect.construct(target, args, newTarget);
    },
  });
}
