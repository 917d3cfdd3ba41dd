import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { hashFile, writeChecksum } from '../../backup/checksum.ts';
import type { Connection } from '../../postgres/connection.ts';
import { createDatabase, dropDatabase } from '../../postgres/database.ts';
import { dumpDatabase } from '../../postgres/dump.ts';
import { toolLimits } from '../limits.ts';
import type { BackupCopy } from './backup-copy.ts';
import { seal } from './damage-archive.ts';
import type { Fault } from './fault.ts';

const common = { kind: 'archive', before: 'examine', verdict: 'not-verified' } as const;

/** Files that do not belong together, and backups of something else or of less. */
export const backupFaults: Fault[] = [
  {
    ...common,
    name: 'the checksum is of another file',
    failsAt: 'examine',
    finding: 'CHECKSUM_MISMATCH',
    async damage(copy) {
      const { checksum, dump } = copy.set;
      await writeChecksum(checksum, createHash('sha256').digest('hex'), dump);
    },
  },
  {
    ...common,
    name: 'the checksum file is missing',
    failsAt: 'examine',
    finding: 'CHECKSUM_MISSING',
    damage: (copy) => rm(copy.set.checksum),
  },
  {
    ...common,
    name: 'the manifest is cut',
    failsAt: 'examine',
    finding: 'MANIFEST_INVALID',
    damage: (copy) => writeFile(copy.set.manifest, '{"schemaVersion": 1, "database'),
  },
  {
    ...common,
    name: 'the dump is older than its manifest',
    failsAt: 'examine',
    finding: 'MANIFEST_MISMATCH',
    async damage(copy) {
      const { checksum, dump } = copy.set;
      await replaceDump(copy, copy.served.asOwner, ['--exclude-table-data=*.lines']);
      await writeChecksum(checksum, (await hashFile(dump)).sha256, dump);
    },
  },
  {
    ...common,
    name: 'the dump is of another database',
    failsAt: 'examine',
    finding: 'BACKUP_OF_ANOTHER_DATABASE',
    async damage(copy) {
      const { admin } = copy.served.server;
      const another = { ...copy.served.asOwner, database: `${copy.site.name}_another` };
      await createDatabase(admin, another);
      await replaceDump(copy, another, []);
      await dropDatabase(admin, another.database);
      await seal(copy);
    },
  },
  lesser('the dump holds no rows', ['--schema-only'], 'ROW_COUNT_MISMATCH'),
  lesser('the rows of one table were left out', ['--exclude-table-data=*.lines'], 'ROW_COUNT_MISMATCH'),
  lesser('one table was left out', ['--exclude-table=*.lines'], 'TABLE_MISSING'),
  lesser('large objects were left out', ['--no-blobs'], 'LARGE_OBJECT_COUNT_MISMATCH'),
];

/** A backup that went well, but not of everything. */
function lesser(name: string, selection: string[], finding: string): Fault {
  return {
    ...common,
    name,
    failsAt: 'compare',
    finding,
    async damage(copy) {
      await replaceDump(copy, copy.served.asOwner, selection);
      await seal(copy);
    },
  };
}

async function replaceDump(copy: BackupCopy, source: Connection, selection: string[]): Promise<void> {
  const file = copy.set.dump;
  await rm(file);
  const { exitCode, stderr } = await dumpDatabase(
    copy.served.server,
    source,
    null,
    file,
    toolLimits(copy.served.drill),
    {
      selection,
    },
  );
  if (exitCode !== 0) throw new Error(`The other dump could not be taken: ${stderr}`);
}
