import { withDisposable } from '../../postgres/disposable.ts';
import { findTable, nameInSql } from '../../snapshot/find-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { BackupCopy } from './backup-copy.ts';
import type { Fault } from './fault.ts';

/** A lost row in each table that the profile names. A table without rows has none to lose: specimens stand in for it. */
export function tableFaults(tables: string[], reference: Snapshot): Fault[] {
  const filled = tables.filter((name) => (findTable(reference, name)?.rows ?? 0) > 0);
  return filled.map((table) => ({
    name: `a row of ${table} is lost`,
    kind: 'restored state',
    before: 'compare',
    failsAt: 'compare',
    finding: 'ROW_COUNT_MISMATCH',
    verdict: 'not-verified',
    damage: (copy) => deleteOneRow(copy, table),
  }));
}

async function deleteOneRow(copy: BackupCopy, table: string): Promise<void> {
  const name = nameInSql(findTable(copy.snapshot, table) ?? { name: table });
  await withDisposable(copy.site.asAdmin, async (client) => {
    // Foreign keys would keep some rows from being lost.
    await client.query('set session_replication_role to replica');
    await client.query(`delete from ${name} where ctid = any (array(select ctid from ${name} limit 1))`);
  });
}
