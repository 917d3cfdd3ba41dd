/**
 * How rows are hashed. Digests can only be compared with others of the same version; a manifest says which it holds.
 * Version 1 does not see some changes: it hashes an int8, a timestamp, a time and a pg_lsn with 32 bits, and each row with 32.
 */
export const digestVersions = [1, 2] as const;

export type DigestVersion = (typeof digestVersions)[number];

/** The version that new digests are made with. */
export const currentDigest: DigestVersion = 2;

/** One way to hash a row. Expressions are SQL. */
interface RowHashing {
  /**
   * What is hashed of a column, by its base type. Types that are not among these go through their text.
   * @param column the column, cast to its base type
   */
  hashed: Record<string, (column: string) => string>;
  /** Breaks up the hash of a record, which is linear in those of its columns: see digest-query.ts. */
  mix(hash: string, seed: number): string;
}

const asItIs = (column: string) => column;
/**
 * `hashint8extended` folds the upper half of a number onto the lower before it hashes (hashfunc.c), so that an int8 hashes
 * like an equal int4; types that are such a number inside do the same. The function that sends a value in the binary format
 * gives all its bytes, which are hashed whole.
 */
const asBytes = (send: string) => (column: string) => `pg_catalog.${send}(${column})`;

/**
 * Types of which two values that hash alike also print alike. `hash_record_extended` follows a type's equality, which
 * is too lenient for the others: numeric 1.0 = 1.00, float 0 = -0, an interval of 1 month = 30 days, char ignores
 * trailing blanks, jsonb holds numerics, arrays of different shape hash alike, an enum hashes its oid.
 */
const hashedAsTheyAre = {
  bool: asItIs,
  int2: asItIs,
  int4: asItIs,
  oid: asItIs,
  date: asItIs,
  uuid: asItIs,
  bytea: asItIs,
  text: asItIs,
  varchar: asItIs,
  char: asItIs,
  name: asItIs,
  inet: asItIs,
  cidr: asItIs,
  macaddr: asItIs,
  macaddr8: asItIs,
};

export const rowHashings: Record<DigestVersion, RowHashing> = {
  1: {
    hashed: {
      ...hashedAsTheyAre,
      int8: asItIs,
      time: asItIs,
      timestamp: asItIs,
      timestamptz: asItIs,
      pg_lsn: asItIs,
    },
    mix: (hash, seed) => `pg_catalog.hashint8extended(${hash}, ${seed})`,
  },
  2: {
    hashed: {
      ...hashedAsTheyAre,
      int8: asBytes('int8send'),
      time: asBytes('time_send'),
      timestamp: asBytes('timestamp_send'),
      timestamptz: asBytes('timestamptz_send'),
      pg_lsn: asBytes('pg_lsn_send'),
    },
    // The one function of PostgreSQL that takes all 64 bits of a number: as its seed.
    mix: (hash, seed) => `pg_catalog.hashint4extended(${seed}, ${hash})`,
  },
};
