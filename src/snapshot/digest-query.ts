import pg from 'pg';
import { currentDigest, rowHashings, type DigestVersion } from './digest-version.ts';

/** A column as the digest needs to know it. `type` is the base type's name where it is one of pg_catalog, else null. */
export interface DigestColumn {
  name: string;
  type: string | null;
  /** False for a collation under which different strings can be equal. */
  deterministic: boolean;
}

/**
 * The query that counts and digests the rows of one relation, or of a query: a row with `rows`, and `low` and `high`, two sums of
 * 64-bit hashes under different seeds.
 *
 * A sum does not depend on the order of rows. The hash of a record alone would not do as its term: it is linear in the
 * hashes of the columns (`h * 31 + column`, record_hash in PostgreSQL's rowtypes.c), so two rows that swap values would
 * leave the sum as it was; it is mixed once more. Columns are named in the order of their names, for an inherited table
 * may come back with another order. `offset '0'` keeps the planner from making the record once for each sum: texts of jsonb, and
 * values that are stored apart, are worth it.
 * @param from the relation, quoted and with its schema, or a query that gives the same columns
 * @param condition a WHERE clause for the rows, or nothing
 */
export function digestQuery(
  from: string | { query: string },
  columns: DigestColumn[],
  version: DigestVersion = currentDigest,
  condition = '',
): string {
  return `
    select
      pg_catalog.count(*)::text as rows,
      pg_catalog.sum(${recordHash('r.record', 0, version)})::text as low,
      pg_catalog.sum(${recordHash('r.record', 1, version)})::text as high
    from (
      select ${recordExpression(columns, version)} as record
      from ${typeof from === 'string' ? `only ${from}` : `(${from.query})`} as t ${condition}
      offset '0'
    ) as r`;
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
export function rowHashes(columns: DigestColumn[], version: DigestVersion = currentDigest): [string, string] {
  const record = recordExpression(columns, version);
  return [recordHash(record, 0, version), recordHash(record, 1, version)];
}

/** An expression that hashes a record, a row of PostgreSQL's, to 64 bits. */
export function recordHash(record: string, seed: number, version: DigestVersion): string {
  return rowHashings[version].mix(`pg_catalog.hash_record_extended(${record}, ${seed})`, seed);
}

function recordExpression(columns: DigestColumn[], version: DigestVersion): string {
  const { hashed } = rowHashings[version];
  const parts: string[] = [];
  const printed: string[] = [];
  for (const { name, type, deterministic } of columns) {
    const column = `t.${pg.escapeIdentifier(name)}`;
    const hash = deterministic ? hashed[String(type)] : undefined;
    if (hash === undefined) printed.push(column);
    else parts.push(hash(`${column}::pg_catalog.${pg.escapeIdentifier(String(type))}`));
  }
  // The text of a record tells NULL from an empty string and goes through each type's output function, past any cast.
  if (printed.length > 0) parts.push(`(row(${printed.join(', ')})::pg_catalog.text collate "C")`);
  return `row(${parts.join(', ')})`;
}
