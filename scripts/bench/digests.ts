import { withClient } from '../../src/postgres/connection.ts';
import { listRelations } from '../../src/snapshot/catalog.ts';
import { digestQuery } from '../../src/snapshot/digest-query.ts';
import { pinSettings } from '../../src/snapshot/pinned-settings.ts';
import { byHand, type BenchServer } from './bench-server.ts';
import { connectionOf, runShell } from './by-hand.ts';
import { comparePairs } from './pairs.ts';

/** A sends every row of every table to a psql that throws it away, B digests every row of every table; one session each. */
export async function compareDigests({ served, pid }: BenchServer, pairs: number) {
  const { relations, queries } = await withClient(served.asAdmin, async (client) => {
    await pinSettings(client);
    const listed = await listRelations(client);
    return {
      relations: listed.map(({ qualifiedName }) => qualifiedName),
      queries: listed.map(({ qualifiedName, columns }) => digestQuery(qualifiedName, columns)),
    };
  });
  const copies = relations.map((name) => `copy ${name} to stdout;`).join(' ');
  return comparePairs(pairs, {
    a: () => runShell(`psql -X -d ${byHand} > /dev/null <<'SQL'\n${copies}\nSQL`, connectionOf(served.server.admin)),
    b: () =>
      withClient(served.asAdmin, async (client) => {
        await pinSettings(client);
        for (const query of queries) await client.query(query);
      }),
    servers: pid === null ? [] : [pid],
  });
}
