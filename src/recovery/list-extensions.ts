import { disconnect, type Connection } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';

const questionTimeoutMs = 30_000;

/** Names of the extensions of a database, which is only read. */
export async function listExtensionsOf(connection: Connection): Promise<string[]> {
  const client = await connectToSource(connection, { timeoutMs: questionTimeoutMs });
  try {
    const { rows } = await client.query<{ name: string }>('select extname::text as name from pg_catalog.pg_extension');
    return rows.map(({ name }) => name);
  } finally {
    await disconnect(client);
  }
}
