import type { BackupFinding } from '../backup/format/backup-finding.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';

/** The database that a profile is of. */
export interface ExpectedDatabase {
  database: string;
  /** Tables that it is known to have, as the profile names them. */
  tables: readonly string[];
}

/**
 * That a plain dump is of another database than the profile: it names its database only with --create, and tells it by its tables. What is of another database is compared with nothing of this one. Pure.
 */
export function findOtherDatabase(
  { entries, tables: filled }: Pick<DumpedContents, 'entries' | 'tables'>,
  { database, tables }: ExpectedDatabase,
): BackupFinding[] {
  const [created] = entries.get('DATABASE') ?? [];
  if (created !== undefined && created !== database)
    return [other(`It is of the database ${created}, not of ${database}`)];
  const relations = ['TABLE', 'FOREIGN TABLE', 'VIEW', 'MATERIALIZED VIEW'].flatMap((type) => [
    ...(entries.get(type) ?? []),
  ]);
  const known = new Set([...relations, ...filled.keys()].map(bare));
  if (known.size === 0 || tables.length === 0 || tables.some((name) => known.has(bare(name)))) return [];
  return [other(`It has none of the tables that the profile names (${list(tables)}), but ${list([...known])}`)];
}

function other(what: string): BackupFinding {
  return {
    rule: 'BACKUP_OF_ANOTHER_DATABASE',
    message: `The dump is of another database, or of a part of this one. ${what}.`,
    remedy:
      'Take it with the profile of its database (--config), or correct "database" and "tables" in this one. If it is a part: dump without --schema and --table.',
  };
}

/** Entries name tables without quotes, rows and profiles with them where SQL wants them. */
function bare(name: string): string {
  return name.replaceAll('"', '').replace(/^public\./, '');
}

function list(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${more}`;
}
