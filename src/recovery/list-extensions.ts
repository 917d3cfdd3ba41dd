import { disconnect, type Connection } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';

const questionTimeoutMs = 30_000;

export interface LiveExtension {
  name: string;
  owner: string;
}

/** The extensions of a database, which is only read. */
export async function listExtensionsOf(connection: Connection): Promise<LiveExtension[]> {
  const client = await connectToSource(connection, { timeoutMs: questionTimeoutMs });
  try {
    const { rows } = await client.query<LiveExtension>(
      'select extname::text as name, pg_catalog.pg_get_userbyid(extowner)::text as owner from pg_catalog.pg_extension',
    );
    return rows;
  } finally {
    await disconnect(client);
  }
}
