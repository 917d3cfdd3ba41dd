import pg from 'pg';

/** A column as the digest needs to know it. `type` is the base type's name where it is one of pg_catalog, else null. */
export interface DigestColumn {
  name: string;
  type: string | null;
  /** False for a collation under which different strings can be equal. */
  deterministic: boolean;
}

/**
 * Types of which two values that hash alike also print alike. `hash_record_extended` follows a type's equality, which
 * is too lenient for the others: numeric 1.0 = 1.00, float 0 = -0, an interval of 1 month = 30 days, char ignores
 * trailing blanks, jsonb holds numerics, arrays of different shape hash alike, an enum hashes its oid. Those, and types
 * without a hash, go through their text output, which a restore has to reproduce to the letter.
 */
const hashableTypes = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'oid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'bytea',
  'text',
  'varchar',
  'char',
  'name',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'pg_lsn',
]);

/**
 * The query that counts and digests the rows of one relation: a row with `rows`, and `low` and `high`, two sums of
 * 64-bit hashes under different seeds.
 *
 * A sum does not depend on the order of rows. The hash of a record alone would not do as its term: it is linear in the
 * hashes of the columns (`h * 31 + column`, record_hash in PostgreSQL's rowtypes.c), so two rows that swap values would
 * leave the sum as it was; `hashint8extended` on top breaks that up. Columns are named in the order of their names, for
 * an inherited table may come back with another order.
 */
export function digestQuery(qualifiedName: string, columns: DigestColumn[]): string {
  const record = recordExpression(columns);
  return `
    select
      pg_catalog.count(*)::text as rows,
      pg_catalog.sum(${rowHash(record, 0)})::text as low,
      pg_catalog.sum(${rowHash(record, 1)})::text as high
    from only ${qualifiedName} as t`;
}

/** Puts two sums, as the query gives them (null for no rows), together to the digest: each modulo 2^64, in hexadecimal. */
export function formatDigest(low: string | null, high: string | null): string {
  return [high, low]
    .map((sum) =>
      BigInt.asUintN(64, BigInt(sum ?? 0))
        .toString(16)
        .padStart(16, '0'),
    )
    .join('');
}

/** Two expressions that hash a row of the relation `t` under different seeds. */
export function rowHashes(columns: DigestColumn[]): [string, string] {
  const record = recordExpression(columns);
  return [rowHash(record, 0), rowHash(record, 1)];
}

function rowHash(record: string, seed: number): string {
  return `pg_catalog.hashint8extended(pg_catalog.hash_record_extended(${record}, ${seed}), ${seed})`;
}

function recordExpression(columns: DigestColumn[]): string {
  const hashed = columns.filter(isHashable).map(reference);
  const printed = columns.filter((column) => !isHashable(column)).map(reference);
  // The text of a record tells NULL from an empty string and goes through each type's output function, past any cast.
  if (printed.length > 0) hashed.push(`(row(${printed.join(', ')})::pg_catalog.text collate "C")`);
  return `row(${hashed.join(', ')})`;
}

function isHashable({ type, deterministic }: DigestColumn): boolean {
  return type !== null && hashableTypes.has(type) && deterministic;
}

function reference({ name }: DigestColumn): string {
  return `t.${pg.escapeIdentifier(name)}`;
}
