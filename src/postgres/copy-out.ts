import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { CopyHash } from './rows-hash.ts';

/** How rows are asked for: what decides the text of a value, and what a dump does not say of its source. */
export interface TextSettings {
  /** A name that PostgreSQL knows: `UTC`, `Europe/Berlin`. */
  timeZone: string;
  byteaOutput: 'hex' | 'escape';
  /** Of the rows, as PostgreSQL names it: `UTF8`. Names in a session of ours are UTF-8 whatever this is. */
  encoding: string;
  /** With quotes around every name (pg_dump --quote-all-identifiers): some values are names. */
  quotesAll: boolean;
}

/**
 * Sets a session up so that COPY prints as pg_dump's does (setup_connection in pg_dump.c), and reads a table from its start and in
 * its order.
 */
export async function setTextFormat(client: pg.Client, { timeZone, byteaOutput, quotesAll }: TextSettings) {
  const settings = {
    timezone: timeZone,
    bytea_output: byteaOutput,
    quote_all_identifiers: quotesAll ? 'on' : 'off',
    datestyle: 'ISO',
    intervalstyle: 'postgres',
    extra_float_digits: '3',
    synchronize_seqscans: 'off',
    max_parallel_workers_per_gather: '0',
    row_security: 'off',
  };
  await client.query(
    `select pg_catalog.set_config(name, value, false)
    from unnest($1::text[], $2::text[]) as pinned (name, value)`,
    [Object.keys(settings), Object.values(settings)],
  );
}

/** Hashes what a COPY … TO STDOUT prints, in text format. @throws pg.DatabaseError */
export async function hashCopy(client: pg.Client, copy: string, order: 'kept' | 'any'): Promise<string> {
  const hash = new CopyHash(order);
  await readCopy(client, copy, (text) => {
    hash.add(text);
  });
  return hash.end();
}

/** Hands on what a COPY … TO STDOUT prints, in pieces of one character a byte. @throws pg.DatabaseError */
export async function readCopy(client: pg.Client, copy: string, onText: (text: string) => void): Promise<void> {
  await pipeline(client.query(copyTo(copy)), async (source) => {
    for await (const chunk of source) onText((chunk as Buffer).toString('latin1'));
  });
}
