import pg from 'pg';
import { withDisposable, type DisposableConnection } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import { nameInSql } from '../snapshot/find-table.ts';

/**
 * Does to a database what it is restored for: deletes all rows of a table, and of those that refer to it, as the role that
 * owns them. Takes the first one that holds rows and can be emptied.
 * @param tables by name, as snapshots name them: quoted where it is needed
 * @returns the table
 * @throws OperationalError PROFILE_INVALID where there is none
 */
export async function emptyTable(owner: DisposableConnection, tables: string[]): Promise<string> {
  return withDisposable(owner, async (client) => {
    await client.query("set lock_timeout = '10s'");
    for (const table of tables) {
      try {
        await client.query(`truncate ${nameInSql({ name: table })} cascade`);
        return table;
      } catch (error) {
        // A foreign key cannot be in the way, but a trigger or a right can.
        if (!(error instanceof pg.DatabaseError)) throw error;
      }
    }
    const message =
      'The seed has no table with rows that the owner of the database can empty: there is nothing to damage.';
    throw new OperationalError('PROFILE_INVALID', message);
  });
}
