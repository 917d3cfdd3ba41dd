/** Images whose tags are numbered by the extension that they bring: `citusdata/citus:12.1` is of PostgreSQL 16. */
const ofOtherNumbers = /(?:^|\/)citusdata\/citus$/;

/** No image has an older one that anybody would restore into. */
const oldest = 9;

/**
 * The major version of PostgreSQL that an image's tag names: 16 for `postgres:16-alpine`, `timescaledb:2.17-pg16`,
 * `age:release_PG16_1.6.0` and `citus:postgres_16`; null where it names none. Pure.
 */
export function imageMajor(image: string): number | null {
  const [, repository = '', tag = ''] = /^(.*?)(?::([^/:]*))?(?:@.*)?$/.exec(image) ?? [];
  const named = /(?:pg|postgres_?)(\d+)/i.exec(tag)?.[1];
  const numbered = ofOtherNumbers.test(repository) ? undefined : /^(\d+)/.exec(tag)?.[1];
  const major = Number(named ?? numbered ?? 0);
  return major < oldest ? null : major;
}
