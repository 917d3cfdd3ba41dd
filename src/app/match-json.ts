/**
 * Where a JSON answer differs from what is expected of it, as a path like `$.user.roles[0]`, or null if it holds all of
 * it. Objects may have further keys, at any depth; arrays and plain values have to be equal. Pure.
 */
export function findMismatch(actual: unknown, expected: unknown, path = '$'): string | null {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return path;
    return first(expected.map((element, index) => findMismatch(actual[index], element, `${path}[${index}]`)));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return path;
    return first(
      Object.entries(expected).map(([key, value]) =>
        Object.hasOwn(actual, key) ? findMismatch(actual[key], value, `${path}.${key}`) : `${path}.${key}`,
      ),
    );
  }
  return actual === expected ? null : path;
}

function first(mismatches: (string | null)[]): string | null {
  return mismatches.find((mismatch) => mismatch !== null) ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
