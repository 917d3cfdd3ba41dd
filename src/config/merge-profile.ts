/** What stands in place of the keys of a profile, for one database of several: nothing but JSON. */
export type Overrides = Readonly<Record<string, unknown>>;

/** A profile with the keys of one database over its own: an object goes into an object, anything else in its place. Pure. */
export function mergeProfile(base: Overrides, overrides: Overrides): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    const own = Object.hasOwn(base, key) ? base[key] : undefined;
    define(merged, key, isPlain(own) && isPlain(value) ? mergeProfile(own, value) : value);
  }
  return merged;
}

/** Also where the key is `__proto__`, which a JSON file may bring. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
