import type { Profile } from '../config/profile.ts';
import type { Counts, Finding } from '../evidence/schema.ts';

/**
 * Compares how much a backup holds with what an earlier one held: a table that lost more rows than the profile takes for
 * usual is a finding, with both figures. Pure.
 * @param earlier row counts of the last rehearsal that was verified, by table: what was restored counts
 * @param now row counts of this one
 */
export function compareVolume(
  earlier: Counts,
  now: Counts,
  { mayShrinkBy, tables }: Profile['volume'],
  of: { earlier: string },
): Finding[] {
  return Object.entries(earlier).flatMap(([table, { after: before }]) => {
    if (before === null || before === 0) return [];
    const rows = now[table]?.after ?? 0;
    const tolerance = tables[table] ?? mayShrinkBy;
    const loss = (before - rows) / before;
    if (loss <= tolerance) return [];
    return [
      {
        rule: 'TABLE_SHRANK',
        severity: 'error' as const,
        object: table,
        message: `${table} holds ${rows} rows; the backup of ${of.earlier}, the last one that was verified, held ${before}. It may shrink by ${percent(tolerance)}, and shrank by ${percent(loss)}.`,
        remedy: `See in production what became of the rows before older backups go. If it is right, allow it for this table: volume: { tables: { ${JSON.stringify(table)}: '${percent(Math.min(1, loss + 0.01))}' } }.`,
      },
    ];
  });
}

/** Rounded down: a loss that is too large must not look like one that is not. */
function percent(fraction: number): string {
  return `${Math.floor(fraction * 1000) / 10}%`;
}
