import pg from 'pg';
import { withClient, type Connection } from './connection.ts';

/** What an archive says of its extensions. */
export interface ArchiveExtensions {
  names: string[];
  /** The table of contents without them and without what only their owner may do. */
  rest: string;
}

/**
 * Reads the extensions from a table of contents as `pg_restore --list` writes it: `3; 3079 16390 EXTENSION - hstore`,
 * and `3214; 0 0 COMMENT - EXTENSION hstore`. Pure.
 */
export function readExtensions(list: string): ArchiveExtensions {
  const lines = list.split('\n');
  const names = lines.flatMap((line) => /^\d+; \d+ \d+ EXTENSION - (.*?) *$/.exec(line)?.[1] ?? []);
  const rest = lines.filter((line) => !/^\d+; \d+ \d+ (?:EXTENSION - |COMMENT - EXTENSION )/.test(line)).join('\n');
  return { names, rest };
}

/**
 * Creates extensions with the superuser, as only it may create those that are not trusted.
 * @returns those that are new
 * @throws the server's own error, for example for an extension that is not installed on its machine
 */
export async function createExtensions(admin: Connection, names: string[]): Promise<string[]> {
  const created: string[] = [];
  await withClient(admin, async (client) => {
    const { rows } = await client.query<{ extname: string }>('select extname from pg_catalog.pg_extension');
    for (const name of names.filter((each) => !rows.some(({ extname }) => extname === each))) {
      await client.query(`create extension if not exists ${pg.escapeIdentifier(name)} cascade`);
      created.push(name);
    }
  });
  return created;
}
