import type { OpenDump } from '../backup/format/backup-format.ts';
import type { Finding } from '../evidence/schema.ts';
import type { ListedEntry } from '../postgres/listed-entry.ts';
import { nameKey } from '../postgres/name-key.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import { differentRows } from '../restore/compare-contents.ts';
import { compareRows } from '../restore/oracle/compare-rows.ts';
import type { Part } from '../restore/part/choose-part.ts';
import { qualify } from '../restore/part/find-tables.ts';
import { toFinding } from '../restore/to-finding.ts';
import { tolerateDifferences, weighTolerated } from '../restore/tolerance.ts';
import type { Relation } from '../snapshot/catalog.ts';
import { isUnread } from '../snapshot/compare-tables.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import { nameInSql } from '../snapshot/find-table.ts';
import { readTables } from '../snapshot/read-tables.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
import { elsewhere, findDifferences } from '../snapshot/weigh.ts';
import { withReading } from './read-session.ts';
import type { RecoveryServer } from './recovery-server.ts';
import type { RecoveryRequest } from './request.ts';

/** What came of comparing the tables of a part with what the backup has of them. */
export interface ComparedPart {
  verdict: 'verified' | 'different' | 'not-compared';
  tables: TableSnapshot[];
  findings: Finding[];
}

/** A part that has been restored. */
interface RestoredTables {
  name: string;
  part: Part;
  dump: OpenDump;
  /** What the dump holds by its own account, where there is no manifest. */
  contents: DumpedContents | null;
}

/**
 * Compares the rows of the tables that were asked for with the manifest; without one, with the bytes of the dump.
 * @throws OperationalError for what is not the backup's fault
 */
export async function comparePart(
  server: RecoveryServer,
  request: RecoveryRequest,
  restored: RestoredTables,
): Promise<ComparedPart> {
  const { backup, profile, limits } = request;
  const { manifest } = backup.examination;
  const { name, part } = restored;
  const digestVersion = manifest?.snapshot.digestVersion ?? currentDigest;
  const isOfPart = namesOf(part.tables);
  const tables = await withReading(server, name, limits, (client) =>
    readTables({ client, digestVersion }, ({ qualifiedName }: Relation) => isOfPart(qualifiedName)),
  );
  const unread = tables.filter(isUnread).map(notRead);
  if (manifest === null) {
    const differing = await compareWithDump(server, request, restored);
    const findings = [...unread, ...differing].map((each) => weighTolerated(each, profile.tolerate, new Date()));
    return { verdict: findings.some(isError) ? 'different' : 'not-compared', tables, findings };
  }
  const { snapshot, serverVersion } = manifest;
  const expected = { ...snapshot, tables: snapshot.tables.filter((table) => isOfPart(nameInSql(table))) };
  const reference = elsewhere(serverVersion, server.serverVersion);
  const findings = findDifferences(expected, { ...snapshot, tables }, reference, ['tables'])
    .map(tolerateDifferences(profile.tolerate, new Date()))
    .map(toFinding);
  const all = [...unread, ...findings];
  return { verdict: all.some(isError) ? 'different' : 'verified', tables, findings: all };
}

/** Whether a table, as SQL names it, is one of these. */
export function namesOf(tables: ListedEntry[]): (name: string) => boolean {
  const keys = new Set(tables.map((table) => nameKey(qualify(table))));
  return (name) => keys.has(nameKey(name));
}

async function compareWithDump(
  server: RecoveryServer,
  { limits }: RecoveryRequest,
  { name, part, dump, contents }: RestoredTables,
): Promise<Finding[]> {
  if (contents === null) throw new Error('Nothing says what the backup has to hold.');
  const isOfPart = namesOf(part.tables);
  const held = new Map([...contents.tables].filter(([table]) => isOfPart(table)));
  await using reader = await server.openReader(name);
  const rows = await compareRows(
    { reader: reader.connection, runner: server.tools, limits },
    {
      contents: { ...contents, tables: held },
      async hashEachRow(tables) {
        const read = await dump.readContents(tables);
        if (Array.isArray(read)) throw new Error('A dump that could be read once cannot be read again.');
        return read.tables;
      },
    },
  );
  return rows.tables.filter(({ outcome }) => outcome === 'different').map(differentRows);
}

function notRead({ name, notRead: reason }: TableSnapshot): Finding {
  return {
    rule: 'TABLE_NOT_READ',
    severity: 'error',
    object: name,
    message: `The rows of ${name} could not be read, and so were not compared: ${reason ?? ''}.`,
    remedy: 'Restore with a role that may read every table.',
  };
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
