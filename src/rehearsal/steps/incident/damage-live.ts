import type { TakenBackup } from '../../../backup/take-backup.ts';
import { findTable } from '../../../snapshot/find-table.ts';
import { emptyTable } from '../../damage.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';

/** Makes the live database lose rows. Makes the name of the table that was emptied. */
export const damageLive: StepBody<{ served: ServedDatabase; taken: TakenBackup }, string> = async (
  { profile },
  { served, taken },
) => {
  const { snapshot } = taken.manifest;
  const filled = snapshot.tables.filter(
    ({ kind, rows }) => (kind === 'table' || kind === 'partitioned') && (rows ?? 0) > 0,
  );
  const first = profile.tables.map((name) => findTable(snapshot, name)?.name);
  const names = [...new Set([...first, ...filled.map(({ name }) => name)])];
  const candidates = names.filter((name) => filled.some((table) => table.name === name)) as string[];
  const lost = await emptyTable(served.asOwner, candidates);
  const rows = filled.find(({ name }) => name === lost)?.rows ?? 0;
  return {
    made: lost,
    summary: `truncate ${lost} cascade: ${rows} rows are gone, and what refers to them`,
    facts: { emptied: lost },
  };
};
